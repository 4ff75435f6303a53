-- What models learn from: labelled pairs with their trip, and who had been shown to whom when people met.

alter table public.model_training_data add column trip_id uuid;
comment on column public.model_training_data.trip_id is
  'The booking or group in which the two travelled; pairs of one trip are no independent evidence';

grant select, insert, update, delete on public.model_training_data to compat_engine;
create policy "The engine keeps the training data" on public.model_training_data for all to compat_engine
  using (true) with check (true);
