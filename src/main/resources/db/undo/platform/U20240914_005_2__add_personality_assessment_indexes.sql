-- Undoes 20240914_005_2: indexes alone.

drop index public.idx_personality_assessments_complete;
drop index public.idx_personality_assessments_styles;
drop index public.idx_personality_assessments_traits;
drop index public.idx_travel_preferences_destinations;
drop index public.idx_travel_preferences_home_location;
drop index public.idx_travel_preferences_home_region;
drop index public.idx_travel_preferences_interests;
