import assert from "node:assert/strict";
import { createPostgrest } from "../../../../../supabase/functions/_shared/platform/database/postgrest.ts";
import { createStoreFeedback } from "../../../../../supabase/functions/semantic-analysis/routes/feedback/store-feedback.ts";

const FEEDBACK = {
  request_id: "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11",
  verdict: "wrong" as const,
  correction: { family: "stone" as const },
};

/** @param answers Status and body, in turn. */
function createStore(...answers: [number, unknown][]) {
  const sent: unknown[] = [];
  const waits: number[] = [];
  const fetch = ((_url: unknown, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)));
    const [status, body] = answers[Math.min(sent.length, answers.length) - 1]!;
    return Promise.resolve(Response.json(body, { status }));
  }) as typeof globalThis.fetch;
  const database = createPostgrest("http://project.example", "sb_secret_x", fetch);
  const pause = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  return { store: createStoreFeedback({ database, pause }), sent, waits };
}

Deno.test("storeFeedback() tells the database whose feedback it is, and of what", async () => {
  const { store, sent, waits } = createStore([200, true]);
  assert.equal(await store("user:u", FEEDBACK), true);
  assert.deepEqual(sent, [{
    p_subject: "user:u",
    p_request_id: FEEDBACK.request_id,
    p_verdict: "wrong",
    p_correction: { family: "stone" },
  }]);
  assert.deepEqual(waits, []);
});

Deno.test("storeFeedback() looks once more for an answer that is not in the ledger yet", async () => {
  const late = createStore([200, false], [200, true]);
  assert.equal(await late.store("user:u", FEEDBACK), true);
  assert.deepEqual(late.waits, [500]);
  const never = createStore([200, false]);
  assert.equal(await never.store("user:u", FEEDBACK), false);
  assert.equal(never.sent.length, 2);
});

Deno.test("storeFeedback() without the database's answer says so", async () => {
  const codeOf = (...answer: [number, unknown]) =>
    createStore(answer).store("user:u", FEEDBACK).then(() => "kept", ({ code }) => code);
  assert.equal(await codeOf(500, { code: "XX000", message: "x" }), "UPSTREAM_UNAVAILABLE");
  assert.equal(await codeOf(200, { odd: 1 }), "UPSTREAM_UNAVAILABLE");
  assert.equal(await codeOf(404, { code: "PGRST202", message: "x" }), "NOT_CONFIGURED");
});
