import assert from "node:assert/strict";
import type { Permit } from "../../../../supabase/functions/_shared/together-ai/breaker.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  type TogetherError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import fc from "../../../support/fast-check.ts";
import { createTimed } from "../../../support/timed-breaker.ts";

const STRANGER = { callerKey: "user:stranger" };
const UNREACHABLE = new TogetherConnectionError(null, { isUnreachable: true });
const LOST = new TogetherConnectionError(null, { isUnreachable: false });

Deno.test("breaker: five failures in a row with three pictures open a model's circuit for their caller alone", () => {
  const { fail, waitOf, pass } = createTimed();
  fail(1, {}, new TogetherApiError(500));
  fail(1, {}, new TogetherTimeoutError(1));
  fail(2, {}, LOST);
  assert.equal(waitOf(), 0);
  fail(1, {}, new TogetherApiError(503));
  assert.equal(waitOf(), 30_000);
  assert.equal(waitOf(STRANGER), 0);
  assert.equal(waitOf({ model: "b/second" }), 0);
  pass(10_000);
  assert.equal(waitOf(), 20_000);
});

Deno.test("breaker: any number of failures with two pictures opens nothing", () => {
  const { fail, waitOf } = createTimed();
  fail(20, { pictureKey: "one" });
  fail(20, { pictureKey: "two" });
  assert.equal(waitOf(), 0);
  fail(1, { pictureKey: "three" });
  assert.equal(waitOf(), 30_000);
});

Deno.test("breaker: failures of three callers with three pictures open a model's circuit for all", () => {
  const { fail, waitOf } = createTimed();
  fail(1, { callerKey: "user:a" });
  fail(1, { callerKey: "user:b" });
  assert.equal(waitOf(STRANGER), 0);
  fail(1, { callerKey: "user:c" });
  assert.equal(waitOf(STRANGER), 30_000);
  assert.equal(waitOf({ ...STRANGER, model: "b/second" }), 0);
});

Deno.test("breaker: three callers with one picture open nothing", () => {
  const { fail, waitOf } = createTimed();
  for (const callerKey of ["user:a", "user:b", "user:c", "user:d"]) {
    fail(1, { callerKey, pictureKey: "the same" });
  }
  assert.equal(waitOf(STRANGER), 0);
});

Deno.test("breaker: one caller opens nothing for others, whatever it does and for however long", () => {
  const step = fc.record({
    error: fc.constantFrom<TogetherError>(
      new TogetherApiError(500),
      new TogetherApiError(503),
      new TogetherApiError(400),
      new TogetherTimeoutError(30_000),
      LOST,
    ),
    pictureKey: fc.constantFrom("1", "2", "3", "4", "5"),
    passMs: fc.integer({ min: 0, max: 60_000 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { admission, waitOf, pass } = createTimed();
    for (const { error, pictureKey, passMs } of steps) {
      pass(passMs);
      const given = admission({ pictureKey });
      if (given.isAdmitted) given.permit.recordFailure(error);
      assert.equal(waitOf(STRANGER), 0);
    }
  }));
});

Deno.test("breaker: a caller whose probe fails doesn't keep the circuit open for others", () => {
  const { openForAll, fail, waitOf, pass } = createTimed();
  openForAll();
  pass(30_000);
  fail(1, { callerKey: "user:a" });
  assert.equal(waitOf({ callerKey: "user:a" }), 30_000);
  assert.equal(waitOf(STRANGER), 0);
  fail(1, { callerKey: "user:b" });
  fail(1, { callerKey: "user:c" });
  assert.equal(waitOf(STRANGER), 30_000, "three callers found it failing again");
});

Deno.test("breaker: one caller's many pictures stand for no other caller's", () => {
  const { fail, waitOf } = createTimed();
  fail(4, { callerKey: "user:a" });
  fail(1, { callerKey: "user:b", pictureKey: "the same" });
  fail(1, { callerKey: "user:c", pictureKey: "the same" });
  assert.equal(waitOf(STRANGER), 0);
});

Deno.test("breaker: an answer in between begins the run anew", () => {
  const { admit, fail, waitOf } = createTimed();
  fail(4);
  admit().recordSuccess();
  fail(4);
  assert.equal(waitOf(), 0);
  fail(1, { callerKey: "user:b" });
  admit(STRANGER).recordSuccess();
  fail(1, { callerKey: "user:c" });
  assert.equal(waitOf(STRANGER), 0);
});

Deno.test("breaker: failures long ago are not part of a run", () => {
  const { fail, waitOf, pass } = createTimed();
  fail(4);
  pass(10 * 60_000 + 1);
  fail(4);
  assert.equal(waitOf(), 0);
});

Deno.test("breaker: a refusal of the request shows that the model answers", () => {
  const { fail, waitOf } = createTimed();
  for (const error of [422, 400, 413, 418].map((status) => new TogetherApiError(status))) {
    fail(4);
    fail(1, {}, error);
  }
  fail(4);
  assert.equal(waitOf(), 0);
});

Deno.test("breaker: half-open, one probe goes out and the others wait for it", () => {
  const { admit, openForAll, waitOf, pass } = createTimed();
  openForAll();
  pass(30_000);
  const probe = admit(STRANGER);
  assert.equal(waitOf({ callerKey: "user:d" }), 1_000);
  probe.recordSuccess();
  assert.equal(waitOf({ callerKey: "user:d" }), 0);
});

Deno.test("breaker: a lone caller's probe that fails opens its circuit again at once", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(5);
  pass(30_000);
  admit().recordFailure(new TogetherApiError(502));
  assert.equal(waitOf(), 30_000);
});

Deno.test("breaker: a probe that was aborted lets the next one out", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(5);
  pass(30_000);
  admit().release();
  assert.equal(waitOf(), 0);
  const shared = createTimed();
  shared.openForAll();
  shared.pass(30_000);
  shared.admit(STRANGER).release();
  assert.equal(shared.waitOf(STRANGER), 0);
});

Deno.test("breaker: an older request that ends lets no second probe out", () => {
  for (const end of ["release", "recordSuccess", "recordFailure"] as const) {
    const { admit, openForAll, waitOf, pass } = createTimed();
    const older = admit(STRANGER);
    openForAll();
    pass(30_000);
    const probe = admit({ callerKey: "user:d" });
    older[end](new TogetherApiError(422));
    assert.equal(waitOf(), 1_000, end);
    probe.recordSuccess();
    assert.equal(waitOf(), 0, end);
  }
});

Deno.test("breaker: an older request that ends changes nothing about an open circuit", () => {
  for (const end of ["release", "recordSuccess", "recordFailure"] as const) {
    for (const isShared of [true, false]) {
      const { admit, fail, openForAll, waitOf, pass } = createTimed();
      const older = admit();
      if (isShared) openForAll();
      else fail(5);
      pass(10_000);
      older[end](new TogetherApiError(502));
      assert.equal(waitOf(), 20_000, end);
    }
  }
});

Deno.test("breaker: what can't depend on a picture opens the circuit for all at once", () => {
  const cases: [TogetherError, number, isOfProvider: boolean][] = [
    [UNREACHABLE, 5_000, true],
    [new TogetherApiError(401), 60_000, true],
    [new TogetherApiError(402), 600_000, true],
    [new TogetherApiError(308), 60_000, true],
    [new TogetherApiError(404), 300_000, false],
    [new TogetherApiError(400, { code: "dedicated_endpoint_not_running" }), 300_000, false],
    [new TogetherApiError(429, { retryAfterMs: 20_000 }), 20_000, false],
  ];
  for (const [error, waitMs, isOfProvider] of cases) {
    const { fail, waitOf, pass } = createTimed();
    fail(1, {}, error);
    assert.equal(waitOf(STRANGER), waitMs, error.reason);
    assert.equal(waitOf({ ...STRANGER, model: "b/second" }), isOfProvider ? waitMs : 0);
    pass(waitMs);
    assert.equal(waitOf(STRANGER), 0);
  }
});

Deno.test("breaker: a near rate limit opens nothing, a far one no longer than a minute", () => {
  const near = createTimed();
  near.fail(20, {}, new TogetherApiError(429, { retryAfterMs: 10_000 }));
  assert.equal(near.waitOf(), 0);
  const absurd = createTimed();
  absurd.fail(1, {}, new TogetherApiError(429, { retryAfterMs: 86_400_000 }));
  assert.equal(absurd.waitOf(), 60_000);
});

Deno.test("breaker: a spending limit outlasts the answers to requests from before it", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  const older = [admit(), admit({ model: "b/second" }), admit()] as const;
  fail(1, {}, new TogetherApiError(402));
  pass(60_000);
  older[0].recordSuccess();
  older[1].recordSuccess();
  // One that meets the limit later doesn't prolong it.
  older[2].recordFailure(new TogetherApiError(402));
  assert.equal(waitOf(), 540_000);
});

Deno.test("breaker: after a spending limit one probe goes out, whichever model it asks", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(1, {}, new TogetherApiError(402));
  pass(600_000);
  const probe = admit({ model: "b/second" });
  assert.equal(waitOf(), 1_000);
  probe.recordFailure(new TogetherApiError(402));
  assert.equal(waitOf(), 600_000);
  pass(600_000);
  admit({ model: "b/second" }).recordSuccess();
  assert.equal(waitOf(), 0);
  assert.equal(waitOf({ model: "b/second" }), 0);
});

Deno.test("breaker: of any number of callers a thousand are remembered", () => {
  const { fail, waitOf } = createTimed();
  const pictureKey = "the same";
  fail(5, { callerKey: "user:first" });
  assert.equal(waitOf({ callerKey: "user:first" }), 30_000);
  for (let i = 0; i < 1_000; i++) fail(1, { callerKey: `user:${i}`, pictureKey });
  assert.equal(waitOf({ callerKey: "user:first" }), 0, "the one that failed longest ago");
});

Deno.test("breaker: whatever happens, a model is asked again after the longest wait", () => {
  const errors: TogetherError[] = [
    new TogetherApiError(402),
    new TogetherApiError(404),
    new TogetherApiError(429, { retryAfterMs: 1e9 }),
    new TogetherApiError(502),
    new TogetherApiError(422),
    UNREACHABLE,
  ];
  const step = fc.record({
    outcome: fc.integer({ min: -2, max: errors.length - 1 }),
    callerKey: fc.constantFrom("user:a", "user:b", "user:c", "user:d"),
    position: fc.nat(100),
    passMs: fc.integer({ min: 0, max: 700_000 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { admission, waitOf, pass } = createTimed();
    const underWay: Permit[] = [];
    for (const { outcome, callerKey, position, passMs } of steps) {
      pass(passMs);
      const given = admission({ callerKey });
      if (given.isAdmitted) underWay.push(given.permit);
      // As many as are still under way may end first.
      const [permit] = underWay.splice(position % (underWay.length || 1), 1);
      if (outcome === -2) permit?.release();
      else if (outcome === -1) permit?.recordSuccess();
      else permit?.recordFailure(errors[outcome]!);
    }
    for (const permit of underWay) permit.release();
    pass(600_000);
    for (const callerKey of ["user:a", "user:d", "user:stranger"]) {
      assert.equal(waitOf({ callerKey }), 0);
    }
  }));
});
