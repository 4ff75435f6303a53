-- Undoes 20240914_002: vendors, their papers, and what they offer.

drop function public.my_vendor();
drop table public.vendor_insurance;
drop table public.vendor_certifications;
drop table public.adventure_media;
drop table public.adventure_availability;
drop table public.adventures;
drop table public.vendors;
drop type public.difficulty_level;
drop type public.adventure_category;
drop type public.vendor_status;
