-- The application has a function semantic_analysis_reserve of other arguments.
-- in the way: semantic_analysis_reserve
create function public.semantic_analysis_reserve(x int) returns int language sql as 'select 1';
-- afterwards: select public.semantic_analysis_reserve(1);
