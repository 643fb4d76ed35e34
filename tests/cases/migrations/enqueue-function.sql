-- The application has a function semantic_analysis_enqueue of its own.
-- in the way: semantic_analysis_enqueue
create function public.semantic_analysis_enqueue(x text) returns int language sql as 'select 1';
-- afterwards: select public.semantic_analysis_enqueue('a');
