/** Jobs that are put back again and again, because nothing tells whether the picture is the reason. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, after, claim, enqueue, readJob, workerId } from "./jobs.ts";

const CEILING_NANO = 100;

/** Puts job 1 back undecided, once it is due. @returns what became of it, and for how many seconds it waits */
async function putBackWhenDue(sql: postgres.Sql, costNano: number, seconds: number) {
  const now = after(seconds);
  const [job] = (await claim(sql, { ceilingNano: CEILING_NANO, now })).jobs;
  assert.equal(job?.id, 1);
  const [row] = await sql`
    select catalogue_jobs.put_back_job_at(
      1, ${workerId(1)}, ${costNano}, 30000, 'UPSTREAM_INVALID_RESPONSE', 'job', ${now}
    ) as became`;
  const { not_before } = (await readJob(sql, 1))!;
  return { became: row!.became, waitS: (not_before.getTime() - now.getTime()) / 1000 };
}

Deno.test("jobs: one that is put back undecided, and may be billed each time, waits twice as long and fails at last", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  const waits: number[] = [];
  let seconds = 0;
  for (let tries = 1; tries < 8; tries++) {
    const { became, waitS } = await putBackWhenDue(sql, CEILING_NANO, seconds);
    assert.equal(became, "waiting");
    waits.push(waitS);
    seconds += waitS;
  }
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 960, 1920]);
  assert.equal((await putBackWhenDue(sql, CEILING_NANO, seconds)).became, "failed");
  const job = await readJob(sql, 1);
  assert.deepEqual([job!.last_code, job!.attempts], ["UPSTREAM_INVALID_RESPONSE", 0]);
  assert.deepEqual((await claim(sql, { now: after(seconds * 10) })).jobs, []);
});

Deno.test("jobs: one that is put back undecided and costs nothing waits as it is told, however often", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  for (let tries = 0; tries < 12; tries++) {
    assert.deepEqual(await putBackWhenDue(sql, 0, tries * 30), { became: "waiting", waitS: 30 });
  }
});
