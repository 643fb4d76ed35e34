/** A picture that ends every worker, among good ones: it fails, and only it. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, after, claim, enqueue, finish, putBack, readJob, START } from "./jobs.ts";

const DEADLY = 3;
const LEASE_S = 120;

/** What a run does: suspects one at a time, and then several others at once. */
async function claimAsRunsDo(sql: postgres.Sql, worker: number, now: Date) {
  const suspects = (await claim(sql, { worker, count: 4, now, suspects: true })).jobs;
  return suspects.length > 0 ? suspects : (await claim(sql, { worker, count: 4, now })).jobs;
}

async function readStates(sql: postgres.Sql) {
  const rows = await sql`select id::int, state, attempts from catalogue_jobs.jobs order by id`;
  return rows.map(({ id, state, attempts }) => [id, state, attempts]);
}

const EXPECTED = Array.from(
  { length: 10 },
  (_, index) => [index + 1, index + 1 === DEADLY ? "failed" : "done", 0],
);

Deno.test("jobs: a picture that ends every worker of analyse-catalogue fails alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 10);
  await enqueue(sql);
  for (let run = 0; run < 30; run++) {
    const now = after(run * LEASE_S);
    const jobs = await claimAsRunsDo(sql, run, now);
    // What was claimed with it goes down with it.
    if (jobs.some(({ id }) => id === DEADLY)) continue;
    for (const { id } of jobs) assert.equal(await finish(sql, { id, worker: run, now }), "done");
  }
  assert.deepEqual(await readStates(sql), EXPECTED);
  assert.equal((await readJob(sql, DEADLY))!.last_code, "STOPS_THE_WORKER");
});

Deno.test("jobs: a picture that ends every worker of semantic-analysis fails alone, with another run beside", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 10);
  await enqueue(sql);
  for (let round = 0; round < 30; round++) {
    const now = after(round * 10);
    const runs = [await claimAsRunsDo(sql, 1, now), await claimAsRunsDo(sql, 2, now)];
    const isDeadly = runs.flat().some(({ id }) => id === DEADLY);
    for (const [index, jobs] of runs.entries()) {
      for (const { id } of jobs) {
        const job = { id, worker: index + 1, now };
        if (isDeadly) await putBack(sql, { ...job, scope: "worker", waitMs: 2_000 });
        else await finish(sql, job);
      }
    }
  }
  assert.deepEqual(await readStates(sql), EXPECTED);
  assert.equal((await readJob(sql, DEADLY))!.last_code, "STOPS_THE_WORKER");
});

Deno.test("jobs: a suspect is claimed alone, one at a time by all workers, and again once its lease has run out", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 6);
  await enqueue(sql);
  await claim(sql, { worker: 1, count: 2 });
  await claim(sql, { worker: 2, count: 2, now: after(60) });
  const now = after(LEASE_S);
  const ids = async (worker: number, suspects: boolean, at = now) =>
    (await claim(sql, { worker, count: 4, now: at, suspects })).jobs.map(({ id }) => id);
  assert.deepEqual(await ids(3, true), [1]);
  assert.deepEqual(await ids(4, true), []);
  assert.deepEqual(await ids(4, false), [5, 6]);
  await finish(sql, { id: 1, worker: 3, now });
  assert.deepEqual(await ids(4, true), [2]);
  assert.deepEqual(await ids(5, true, after(2 * LEASE_S)), [3], "the longest without a worker");
});

Deno.test("jobs: a suspect that is put back, for want of a worker or by a limit, stays one until it is done", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  await putBack(sql, { id: 1, scope: "worker", waitMs: 0 });
  for (const scope of ["job", "all", "owner"] as const) {
    assert.equal((await claim(sql, { suspects: true })).jobs.length, 1, scope);
    await putBack(sql, { id: 1, scope, waitMs: 0 });
    assert.equal((await readJob(sql, 1))!.lost_leases, 1, scope);
  }
  await claim(sql, { suspects: true, now: START });
  assert.equal(await finish(sql, { id: 1 }), "done");
  assert.equal((await readJob(sql, 1))!.lost_leases, 0);
});
