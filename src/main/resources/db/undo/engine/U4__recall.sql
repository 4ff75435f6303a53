-- Undoes V4: how much of the exact lists runs found.

alter table compat.runs drop column recall;
