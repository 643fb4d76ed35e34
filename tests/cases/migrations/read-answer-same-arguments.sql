-- The application has a function of the name and arguments of one of the limits.
-- in the way: semantic_analysis_read_answer
create function public.semantic_analysis_read_answer(p_key text, p_holder uuid) returns text language sql as 'select ''mine''';
-- afterwards: select public.semantic_analysis_read_answer('a', null);
