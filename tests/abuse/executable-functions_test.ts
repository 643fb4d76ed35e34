/**
 * The database is an API itself: PostgREST hands whatever users send to the functions they may execute.
 * Each is fuzzed with bodies of up to 10 MB. It may refuse them, and it may not work on them: what its
 * connections burn is compared with a function of the same arguments that looks at none of them.
 */
import assert from "node:assert/strict";
import type postgres from "postgres";
import {
  openTestDatabase,
  startTestStack,
  type TestDatabase,
} from "../../dev/stack/testing/test-database.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import {
  EXPOSED_TO_SECRETS,
  EXPOSED_TO_USERS,
  type Trials,
  WITHIN_USERS_CALLS,
} from "./executable-functions.ts";

const SCHEMAS = ["public", "semantic_analysis", "material_search", "catalogue_jobs"];

/** Functions that any of these roles may execute; those of `public` without its name. */
async function listExecutable(sql: postgres.Sql, roles: string[]): Promise<string[]> {
  const rows = await sql`
    select distinct case when n.nspname = 'public' then '' else n.nspname || '.' end || p.proname
      as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace, unnest(${roles}::text[]) as role
    where n.nspname = any(${SCHEMAS})
      and has_schema_privilege(role, n.oid, 'usage')
      and has_function_privilege(role, p.oid, 'execute')
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
    order by 1`;
  return rows.map(({ name }) => name);
}

Deno.test("every function that a role of the API may execute has its row, and none too many", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const users = await listExecutable(sql, ["anon", "authenticated"]);
  const toUsers = [...Object.keys(EXPOSED_TO_USERS), ...WITHIN_USERS_CALLS];
  assert.deepEqual(users, toUsers.toSorted());
  const all = await listExecutable(sql, ["anon", "authenticated", "service_role"]);
  assert.deepEqual(all, [...toUsers, ...EXPOSED_TO_SECRETS].toSorted());
});

/** What is tried for an argument of each type, from bytes to 10 MB. */
function hostileValues(type: string): unknown[] {
  const sizes = [1_000, 10_000_000];
  const list = (length: number, toItem: (index: number) => unknown) =>
    Array.from({ length }, (_, index) => toItem(index));
  switch (type) {
    case "text":
      return sizes.flatMap((size) => [
        "x".repeat(size),
        "oak ".repeat(size / 4),
        list(size / 8, (index) => index.toString(36)).join(" "),
        "%_(\"'&|!:*\\".repeat(size / 12),
        "é\u0301".repeat(size / 8),
      ]);
    case "text[]":
      return [list(1_000, String), list(1_000_000, String), ["x".repeat(10_000_000)]];
    case "jsonb":
      return [
        list(500_000, () => ({})),
        Object.fromEntries(list(500_000, (index) => [`k${index}`, index]) as [string, unknown][]),
        { x: list(1_000_000, (index) => index) },
        JSON.parse("[".repeat(3_000) + "]".repeat(3_000)),
        { x: "y".repeat(10_000_000) },
        "text",
        7,
      ];
    case "real[]":
      return [list(2_000_000, () => 0.5), list(512, () => "NaN"), [], ["Infinity"]];
    case "real":
      return ["NaN", "Infinity", "-Infinity", -1, 3e38];
    case "integer":
      return [-100, 0, 1_000_000, 2_147_483_647, -2_147_483_648];
    case "timestamp with time zone":
      return ["infinity", "-infinity", "4713-01-01 BC", "294276-01-01"];
    case "uuid":
      return [crypto.randomUUID()];
    case "boolean":
      return [true, false];
    default:
      throw new Error(`No values are tried for the type "${type}"`);
  }
}

interface Argument {
  name: string;
  type: string;
  isRequired: boolean;
}

async function readArguments(sql: postgres.Sql, name: string): Promise<Argument[]> {
  const rows = await sql<Argument[]>`
    select a.name, format_type(a.type, null) as type,
      a.place <= p.pronargs - p.pronargdefaults as "isRequired"
    from pg_proc p,
      unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[])
        with ordinality as a (name, type, place)
    where p.pronamespace = 'public'::regnamespace and p.proname = ${name}`;
  return rows.map((row) => ({ ...row }));
}

/** A function of the same arguments that looks at none of them. */
async function createIndifferent(sql: postgres.Sql, name: string): Promise<void> {
  const [row] = await sql`
    select pg_get_function_arguments(oid) as arguments from pg_proc
    where pronamespace = 'public'::regnamespace and proname = ${name}`;
  await sql.unsafe(`
    create function public.ignore_${name}(${row!.arguments}) returns void
    language plpgsql as 'begin end';
    grant execute on function public.ignore_${name} to authenticated`);
}

/** Materials that the hostile searches could work on. */
async function fillCatalogue(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into public.materials_catalog (name, category, description, properties)
    select 'Oak ' || i, 'wood', 'A warm brown plank with a straight grain, number ' || i,
      jsonb_build_object('finish', 'matte', 'density', i)
    from generate_series(1, 500) i`;
  await sql`
    select public.material_search_store_palette(
      id, ${sql.json([{ hex: "#b68350", share: 1, name: "brown" }])}, 'https://example.com/a.jpg',
      repeat('0', 64)
    ) from public.materials_catalog`;
}

/** CPU milliseconds that this database's clients have used; those of others don't count. */
async function readCpuMs(sql: postgres.Sql): Promise<number> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend'`;
  const perProcess = await Promise.all(rows.map(async ({ pid }) => {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") ");
    const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
  }));
  return perProcess.reduce((sum, ms) => sum + ms, 0);
}

async function waitUntilIdle(sql: postgres.Sql, deadlineMs: number): Promise<string[]> {
  const endMs = performance.now() + deadlineMs;
  while (true) {
    const active = await sql<{ query: string }[]>`
      select left(query, 200) as query from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state = 'active'`;
    if (active.length === 0 || performance.now() > endMs) return active.map(({ query }) => query);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function post(
  stack: Stack,
  { name, body, token, signal }: {
    name: string;
    body: string;
    token: string;
    signal?: AbortSignal;
  },
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: {
      apikey: stack.publishableKey,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    },
    body,
    ...(signal && { signal }),
  });
  return { status: response.status, text: await response.text() };
}

/** Waits until PostgREST has seen the functions of this test. */
async function waitUntilKnown({ stack, token, name, required }: Trial): Promise<void> {
  const call = { name: `ignore_${name}`, body: JSON.stringify(required), token };
  for (let tries = 0; tries < 200; tries++) {
    if ((await post(stack, call)).status !== 404) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`PostgREST doesn't know "${call.name}"`);
}

/**
 * What parsing alone may differ by, and a search that finds something on a connection that is new (220 ms
 * were seen): below it nothing is compared.
 */
const INDIFFERENT_MS = 400;

interface Trial {
  stack: Stack;
  sql: postgres.Sql;
  token: string;
  name: string;
  /** Arguments that have no default, all null, and those that others are only looked at with. */
  required: Record<string, unknown>;
}

async function measureCpuMs(trial: Trial, name: string, body: string) {
  const { sql, stack, token } = trial;
  const before = await readCpuMs(sql);
  const answer = await post(stack, { name, body, token });
  await waitUntilIdle(sql, 30_000);
  return { ...answer, cpuMs: await readCpuMs(sql) - before };
}

async function tryValue(trial: Trial, argument: string, value: unknown): Promise<void> {
  const body = JSON.stringify({ ...trial.required, [argument]: value });
  const what = `${trial.name}, ${argument}: ${body.slice(0, 60)} (${body.length} bytes)`;
  const { status, text, cpuMs } = await measureCpuMs(trial, trial.name, body);
  assert.ok(status < 500, `${what}: ${status} ${text.slice(0, 200)}`);
  assert.ok(text.length < 65_536, `${what}: answered with ${text.length} bytes`);
  if (cpuMs > INDIFFERENT_MS) {
    const indifferent = await measureCpuMs(trial, `ignore_${trial.name}`, body);
    // A new connection, or other work on the machine, makes one call take longer, but not each.
    const leastMs = Math.min(cpuMs, (await measureCpuMs(trial, trial.name, body)).cpuMs);
    const mostMs = Math.max(INDIFFERENT_MS, 3 * indifferent.cpuMs);
    assert.ok(leastMs <= mostMs, `${what}: ${leastMs} ms, not ${mostMs}`);
  }
}

async function leaveEarly(trial: Trial, argument: string, value: unknown): Promise<void> {
  const { stack, sql, token, name, required } = trial;
  const leaving = new AbortController();
  const body = JSON.stringify({ ...required, [argument]: value });
  const call = post(stack, { name, body, token, signal: leaving.signal }).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  leaving.abort();
  await call;
  const active = await waitUntilIdle(sql, 5_000);
  assert.deepEqual(active, [], `${name}, ${argument}: still active when its client was gone`);
}

async function fuzz(
  database: TestDatabase,
  stack: Stack,
  name: string,
  { beside = {}, hostile = {} }: Trials,
) {
  const sql = database.connect({ maxConnections: 1 });
  const token = await stack.signUserToken();
  const callArguments = await readArguments(sql, name);
  const required: Record<string, unknown> = { ...beside };
  for (const { name } of callArguments.filter(({ isRequired }) => isRequired)) {
    required[name] ??= null;
  }
  const trial: Trial = { stack, sql, token, name, required };
  await createIndifferent(sql, name);
  await sql`notify pgrst, 'reload schema'`;
  await waitUntilKnown(trial);
  for (const { name: argument, type } of callArguments) {
    const values = [...hostileValues(type), ...hostile[argument] ?? []];
    for (const value of values) await tryValue(trial, argument, value);
    await leaveEarly(trial, argument, values[Math.floor(values.length / 2)]);
  }
}

Deno.test({
  name: "no body makes a function that users may execute work for longer than to ignore it",
  ignore: Deno.build.os !== "linux", // reads /proc
  async fn(t) {
    await using stack = await startTestStack({ standIn: false });
    const sql = stack.database.connect({ maxConnections: 1 });
    await fillCatalogue(sql);
    await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 60000)`;
    for (const [name, trials] of Object.entries(EXPOSED_TO_USERS)) {
      await t.step(name, () => fuzz(stack.database, stack, name, trials));
    }
  },
});
