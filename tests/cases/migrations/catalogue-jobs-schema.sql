-- The application has a schema catalogue_jobs of its own.
-- in the way: catalogue_jobs
create schema catalogue_jobs; create table catalogue_jobs.jobs (x int);
-- afterwards: insert into catalogue_jobs.jobs values (1);
