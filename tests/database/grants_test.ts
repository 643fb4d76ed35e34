/** Who may do what with the limiter's tables and functions, by the rules of Supabase's advisors. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/test-database.ts";

const CALLS = [
  "select public.semantic_analysis_reserve('user:x', 20, 5, 200)",
  "select public.semantic_analysis_read_limits('user:x', 20, 5, 200)",
];

const PRIVATE_STATEMENTS = [
  "select * from semantic_analysis.rate_limits",
  "insert into semantic_analysis.rate_limits values ('user:x', now(), now(), 0)",
  "update semantic_analysis.rate_limits set day_used = 0",
  "delete from semantic_analysis.rate_limits",
  "truncate semantic_analysis.rate_limits",
  "select semantic_analysis.decide('user:x', 20, 5, 200, true)",
  "create table semantic_analysis.x ()",
];

async function codeOf(role: string, statement: string): Promise<string> {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(`set local role ${role}`);
      await transaction.unsafe(statement);
    });
    return "allowed";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const INSUFFICIENT_PRIVILEGE = "42501";

for (const role of ["anon", "authenticated"]) {
  Deno.test(`${role} can neither call the functions nor touch the table`, async () => {
    for (const statement of [...CALLS, ...PRIVATE_STATEMENTS]) {
      assert.equal(await codeOf(role, statement), INSUFFICIENT_PRIVILEGE, statement);
    }
  });
}

Deno.test("service_role can call the functions and nothing else", async () => {
  for (const statement of CALLS) assert.equal(await codeOf("service_role", statement), "allowed");
  for (const statement of PRIVATE_STATEMENTS) {
    assert.equal(await codeOf("service_role", statement), INSUFFICIENT_PRIVILEGE, statement);
  }
});

Deno.test("every table has row level security", async () => {
  await using database = await openTestDatabase();
  const tables = await database.connect()`
    select relname, relrowsecurity from pg_class
    where relnamespace in ('semantic_analysis'::regnamespace, 'public'::regnamespace)
      and relkind in ('r', 'p')`;
  assert.ok(tables.length > 0);
  assert.deepEqual(tables.filter((table) => !table.relrowsecurity), []);
});

Deno.test("every function has an empty search_path, and nobody may call it by default", async () => {
  await using database = await openTestDatabase();
  const functions = await database.connect()`
    select proname, proconfig, proacl::text as acl, prosecdef from pg_proc
    where pronamespace in ('semantic_analysis'::regnamespace, 'public'::regnamespace)`;
  assert.ok(functions.length >= 3);
  for (const { proname, proconfig, acl } of functions) {
    assert.ok(proconfig?.includes('search_path=""'), proname);
    // A null list, or an entry without a role, means everybody.
    assert.ok(acl !== null && !/[{,]=X/.test(acl), `${proname}: ${acl}`);
  }
});

Deno.test("everything has a comment", async () => {
  await using database = await openTestDatabase();
  const missing = await database.connect()`
    select 'table ' || c.relname as name from pg_class c
    where c.relnamespace = 'semantic_analysis'::regnamespace and c.relkind = 'r'
      and obj_description(c.oid, 'pg_class') is null
    union all
    select 'column ' || c.relname || '.' || a.attname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'semantic_analysis'::regnamespace and c.relkind = 'r'
      and col_description(c.oid, a.attnum) is null
    union all
    select 'function ' || p.proname from pg_proc p
    where p.pronamespace in ('semantic_analysis'::regnamespace, 'public'::regnamespace)
      and obj_description(p.oid, 'pg_proc') is null`;
  assert.deepEqual(missing.map(({ name }) => name), []);
});
