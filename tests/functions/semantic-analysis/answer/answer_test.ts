/** What becomes of a request after its reservation, and what the database is told of it. */
import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  completion,
  json,
  OAK,
  refusal,
  saying,
  stallInBody,
  text,
} from "../../../support/fake-together.ts";
import { LEAD } from "../../../support/fake-limiter.ts";
import { createFunction, DEFAULT_MODEL, IMAGE } from "../../../support/function.ts";
import { versionsOfStructured } from "../../../../supabase/functions/semantic-analysis/model/versions.ts";
import { deniedBy, run } from "./run-function.ts";

Deno.test("an answer settles what it cost, is kept, and has a row in the ledger", async () => {
  const { text, settled, limiter, response } = await run({});
  assert.equal(response.headers.get("x-cache"), "miss");
  assert.equal(settled.length, 1);
  const [{ answer, entry, ...settlement }] = settled as [typeof settled[0]];
  assert.deepEqual(settlement, {
    subject: "user:u",
    id: "request-1",
    actualNanoUsd: 1_224_000,
    givesBackDay: false,
    cacheKey: limiter.reserved[0]!.cacheKey,
  });
  assert.equal(answer!.ttlSeconds, 86_400);
  const { cached: _, processing_time_ms: __, request_id: ___, ...shown } = JSON.parse(text);
  // The raw figure is stored: what it is worth is told by the maps of the moment that it is shown.
  const { confidence: ____, confidence_detail: { raw, model, method }, ...analysis } = shown;
  const figure = { raw, method, families: null, model };
  assert.deepEqual(JSON.parse(answer!.body), { ...analysis, figure });
  assert.deepEqual({ ...entry }, {
    caller: "user",
    analysis_type: "material_identification",
    outcome: "ok",
    limited_by: undefined,
    cache: "miss",
    is_streamed: false,
    model_requested: DEFAULT_MODEL,
    model_used: "local/fake",
    attempts: 1,
    prompt_tokens: 1_000,
    completion_tokens: 20,
    total_ms: 0,
    upstream_ms: 0,
    raw_confidence: 0.9,
    confidence_method: "verbalized",
    model_asked: DEFAULT_MODEL,
    prompt_version: versionsOfStructured().promptVersion,
    schema_version: versionsOfStructured().schemaVersion,
    family: "wood",
    answer_hash: entry.answer_hash,
  });
  assert.match(String(entry.answer_hash), /^[0-9a-f]{64}$/);
  assert.notEqual(entry.answer_hash, settlement.cacheKey);
});

Deno.test("twice the dearest model's most is set aside before anything is asked", async () => {
  const { limiter } = await run({ variables: {} });
  const { ceilingNanoUsd } = limiter.reserved[0]!;
  // Muse-Glimmer-30B is dearer for the answer, the default model for the picture.
  assert.ok(ceilingNanoUsd > 2 * (1_601 + 700) * 1_200, String(ceilingNanoUsd));
  assert.ok(ceilingNanoUsd < 2 * 10_000 * 1_500, String(ceilingNanoUsd));
});

Deno.test("a refusal is counted in the ledger, and settles nothing", async () => {
  const { response, settled, together } = await run({ decisions: [deniedBy("day")] });
  assert.equal(response.status, 429);
  assert.equal(together.requests.length, 0);
  assert.equal(settled.length, 1);
  assert.equal(settled[0]!.actualNanoUsd, null);
  assert.equal(settled[0]!.entry.outcome, "RATE_LIMITED");
  assert.equal(settled[0]!.entry.limited_by, "day");
});

Deno.test("too many at a time: it waits a moment and asks once more", async () => {
  const { post, limiter, clock } = createFunction({ decisions: [deniedBy("concurrent"), LEAD] });
  const startedAt = clock.now();
  assert.equal((await post({ image_data: IMAGE })).status, 200);
  assert.equal(limiter.reserved.length, 2);
  assert.equal(clock.now() - startedAt, 300);
  const { response } = await run({ decisions: [deniedBy("concurrent")] });
  assert.equal(response.status, 429);
});

Deno.test("a reservation of unknown fate is given back in the background", async () => {
  const { response, settled, limiter } = await run({
    decisions: [new ApiError("RATE_LIMITER_UNAVAILABLE", "No")],
  });
  assert.equal(response.status, 503);
  assert.equal(settled.length, 1);
  assert.equal(settled[0]!.actualNanoUsd, 0);
  assert.equal(settled[0]!.givesBackDay, true);
  assert.equal(settled[0]!.cacheKey, limiter.reserved[0]!.cacheKey);
});

Deno.test("a failure gives the day back unless it was the caller's, and is told to those who wait", async () => {
  const cases = [
    [refusal(401), "NOT_CONFIGURED", true, true, 0],
    [refusal(308), "NOT_CONFIGURED", true, true, 0],
    [text(403, "<html>", "text/html"), "UPSTREAM_UNAVAILABLE", true, true, 0],
    [refusal(400, "model_not_found"), "UPSTREAM_UNAVAILABLE", true, true, 0],
    [refusal(422), "UPSTREAM_REJECTED", false, true, 0],
    [refusal(413), "IMAGE_TOO_LARGE", false, true, 0],
    [refusal(503), "UPSTREAM_UNAVAILABLE", true, true, 0],
    [json(200, { choices: [] }), "UPSTREAM_INVALID_RESPONSE", true, true, "two attempts"],
    // Another caller may have more time.
    [stallInBody, "UPSTREAM_TIMEOUT", true, false, "two attempts"],
  ] as const;
  for (const [answer, code, givesBackDay, isShared, cost] of cases) {
    const { settled, limiter } = await run({ answers: [answer] });
    assert.equal(settled.length, 1);
    const [settlement] = settled as [typeof settled[0]];
    assert.equal(settlement!.entry.outcome, code);
    assert.equal(settlement!.givesBackDay, givesBackDay, code);
    assert.equal(settlement!.failure?.code, isShared ? code : undefined, code);
    assert.equal(settlement!.answer, undefined);
    const { ceilingNanoUsd } = limiter.reserved[0]!;
    const isBilled = cost === "two attempts";
    if (isBilled) {
      assert.ok(settlement!.actualNanoUsd! > 0 && settlement!.actualNanoUsd! <= ceilingNanoUsd);
    } else {
      assert.equal(settlement!.actualNanoUsd, cost, code);
    }
  }
});

Deno.test("a caller who gives too little time keeps the day's unit taken", async () => {
  const { settled } = await run({ answers: [stallInBody] }, {}, { "X-Deadline-Ms": "4000" });
  assert.equal(settled[0]!.entry.outcome, "UPSTREAM_TIMEOUT");
  assert.equal(settled[0]!.givesBackDay, false);
});

Deno.test("an answer without usage costs the most it can have cost", async () => {
  const { settled, limiter } = await run({ answers: [saying(OAK, { usage: null })] });
  const { actualNanoUsd } = settled[0]!;
  assert.ok(actualNanoUsd! > 2_000_000 && actualNanoUsd! < limiter.reserved[0]!.ceilingNanoUsd);
  assert.equal(settled[0]!.entry.prompt_tokens, null);
});

Deno.test("a repair, a saved part and prose are kept for minutes", async () => {
  const cut = completion({
    choices: [{
      finish_reason: "length",
      message: { content: JSON.stringify(OAK).slice(0, 150) },
    }],
  });
  for (
    const answers of [
      [saying("It is oak."), saying(OAK)],
      [saying("It is oak."), saying("Sorry.")],
      [cut, cut],
    ]
  ) {
    const { response, settled } = await run({ answers });
    assert.equal(response.status, 200);
    assert.equal(settled[0]!.answer!.ttlSeconds, 300);
  }
  const { settled } = await run({ answers: [cut, saying(OAK)] });
  assert.equal(settled[0]!.answer!.ttlSeconds, 86_400);
});

Deno.test("an analysis that knows nothing is given to followers and not kept", async () => {
  const knowsNothing = Object.fromEntries(Object.keys(OAK).map((key) => [key, "unknown"]));
  for (
    const answer of [
      { ...knowsNothing, description: "I cannot see any image." },
      { description: "A picture." },
      { description: "A picture.", family: "unknown", colors: [], quality_flags: ["blurry"] },
    ]
  ) {
    const { response, settled } = await run({ answers: [saying(answer)] });
    assert.equal(response.status, 200);
    assert.equal(settled[0]!.answer!.ttlSeconds, 0);
  }
});

Deno.test("off neither reads nor keeps, refresh only keeps", async () => {
  const off = await run({}, { options: { cache: "off" } });
  assert.equal(off.response.headers.get("x-cache"), "off");
  assert.equal(off.limiter.reserved[0]!.cacheKey, null);
  assert.equal(off.settled[0]!.cacheKey, null);
  const refresh = await run({}, { options: { cache: "refresh" } });
  assert.equal(refresh.response.headers.get("x-cache"), "refresh");
  assert.equal(refresh.limiter.reserved[0]!.cacheKey, null);
  assert.match(refresh.settled[0]!.cacheKey!, /^[0-9a-f]{64}$/);
});

Deno.test("a client that leaves a stream pays what may have been billed, and keeps the day taken", async () => {
  const { post, limiter, clock } = createFunction({ answers: [stallInBody] });
  const response = await post({ image_data: IMAGE, options: { stream: true } });
  await response.body!.cancel();
  await clock.run(Promise.resolve());
  assert.equal(limiter.settled.length, 1);
  const [settlement] = limiter.settled;
  assert.equal(settlement!.entry.outcome, "DISCONNECTED");
  assert.equal(settlement!.givesBackDay, false);
  assert.equal(settlement!.failure, undefined);
  assert.ok(settlement!.actualNanoUsd! > 0);
});
