import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { CALIBRATION_MAP as MAP } from "../support/calibration.ts";
import { settle } from "./limiter.ts";

const NOW = new Date("2026-11-26T12:00:00Z");
const DAY_MS = 86_400_000;

interface Request {
  subject?: string;
  caller?: string;
  cache?: string;
  /** A byte of the answer's hash; null for an answer that is not shared. */
  answer?: number | null;
  outcome?: string;
  family?: string;
  raw?: number | null;
  at?: Date;
}

/** A request that was answered, as settle has it in the ledger. */
async function answered(sql: postgres.Sql, request: Request = {}): Promise<string> {
  const { subject = "user:a", caller = "user", cache = "miss", answer = null } = request;
  const { outcome = "ok", family = "wood", raw = 0.9, at = NOW } = request;
  const id = crypto.randomUUID();
  await settle(sql, {
    id,
    subject,
    actualNano: null,
    now: at,
    entry: {
      caller,
      outcome,
      cache,
      raw_confidence: raw,
      confidence_method: MAP.method,
      model_asked: MAP.model,
      prompt_version: MAP.prompt_version,
      schema_version: MAP.schema_version,
      family,
      answer_hash: answer === null ? null : answer.toString(16).padStart(2, "0").repeat(32),
    },
  });
  return id;
}

async function give(
  sql: postgres.Sql,
  id: string,
  verdict: string,
  { subject = "user:a", correction = {}, now = NOW }: {
    subject?: string;
    correction?: postgres.JSONValue;
    now?: Date;
  } = {},
): Promise<boolean> {
  const [row] = await sql`
    select semantic_analysis.give_feedback_at(
      ${subject}, ${id}, ${verdict}, ${sql.json(correction)}, ${now}
    ) as is_known`;
  return row!.is_known;
}

async function review(sql: postgres.Sql, id: string, isAccepted: boolean, isRight?: boolean) {
  const [row] = await sql`
    select public.semantic_analysis_review_feedback(${id}, ${isAccepted}, ${
    isRight ?? null
  }) as is_there`;
  return row!.is_there as boolean;
}

interface Label {
  request_id: string;
  is_family_right: boolean;
  raw_confidence: number;
  giver: string;
}

async function readLabels(sql: postgres.Sql): Promise<Label[]> {
  const [row] = await sql`
    select public.semantic_analysis_read_labels(${MAP.prompt_version}, ${MAP.schema_version}) as labels`;
  return row!.labels;
}

const readWaiting = async (sql: postgres.Sql): Promise<{ request_id: string }[]> =>
  (await sql`select public.semantic_analysis_read_feedback() as waiting`)[0]!.waiting;

Deno.test("feedback: it is kept of the caller's own answers of 30 days, from a model or the cache, and of no others", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const cache of ["miss", "hit", "joined", "off"]) {
    assert.equal(await give(sql, await answered(sql, { cache }), "right"), true, cache);
  }
  const refused: [string, string?][] = [
    [crypto.randomUUID()],
    [await answered(sql, { subject: "user:b" })],
    [await answered(sql), "user:b"],
    [await answered(sql, { outcome: "UPSTREAM_TIMEOUT" })],
    [await answered(sql, { at: new Date(NOW.getTime() - 31 * DAY_MS) })],
  ];
  for (const [id, subject = "user:a"] of refused) {
    assert.equal(await give(sql, id, "right", { subject }), false);
  }
  assert.equal((await sql`select from semantic_analysis.feedback`).length, 4);
});

Deno.test("feedback: a changed one waits for a new review, the same one again does not", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await answered(sql);
  await give(sql, id, "right");
  assert.equal(await review(sql, id, true), true);
  assert.equal(await give(sql, id, "right"), true);
  assert.deepEqual((await readLabels(sql)).map((label) => label.is_family_right), [true]);
  await give(sql, id, "wrong", { correction: { family: "stone" } });
  assert.deepEqual(await readLabels(sql), []);
  assert.equal(await review(sql, id, true), true);
  assert.equal(await review(sql, id, true), false, "it is reviewed already");
  assert.deepEqual((await readLabels(sql)).map((label) => label.is_family_right), [false]);
});

Deno.test("feedback: a label says whether the family is right, which the operator may have to say", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const cases: [string, postgres.JSONValue, boolean | null][] = [
    ["right", {}, true],
    ["wrong", { family: "stone" }, false],
    ["wrong", { family: "wood", finish: "matte" }, true],
    ["wrong", { finish: "matte" }, true],
    ["wrong", { type: "larch" }, null],
    ["wrong", {}, null],
  ];
  for (const [verdict, correction, expected] of cases) {
    const id = await answered(sql);
    await give(sql, id, verdict, { correction });
    if (expected === null) {
      await assert.rejects(review(sql, id, true), /does not tell whether the family is right/);
    }
    await review(sql, id, true, expected === null ? false : undefined);
    const label = (await readLabels(sql)).find((each) => each.request_id === id)!;
    assert.equal(label.is_family_right, expected ?? false, JSON.stringify([verdict, correction]));
  }
  const rejected = await answered(sql);
  await give(sql, rejected, "wrong");
  assert.equal(await review(sql, rejected, false), true);
  assert.equal((await readLabels(sql)).length, cases.length);
});

Deno.test("feedback: an answer given to several is one label, and names no giver", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const subject of ["user:a", "user:b", "user:c"]) {
    const id = await answered(sql, { subject, answer: 7, cache: "hit" });
    await give(sql, id, "right", { subject });
    await review(sql, id, true);
  }
  const labels = await readLabels(sql);
  assert.equal(labels.length, 1);
  assert.ok(!JSON.stringify(labels).includes("user:"));
  for (const raw of [null, 0.4]) {
    const id = await answered(sql, { raw });
    await give(sql, id, "right");
    assert.equal(await review(sql, id, true), raw !== null, "without a figure nothing is learnt");
  }
  assert.equal((await readLabels(sql)).length, 2);
});

Deno.test("feedback: a part of what waits tells how much of all waits of its subject and of its answer", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const requests: Request[] = [
    { answer: 7 },
    { subject: "user:b", answer: 7 },
    {},
    { caller: "anonymous" },
    { subject: "user:b" },
  ];
  for (const [hours, request] of requests.entries()) {
    const now = new Date(NOW.getTime() + hours * 3_600_000);
    await give(sql, await answered(sql, request), "right", { ...request, now });
  }
  const readCounts = async (limit: number) =>
    (await sql`select public.semantic_analysis_read_feedback(${limit}) as waiting`)[0]!.waiting
      .map((each: Record<string, unknown>) => [
        each.subject,
        each.of_this_subject,
        each.of_this_answer,
      ]);
  assert.deepEqual(await readCounts(1), [["user:a", 2, 2]]);
  assert.deepEqual(await readCounts(1_000), [
    ["user:a", 2, 2],
    ["user:b", 2, 2],
    ["user:a", 2, 1],
    ["user:b", 2, 1],
  ]);
});

Deno.test("feedback: 200 anonymous and 20 signed-in liars move nothing", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.semantic_analysis_store_map(${sql.json({ ...MAP })})`;
  const readFigures = async () => ({
    labels: await readLabels(sql),
    maps: (await sql`
      select semantic_analysis.find_maps(
        array[${MAP.model}], ${MAP.prompt_version}, ${MAP.schema_version}
      ) as maps`)[0]!.maps,
  });
  const before = await readFigures();
  const anonymous: string[] = [];
  for (let at = 0; at < 220; at++) {
    const subject = `user:${crypto.randomUUID()}`;
    const caller = at < 200 ? "anonymous" : "user";
    const id = await answered(sql, { subject, caller });
    assert.equal(
      await give(sql, id, "wrong", { subject, correction: { family: "stone" } }),
      true,
    );
    if (caller === "anonymous") anonymous.push(id);
  }
  assert.deepEqual(await readFigures(), before);
  assert.equal((await readWaiting(sql)).length, 20, "an operator sees those of known users");
  for (const id of anonymous) assert.equal(await review(sql, id, true), false);
  assert.deepEqual(await readFigures(), before);
  const [row] = await sql`select public.semantic_analysis_read_calibration() as state`;
  assert.deepEqual(row!.state, { in_force: 1, withdrawn: [], unreviewed: 20 });
});

Deno.test("feedback: a user who signed in anonymously is anonymous, whatever service names them", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, is_anonymous) values (${id}, true)`;
  const request = await answered(sql, { subject: `user:${id}`, caller: "user" });
  await give(sql, request, "wrong", { subject: `user:${id}` });
  assert.deepEqual(await readWaiting(sql), []);
});

Deno.test("feedback: it is deleted with its user and with age, accepted feedback after a year", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [user] = await sql`insert into auth.users (id) values (gen_random_uuid()) returning id`;
  const subject = `user:${user!.id}`;
  await give(sql, await answered(sql, { subject }), "right", { subject });
  await sql`delete from auth.users where id = ${user!.id}`;
  assert.equal((await sql`select from semantic_analysis.feedback`).length, 0);

  const ages = { new: 100, accepted: 100, old: 400 };
  for (const [state, days] of Object.entries(ages)) {
    const id = await answered(sql, { at: new Date() });
    await give(sql, id, "right", { now: new Date() });
    if (state !== "new") await review(sql, id, true);
    await sql`
      update semantic_analysis.feedback set given_at = now() - ${days} * interval '1 day'
      where request_id = ${id}`;
  }
  const [row] = await sql`select public.semantic_analysis_clean_up() as removed`;
  assert.equal(row!.removed.feedback, 2);
  assert.equal((await readLabels(sql)).length, 1);
});
