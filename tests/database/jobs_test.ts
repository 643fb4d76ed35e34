import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import {
  addMaterials,
  after,
  type Claim,
  claim,
  enqueue,
  fail,
  finish,
  putBack,
  readJob,
  readSpent,
  START,
} from "./jobs.ts";

Deno.test("jobs: materials without an analysis are enqueued once", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 3);
  await sql`insert into public.materials_catalog (name, category) values ('No picture', 'wood')`;
  assert.deepEqual(await enqueue(sql), { enqueued: 3, without_picture: 1 });
  assert.deepEqual(await enqueue(sql), { enqueued: 0, without_picture: 1 });
});

Deno.test("jobs: a category, a number, a list and an older prompt choose what is enqueued", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const ids = await addMaterials(sql, 6);
  assert.equal((await enqueue(sql, { category: "wood", limit: 2 })).enqueued, 2);
  assert.equal((await enqueue(sql, { category: "wood" })).enqueued, 1);
  assert.equal((await enqueue(sql, { ids: ids.slice(0, 2) })).enqueued, 1);
  for (const { id } of (await claim(sql, { count: 10 })).jobs) {
    await finish(sql, { id, row: { llama_analysis_prompt_hash: id % 2 ? "new" : "old" } });
  }
  const older = (await enqueue(sql, { olderThan: "new" })).enqueued;
  const [row] = await sql`select count(*) from material_visual_analysis
    where llama_analysis_prompt_hash = 'old'`;
  assert.equal(older, Number(row!.count) + 2, "two were never analysed");
});

Deno.test("jobs: two workers never get the same, and a dead one's go to the next", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 8 });
  await addMaterials(sql, 20);
  await enqueue(sql);
  const claims = await Promise.all(
    Array.from({ length: 8 }, (_, worker) => claim(sql, { worker, count: 3 })),
  );
  const ids = claims.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  assert.equal(ids.length, 20);
  assert.equal(new Set(ids).size, 20);
  const holdsFirst = ({ jobs }: Claim) => jobs.some(({ id }) => id === 1);
  const next = async (now: Date) =>
    (await claim(sql, { worker: 9, suspects: true, now })).jobs.map(({ id }) => id);
  assert.deepEqual(await next(after(119)), []);
  assert.deepEqual(await next(after(120)), [1]);
  assert.equal(await finish(sql, { id: 1, worker: claims.findIndex(holdsFirst) }), "lost");
  assert.equal(await finish(sql, { id: 1, worker: 9 }), "done");
});

Deno.test("jobs: five leases lost in a row fail a job, and they are no attempts", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  for (let lease = 0; lease < 5; lease++) {
    const request = { suspects: lease > 0, now: after(lease * 120) };
    assert.equal((await claim(sql, request)).jobs.length, 1);
  }
  assert.equal((await claim(sql, { suspects: true, now: after(600) })).jobs.length, 0);
  const job = await readJob(sql, 1);
  assert.equal(job!.state, "failed");
  assert.equal(job!.attempts, 0);
  assert.equal(job!.last_code, "STOPS_THE_WORKER");
});

Deno.test("jobs: a failed attempt waits longer each time, the third fails the job", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  let now = START;
  for (const waitS of [30, 120]) {
    await claim(sql, { now });
    assert.equal(await fail(sql, { id: 1, now }), "waiting");
    assert.deepEqual((await readJob(sql, 1))!.not_before, new Date(now.getTime() + waitS * 1000));
    now = new Date(now.getTime() + waitS * 1000);
  }
  await claim(sql, { now });
  assert.equal(await fail(sql, { id: 1, now }), "failed");
});

Deno.test("jobs: a picture that is refused fails at once, and is tried again when listed", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const ids = await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  assert.equal(await fail(sql, { id: 1, isFinal: true }), "failed");
  assert.equal((await enqueue(sql)).enqueued, 0);
  assert.equal((await enqueue(sql, { ids })).enqueued, 1);
});

Deno.test("jobs: what may be spent is never exceeded by parallel claims", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 10 });
  await addMaterials(sql, 40);
  await enqueue(sql);
  const claims = await Promise.all(
    Array.from(
      { length: 10 },
      (_, worker) => claim(sql, { worker, count: 4, ceilingNano: 100, nanoPerMonth: 1_550 }),
    ),
  );
  const claimed = claims.flatMap(({ jobs }) => jobs);
  assert.equal(claimed.length, 15);
  assert.equal(await readSpent(sql), 1_500);
  assert.ok(claims.some(({ outcome }) => outcome === "budget"));
  const [worker] = claims.flatMap((claim, worker) => claim.jobs.length ? [worker] : []);
  await finish(sql, { id: claims[worker!]!.jobs[0]!.id, worker: worker!, costNano: 40 });
  assert.equal(await readSpent(sql), 1_440);
  assert.equal((await claim(sql, { count: 4, nanoPerMonth: 1_550 })).jobs.length, 1);
});

Deno.test("jobs: an accepted quote bounds jobs and dollars of its run alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 5);
  await enqueue(sql);
  const run = crypto.randomUUID();
  await sql`select semantic_analysis_accept_quote(${run}, '{}', 250, 4)`;
  assert.equal((await claim(sql, { run, count: 5 })).jobs.length, 2);
  assert.equal((await claim(sql, { run, count: 5 })).outcome, "budget");
  assert.equal((await claim(sql, { count: 1, nanoPerMonth: 100 })).jobs.length, 1);
  await assert.rejects(claim(sql, { run: crypto.randomUUID() }), /no accepted quote/);
});

Deno.test("jobs: a lost claim keeps its ceiling, a job put back gives all of it back", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 2);
  await enqueue(sql);
  await claim(sql, { count: 1 });
  await claim(sql, { worker: 2, count: 1, now: after(200) });
  assert.equal(await readSpent(sql), 200);
  const [first] = (await claim(sql, { worker: 3, suspects: true, now: after(400) })).jobs;
  await putBack(sql, { id: first!.id, worker: 3, scope: "job", waitMs: 5_000 });
  assert.equal(await readSpent(sql), 200);
});

Deno.test("jobs: a user's limit moves that user's jobs, the project's pauses all", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 4);
  await enqueue(sql);
  const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`update catalogue_jobs.jobs set owner_id = case when id < 3 then ${ada}::uuid else ${bob} end`;
  const [job] = (await claim(sql)).jobs;
  await putBack(sql, { id: job!.id, scope: "owner", waitMs: 60_000 });
  const next = await claim(sql, { count: 4, now: after(1) });
  assert.deepEqual(next.jobs.map(({ owner_id }) => owner_id), [bob, bob]);
  await putBack(sql, { id: next.jobs[0]!.id, scope: "all", waitMs: 10_000 });
  const paused = await claim(sql, { now: after(2) });
  assert.deepEqual([paused.outcome, paused.wait_ms], ["paused", 8_000]);
  assert.equal((await claim(sql, { now: after(10) })).jobs.length, 1);
});

Deno.test("jobs: paused by the operator, nothing is claimed until resumed", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  await sql`select semantic_analysis_pause_jobs(true)`;
  assert.equal((await claim(sql)).outcome, "paused");
  await sql`select semantic_analysis_pause_jobs(false)`;
  assert.equal((await claim(sql)).outcome, "claimed");
});

Deno.test("jobs: progress tells states, spending, failures and what is switched on", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 4);
  await enqueue(sql);
  const { jobs } = await claim(sql, { count: 3 });
  await finish(sql, { id: jobs[0]!.id });
  await fail(sql, { id: jobs[1]!.id, isFinal: true });
  const [row] = await sql`select catalogue_jobs.read_progress_at(null, 10, ${
    after(130)
  }) as progress`;
  const { failures, ...progress } = row!.progress;
  assert.deepEqual(failures.map((failure: { code: string }) => failure.code), ["UPSTREAM_TIMEOUT"]);
  assert.deepEqual({ ...progress, last_run_at: null }, {
    waiting: 1,
    due: 1,
    running: 0,
    stranded: 1,
    done: 1,
    failed: 1,
    cost_nano: 50,
    oldest_waiting_s: 130,
    ended_last_10_min: 2,
    failed_last_day: 1,
    ended_last_day: 2,
    is_paused: false,
    paused_until: null,
    last_run_at: null,
    enqueues_materials: false,
    upload_buckets: [],
    month_spent_nano: 150,
    usual: { analyses: 1, mean_nano: 40, deviation_nano: null, known_share: 0 },
    ledger: { analyses: 0, mean_nano: null, deviation_nano: null, completion_tokens: null },
    run: null,
  });
  const [retried] = await sql`select semantic_analysis_retry_failed_jobs() as count`;
  assert.equal(retried!.count, 1);
});
