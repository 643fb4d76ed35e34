-- The role of the migrations may create nothing in public, not even semantic_analysis_reserve.
-- in the way: schema public
revoke create on schema public from pg_database_owner, public;
-- afterwards: select 1;
