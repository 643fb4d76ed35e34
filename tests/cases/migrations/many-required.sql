-- Columns without defaults, checks and a unique name.
-- must be taken
create table public.materials_catalog (id uuid primary key default gen_random_uuid(), sku text not null unique, name text not null unique check (char_length(name) < 30), category text not null check (category in ('wood','stone')), price numeric not null check (price > 0));
insert into public.materials_catalog (sku, name, category, price) values ('1','Oak','wood',1);
-- afterwards: insert into public.materials_catalog (sku, name, category, price) values ('2','Elm','wood',2) on conflict (name) do update set price = excluded.price;
-- afterwards: insert into public.materials_catalog (sku, name, category, price) values ('3','Elm','wood',3) on conflict (name) do update set price = excluded.price;
