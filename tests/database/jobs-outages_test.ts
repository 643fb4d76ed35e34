/** What waits, and for how long, while nothing can be analysed. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { until } from "../support/until.ts";
import { addMaterials, after, claim, enqueue, finish, putBack, readJob } from "./jobs.ts";

/** A run that meets an outage once the last one's pause is over. @returns for how many seconds all wait */
async function meetOutage(sql: postgres.Sql, seconds: number): Promise<number> {
  const now = after(seconds);
  const [job] = (await claim(sql, { now })).jobs;
  await putBack(sql, { id: job!.id, scope: "outage", waitMs: 30_000, now });
  const paused = await claim(sql, { now });
  assert.equal(paused.outcome, "paused");
  return paused.wait_ms! / 1_000;
}

const readStop = async (sql: postgres.Sql) =>
  (await sql`select semantic_analysis_read_progress() ->> 'stopped_by' as code`)[0]!.code;

Deno.test("jobs: each outage in a row makes all wait twice as long, a quarter of an hour at most", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 20);
  await enqueue(sql);
  const waits: number[] = [];
  let seconds = 0;
  for (let outages = 0; outages < 8; outages++) {
    const wait = await meetOutage(sql, seconds);
    waits.push(wait);
    seconds += wait;
  }
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 960, 960, 960]);
  assert.equal(await readStop(sql), "RATE_LIMITED");
});

Deno.test("jobs: an analysis that was paid for ends an outage, a known picture does not; resuming does", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 9);
  await enqueue(sql);
  const end = async (seconds: number, costNano: number) => {
    const now = after(seconds);
    const [job] = (await claim(sql, { now })).jobs;
    const row = { source_image_hash: String(job!.id) };
    assert.equal(await finish(sql, { id: job!.id, costNano, row, now }), "done");
    return await readStop(sql);
  };
  assert.deepEqual([await meetOutage(sql, 0), await meetOutage(sql, 1_000)], [30, 60]);
  assert.equal(await end(2_000, 0), "RATE_LIMITED");
  assert.equal(await meetOutage(sql, 2_000), 120);
  assert.equal(await end(3_000, 40), null);
  assert.equal(await meetOutage(sql, 3_000), 30);
  await sql`select semantic_analysis_pause_jobs(false)`;
  assert.equal(await readStop(sql), null);
  assert.equal(await meetOutage(sql, 3_000), 30);
});

Deno.test("jobs: an analysis that was under way when all were told to wait does not end the outage", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 2);
  await enqueue(sql);
  const [one, other] = (await claim(sql, { count: 2 })).jobs;
  await putBack(sql, { id: one!.id, scope: "all", waitMs: 30_000 });
  assert.equal(await finish(sql, { id: other!.id, now: after(29) }), "done");
  assert.equal(await readStop(sql), "RATE_LIMITED");
});

Deno.test("jobs: what is told of a job that is held no more pauses all the same", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 2);
  await enqueue(sql);
  const [job] = (await claim(sql)).jobs;
  await finish(sql, { id: job!.id });
  assert.equal(await putBack(sql, { id: job!.id, scope: "outage", waitMs: 30_000 }), "lost");
  assert.equal((await claim(sql)).outcome, "paused");
  assert.equal((await readJob(sql, job!.id))!.state, "done");
});

Deno.test("jobs: a run that tells to wait has the settings only once it has the budget, as a claim does", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 3 });
  await addMaterials(sql, 1);
  await enqueue(sql);
  const [job] = (await claim(sql)).jobs;
  let puttingBack: Promise<string> | undefined;
  // What a claim does, with a put back between its two locks.
  await sql.begin(async (claiming) => {
    await claiming`select catalogue_jobs.lock_budget(null, ${after(0)})`;
    puttingBack = putBack(sql, { id: job!.id, scope: "all", waitMs: 1_000 });
    await until(async () => {
      const waiting = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length > 0;
    });
    await claiming`update catalogue_jobs.settings set last_run_at = ${after(0)}`;
  });
  assert.equal(await puttingBack, "waiting");
});
