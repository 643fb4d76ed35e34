import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { parseFeedback } from "../../../../../supabase/functions/semantic-analysis/routes/feedback/feedback-request.ts";
import { createFunction, type Setup } from "../../../../support/function.ts";

const ID = "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11";
const PATH = "/semantic-analysis/feedback";

const give = (body: unknown, setup: Setup = {}) => createFunction(setup).post(body, {}, PATH);

Deno.test("feedback: what the caller says is kept under its own subject, and told back", async () => {
  const kept: unknown[] = [];
  const storeFeedback: Setup["storeFeedback"] = (...each) => {
    kept.push(each);
    return Promise.resolve(true);
  };
  const feedback = {
    request_id: ID,
    verdict: "wrong",
    correction: { family: "stone", type: "Jura limestone", finish: "honed" },
  };
  const response = await give({ ...feedback, request_id: ID.toUpperCase() }, { storeFeedback });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { feedback, request_id: "request-1" });
  assert.deepEqual(kept, [["user:u", feedback]]);
  assert.equal(response.headers.get("ratelimit"), '"minute";r=19;t=3, "day";r=199;t=3600');
});

Deno.test("feedback: an answer that the caller was not given is not found", async () => {
  const response = await give({ request_id: ID, verdict: "right" }, {
    storeFeedback: () => Promise.resolve(false),
  });
  assert.equal(response.status, 404);
  assert.equal((await response.json()).error.code, "NOT_FOUND");
});

Deno.test("feedback: its body takes its part of the worker's memory", async () => {
  const { call, post } = createFunction({ maxBytesInFlight: 1_000 });
  let end = () => {};
  const slow = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(" ".repeat(1_000)));
      end = () => controller.close();
    },
  });
  const first = call(PATH, { method: "POST", body: slow });
  const feedback = { request_id: ID, verdict: "right" };
  const second = await post(feedback, {}, PATH);
  assert.deepEqual([second.status, (await second.json()).error.code], [503, "OVERLOADED"]);
  end();
  assert.equal((await first).status, 400);
  assert.equal((await post(feedback, {}, PATH)).status, 200);
});

Deno.test("feedback: without a credential, or by another method, there is none", async () => {
  const caller = new ApiError("UNAUTHORIZED", "No");
  assert.equal((await give({ request_id: ID, verdict: "right" }, { caller })).status, 401);
  assert.equal((await createFunction().call(PATH)).status, 405);
});

Deno.test("feedback: only closed lists are taken, and plain words for the type", async () => {
  const wrong = (correction: unknown) => ({ request_id: ID, verdict: "wrong", correction });
  const refused: [unknown, string][] = [
    [{}, "request_id"],
    [{ request_id: "1", verdict: "right" }, "request_id"],
    [{ request_id: ID, verdict: "maybe" }, "verdict"],
    [{ request_id: ID, verdict: "right", correction: { family: "stone" } }, "correction"],
    [wrong("stone"), "correction"],
    [wrong({ family: "granite" }), "correction.family"],
    [wrong({ family: "unknown" }), "correction.family"],
    [wrong({ note: "call me" }), "correction"],
    [wrong({ colors: ["red"] }), "correction"],
    [wrong({ type: "" }), "correction.type"],
    [wrong({ type: "me@example.com" }), "correction.type"],
    [wrong({ type: "0664 123" }), "correction.type"],
    [wrong({ type: "x".repeat(61) }), "correction.type"],
    [wrong({ type: 5 }), "correction.type"],
  ];
  for (const [body, field] of refused) {
    const response = await give(body);
    assert.equal(response.status, 400, JSON.stringify(body));
    const { error } = await response.json();
    assert.equal(error.code, "INVALID_REQUEST");
    assert.ok(field in error.details, `${field} of ${JSON.stringify(error.details)}`);
  }
});

Deno.test("feedback: a correction may be left out, null or empty", () => {
  for (const rest of [{}, { correction: null }, { correction: {} }]) {
    const parsed = parseFeedback({ request_id: ID, verdict: "wrong", ...rest });
    assert.deepEqual(parsed.correction, {});
  }
  const { correction } = parseFeedback({
    request_id: ID,
    verdict: "wrong",
    correction: { type: "chêne d'Europe", texture: "smooth", pattern: "grain" },
  });
  assert.deepEqual(correction, {
    type: "chêne d'Europe",
    texture: "smooth",
    pattern: "grain",
  });
});
