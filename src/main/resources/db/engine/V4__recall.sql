-- How much of the exact lists a run found that could not look at every pair with its model.

alter table compat.runs add column recall numeric check (recall between 0 and 1);
comment on column compat.runs.recall is
  'Share of the exact top K of a sample of people that is in their lists; null for a model that ranks every candidate';
