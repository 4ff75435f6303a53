-- Indexes for matching people: composite ones on the five traits and the four styles, and on interests, destinations, region and place.

create index idx_personality_assessments_traits
    on public.personality_assessments (openness, conscientiousness, extraversion, agreeableness, neuroticism);
create index idx_personality_assessments_styles
    on public.personality_assessments (adventure_style, budget_preference, planning_style, group_preference);
-- Complete assessments in the order of change: what is new since the last run.
create index idx_personality_assessments_complete
    on public.personality_assessments (updated_at)
    where num_nulls(openness, conscientiousness, extraversion, agreeableness, neuroticism) = 0;

create index idx_travel_preferences_home_region  on public.travel_preferences (home_region);
create index idx_travel_preferences_interests    on public.travel_preferences using gin (interests);
create index idx_travel_preferences_destinations on public.travel_preferences using gin (destinations);

-- The geospatial index is PostgreSQL's own point under GiST (x is the longitude, y the latitude), for
-- boxes (<@) and nearest neighbours (<->). It is no index on earthdistance: that extension is not
-- trusted, so that a login without superuser cannot create it, and the schema would depend on the server.
create index idx_travel_preferences_home_location
    on public.travel_preferences using gist (point(home_longitude::double precision, home_latitude::double precision))
    where home_latitude is not null;
