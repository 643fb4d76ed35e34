import assert from "node:assert/strict";
import { openTestDatabase } from "../../../../dev/stack/testing/test-database.ts";

Deno.test("openTestDatabase() gives each caller a migrated database of its own", async () => {
  await using first = await openTestDatabase();
  await using second = await openTestDatabase();
  await first.connect()`create table public.only_here (id int)`;
  const [row] = await second.connect()`
    select to_regclass('public.only_here') as missing, current_user as role,
      (select count(*)::int from supabase_migrations.schema_migrations) as migrations`;
  assert.equal(row?.missing, null);
  assert.equal(row?.role, "postgres");
  assert.ok(row?.migrations >= 1);
});

Deno.test("openTestDatabase() drops the database when it is disposed", async () => {
  await using open = await openTestDatabase();
  const gone = await openTestDatabase();
  await gone[Symbol.asyncDispose]();
  const rows = await open.connect()`select from pg_database where datname = ${gone.name}`;
  assert.equal(rows.length, 0);
});

Deno.test("openTestDatabase() connects as any role", async () => {
  await using database = await openTestDatabase();
  const [row] = await database.connect({ role: "supabase_admin" })`
    select current_setting('is_superuser') as superuser`;
  assert.equal(row?.superuser, "on");
});
