-- The application has a schema semantic_analysis of its own.
-- in the way: semantic_analysis
create schema semantic_analysis; create table semantic_analysis.ledger (id bigint primary key, note text); insert into semantic_analysis.ledger values (1,'mine');
-- afterwards: insert into semantic_analysis.ledger values (2,'x');
