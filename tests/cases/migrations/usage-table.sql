-- The application has a table semantic_analysis_usage.
-- in the way: semantic_analysis_usage
create table public.semantic_analysis_usage (id int);
-- afterwards: insert into public.semantic_analysis_usage values (1);
