-- Undoes 20240914_007: the registry of models with their artefacts, training data, behaviour.

drop trigger remove_learning_data on public.profiles;
drop function app_private.remove_learning_data();
drop table public.user_behavior_data;
drop table public.model_training_data;
drop table public.compatibility_model_versions;
