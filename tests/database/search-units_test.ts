/** The minute that every search takes a unit of. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase, startTestStack } from "../../dev/stack/testing/test-database.ts";

const NOON = new Date("2026-11-23T12:00:00Z");

const after = (ms: number) => new Date(NOON.getTime() + ms);

/** Milliseconds to wait; 0 where a unit was taken. */
async function take(sql: postgres.Sql, now: Date, subject = "user:a"): Promise<number> {
  const [row] = await sql`
    select extract(epoch from semantic_analysis.take_search_unit_at(${subject}, ${now})) * 1000
      as wait`;
  return Number(row!.wait);
}

/** Calls as PostgREST does for a token with these claims. */
function takeAs(sql: postgres.Sql, role: string, claims: Record<string, unknown>) {
  return sql.begin(async (transaction) => {
    await transaction.unsafe(`set local role ${role}`);
    await transaction`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    await transaction`select semantic_analysis.take_search_unit()`;
  });
}

Deno.test("searches: 60 at once, then one a second, each user for themselves", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let i = 0; i < 60; i++) assert.equal(await take(sql, NOON), 0);
  assert.equal(await take(sql, NOON), 1_000);
  assert.equal(await take(sql, NOON, "user:b"), 0);
  assert.equal(await take(sql, after(999)), 1);
  assert.equal(await take(sql, after(1_000)), 0);
  assert.equal(await take(sql, after(1_000)), 1_000);
  for (let i = 0; i < 60; i++) assert.equal(await take(sql, after(3_600_000)), 0);
  assert.equal(await take(sql, after(3_600_000)), 1_000);
});

Deno.test("searches: after the clock stepped back units come back at their rate", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (let i = 0; i < 60; i++) await take(sql, after(86_400_000));
  assert.equal(await take(sql, NOON), 0);
  assert.equal(await take(sql, NOON), 1_000);
  assert.equal(await take(sql, after(1_000)), 0);
  assert.equal(await take(sql, after(1_000)), 1_000);
});

Deno.test("searches: a user's own setting comes before the plan's, and that before all users'", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const set = (settings: string) =>
    sql.unsafe(`select public.semantic_analysis_set_limits(${settings})`);
  const rateOf = async (subject: string) => {
    const [row] = await sql`select semantic_analysis.searches_per_minute_of(${subject}) as rate`;
    return row!.rate;
  };
  assert.equal(await rateOf("user:a"), 60);
  await set("'default', p_searches_per_minute => 10");
  await set("'plan:pro', p_searches_per_minute => 20");
  const subjects = ["user:a", `user:${crypto.randomUUID()}`, `user:${crypto.randomUUID()}`];
  await set(`'${subjects[1]}', p_plan => 'plan:pro'`);
  await set(`'${subjects[2]}', p_plan => 'plan:pro', p_searches_per_minute => 30`);
  assert.deepEqual(await Promise.all(subjects.map(rateOf)), [10, 20, 30]);
  for (let i = 0; i < 10; i++) assert.equal(await take(sql, NOON), 0);
  assert.equal(await take(sql, NOON), 6_000);
});

Deno.test("searches: a unit is that of the token's user; the project's own code takes none", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 1)`;
  await takeAs(sql, "authenticated", { sub: a });
  await assert.rejects(
    takeAs(sql, "authenticated", { sub: a }),
    (error: postgres.PostgresError) => {
      assert.equal(error.code, "PT429");
      const { limit, retry_after_ms } = JSON.parse(error.detail!);
      assert.equal(limit, "search_minute");
      assert.ok(retry_after_ms > 30_000 && retry_after_ms <= 60_000);
      return true;
    },
  );
  await takeAs(sql, "authenticated", { sub: b });
  for (let i = 0; i < 3; i++) await takeAs(sql, "service_role", { role: "service_role" });
  await assert.rejects(takeAs(sql, "anon", { sub: b }), { code: "42501" });
  const subjects = await sql`select subject from semantic_analysis.search_limits order by 1`;
  assert.deepEqual(subjects.map(({ subject }) => subject), [`user:${a}`, `user:${b}`].sort());
});

Deno.test("searches: one that waits for another of the same user for too long is denied", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  const claims = { sub: crypto.randomUUID() };
  await sql.begin(async (search) => {
    await search`set local role authenticated`;
    await search`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    await search`select semantic_analysis.take_search_unit()`;
    await assert.rejects(takeAs(sql, "authenticated", claims), { code: "PT429" });
    await takeAs(sql, "authenticated", { sub: crypto.randomUUID() });
  });
  await takeAs(sql, "authenticated", claims);
});

Deno.test("searches: 64 at once of one user admit no more than there are units", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 64 });
  await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 5)`;
  const waits = await Promise.all(Array.from({ length: 64 }, () => take(sql, NOON)));
  assert.equal(waits.filter((wait) => wait === 0).length, 5);
});

Deno.test("searches: PostgREST answers 429 without a unit, and a search in a GET is none", async () => {
  await using stack = await startTestStack({ standIn: false });
  const sql = stack.database.connect({ maxConnections: 1 });
  await sql.unsafe(`
    create function public.search_something() returns integer language plpgsql
    set search_path = '' as
    $$ begin perform semantic_analysis.take_search_unit(); return 1; end $$;
    grant execute on function public.search_something to authenticated;
    notify pgrst, 'reload schema'`);
  await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 1)`;
  const sub = crypto.randomUUID();
  const headers = {
    apikey: stack.publishableKey,
    authorization: `Bearer ${await stack.signUserToken({ sub })}`,
  };
  const call = (method: string) =>
    fetch(`${stack.apiUrl}/rest/v1/rpc/search_something`, { method, headers });
  let response = await call("POST");
  for (let tries = 0; response.status === 404 && tries < 100; tries++) {
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
    response = await call("POST");
  }
  assert.equal(await response.json(), 1);
  const denied = await call("POST");
  assert.equal(denied.status, 429);
  const { code, message, details } = await denied.json();
  assert.deepEqual([code, message], ["PT429", "Your limit of 1 searches per minute is used up"]);
  assert.equal(JSON.parse(details).limit, "search_minute");
  const get = await call("GET");
  assert.ok(get.status >= 400, `${get.status}`);
  await get.body?.cancel();
});
