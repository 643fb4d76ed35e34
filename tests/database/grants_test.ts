/** Who may do what with the limiter's tables and functions, by the rules of Supabase's advisors. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";

const ID = "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11";

const VERSION = "0123456789abcdef";

const MAP = JSON.stringify({
  model: "m",
  prompt_version: VERSION,
  schema_version: VERSION,
  method: "fused",
  n: 1,
  fitted_at: "2026-01-01T00:00:00Z",
  fit: null,
});

const CALLS = [
  `select public.semantic_analysis_reserve('user:x', '${ID}', 20, 5, 200, 4)`,
  `select public.semantic_analysis_settle('user:x', '${ID}')`,
  `select public.semantic_analysis_read_answer(repeat('00', 32), '${ID}')`,
  "select public.semantic_analysis_read_limits('user:x', 20, 5, 200, 4)",
  "select public.semantic_analysis_set_limits('service:x', p_per_day => 1)",
  "select public.semantic_analysis_clean_up()",
  `select public.semantic_analysis_store_map('${MAP}')`,
  "select public.semantic_analysis_read_maps()",
  "select public.semantic_analysis_withdraw_map('m', 'p', 's', 'fused', 'why')",
  `select public.semantic_analysis_give_feedback('user:x', '${ID}', 'right')`,
  `select public.semantic_analysis_review_feedback('${ID}', true)`,
  "select public.semantic_analysis_read_feedback()",
  "select public.semantic_analysis_read_labels('p', 's')",
  "select public.semantic_analysis_read_calibration()",
];

const TABLES = [
  "rate_limits",
  "limit_settings",
  "answers",
  "ledger",
  "calibration_maps",
  "feedback",
];

const VIEWS = [
  "spend_by_day",
  "latency_by_day",
  "denials_by_day",
  "outcomes_by_day",
  "cache_by_day",
  "feedback_by_day",
  "feedback_to_review",
];

const PRIVATE_STATEMENTS = [
  ...TABLES.filter((table) => table !== "ledger"),
  ...VIEWS,
].map((name) => `select * from semantic_analysis.${name}`).concat(
  TABLES.flatMap((table) => [
    `insert into semantic_analysis.${table} default values`,
    `delete from semantic_analysis.${table}`,
    `truncate semantic_analysis.${table}`,
  ]),
  [
    "update semantic_analysis.rate_limits set day_used = 0",
    "update semantic_analysis.ledger set cost_nano = 0",
    "select nextval('semantic_analysis.answer_positions')",
    "select semantic_analysis.lock_row('user:x')",
    "create table semantic_analysis.x ()",
  ],
);

/** Users see their own rows: RLS decides, not a grant. */
const READ_LEDGER = "select * from semantic_analysis.ledger";

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
  Deno.test(`${role} can neither call the functions nor touch the tables`, async () => {
    for (const statement of [...CALLS, ...PRIVATE_STATEMENTS]) {
      assert.equal(await codeOf(role, statement), INSUFFICIENT_PRIVILEGE, statement);
    }
  });
}

Deno.test("of all roles of the API, only users can read the ledger", async () => {
  assert.equal(await codeOf("anon", READ_LEDGER), INSUFFICIENT_PRIVILEGE);
  assert.equal(await codeOf("service_role", READ_LEDGER), INSUFFICIENT_PRIVILEGE);
  assert.equal(await codeOf("authenticated", READ_LEDGER), "allowed");
});

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
    where relnamespace::regnamespace::text
        in ('semantic_analysis', 'material_search', 'catalogue_jobs', 'public')
      and relkind in ('r', 'p')`;
  assert.ok(tables.length > 0);
  assert.deepEqual(tables.filter((table) => !table.relrowsecurity), []);
});

Deno.test("every function has a search_path of its own, and no role may call it by default", async () => {
  await using database = await openTestDatabase();
  const functions = await database.connect()`
    select proname, proconfig, proacl::text as acl, prosecdef from pg_proc
    where pronamespace in ('semantic_analysis'::regnamespace, 'public'::regnamespace)`;
  assert.ok(functions.length > 0);
  for (const { proname, proconfig, acl } of functions) {
    // Where an application's policies are evaluated, its functions must find its tables.
    const path = proname === "semantic_analysis_read_object"
      ? "search_path=pg_catalog, public, extensions, pg_temp"
      : 'search_path=""';
    assert.ok(proconfig?.includes(path), proname);
    // A null list, or an entry without a role, means all roles.
    assert.ok(acl !== null && !/[{,]=X/.test(acl), `${proname}: ${acl}`);
  }
});

/** What users may select, all of it behind row level security or a view that has the caller's rights. */
const READABLE = [
  "catalogue_jobs.jobs",
  "material_search.history",
  "public.material_search_history",
  "public.material_visual_analysis",
  "public.materials_catalog",
  "public.semantic_analysis_uploads",
  "public.semantic_analysis_usage",
  "semantic_analysis.ledger",
];

Deno.test("users can read these tables and views alone, and guests without a token none", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const listReadable = async (role: string) => {
    const rows = await sql`
      select c.relnamespace::regnamespace || '.' || c.relname as name, c.relkind, c.reloptions
      from pg_class c
      where c.relnamespace::regnamespace::text
          in ('semantic_analysis', 'material_search', 'catalogue_jobs', 'public')
        and c.relkind in ('r', 'p', 'v', 'm')
        and has_any_column_privilege(${role}, c.oid, 'select')
      order by 1`;
    return rows.map(({ name, relkind, reloptions }) => {
      const isTheirs = relkind !== "v" || reloptions?.includes("security_invoker=true");
      assert.ok(isTheirs, `${name} has the rights of its owner`);
      return name;
    });
  };
  assert.deepEqual(await listReadable("authenticated"), READABLE);
  assert.deepEqual(await listReadable("anon"), []);
});

Deno.test("everything has a comment", async () => {
  await using database = await openTestDatabase();
  const missing = await database.connect()`
    select 'table ' || c.relname as name from pg_class c
    where c.relnamespace = 'semantic_analysis'::regnamespace and c.relkind in ('r', 'v', 'S')
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
