import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createBreaker,
  type Permit,
} from "../../../../supabase/functions/_shared/together-ai/breaker.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  type TogetherError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";

const MODEL = "a/first";

function createTimed() {
  let nowMs = 1_000_000;
  const breaker = createBreaker(() => nowMs);
  const admit = (model = MODEL): Permit => {
    const admission = breaker.admit(model);
    assert.ok(admission.isAdmitted);
    return admission.permit;
  };
  const fail = (error: TogetherError = new TogetherApiError(502), times = 1) => {
    for (let i = 0; i < times; i++) admit().recordFailure(error);
  };
  const waitOf = (model = MODEL) => {
    const admission = breaker.admit(model);
    return admission.isAdmitted ? 0 : admission.retryAfterMs;
  };
  return { breaker, admit, fail, waitOf, pass: (ms: number) => nowMs += ms };
}

Deno.test("a run of five failures opens a model's circuit for 30 s", () => {
  const { fail, waitOf, pass } = createTimed();
  fail(new TogetherApiError(500), 1);
  fail(new TogetherTimeoutError(1), 1);
  fail(new TogetherConnectionError(null, { mayBeBilled: true }), 2);
  assert.equal(waitOf(), 0);
  fail(new TogetherApiError(503), 1);
  assert.equal(waitOf(), 30_000);
  pass(10_000);
  assert.equal(waitOf(), 20_000);
});

Deno.test("an answer in between begins the run anew", () => {
  const { admit, fail, waitOf } = createTimed();
  fail(undefined, 4);
  admit().recordSuccess();
  fail(undefined, 4);
  assert.equal(waitOf(), 0);
});

Deno.test("a refusal of the request shows that the model answers", () => {
  const { fail, waitOf } = createTimed();
  fail(undefined, 4);
  fail(new TogetherApiError(422));
  fail(undefined, 4);
  assert.equal(waitOf(), 0);
});

Deno.test("half-open, one probe goes out and the others wait for it", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(undefined, 5);
  pass(30_000);
  const probe = admit();
  assert.equal(waitOf(), 1_000);
  probe.recordSuccess();
  assert.equal(waitOf(), 0);
  assert.equal(waitOf(), 0);
});

Deno.test("a probe that fails opens the circuit again at once", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(undefined, 5);
  pass(30_000);
  const probe = admit();
  probe.recordFailure(new TogetherApiError(502));
  assert.equal(waitOf(), 30_000);
});

Deno.test("a probe that was aborted lets the next one out", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(undefined, 5);
  pass(30_000);
  const probe = admit();
  probe.release();
  assert.equal(waitOf(), 0);
});

Deno.test("an older request that ends lets no second probe out", () => {
  for (const end of ["release", "recordSuccess", "recordFailure"] as const) {
    const { admit, fail, waitOf, pass } = createTimed();
    const older = admit();
    fail(undefined, 5);
    pass(30_000);
    const probe = admit();
    older[end](new TogetherApiError(422));
    assert.equal(waitOf(), 1_000, end);
    probe.recordSuccess();
    assert.equal(waitOf(), 0, end);
  }
});

Deno.test("an older request that ends changes nothing about an open circuit", () => {
  for (const end of ["release", "recordSuccess", "recordFailure"] as const) {
    const { admit, fail, waitOf, pass } = createTimed();
    const older = admit();
    fail(undefined, 5);
    pass(10_000);
    older[end](new TogetherApiError(404));
    assert.equal(waitOf(), 20_000, end);
  }
});

Deno.test("each model has its own circuit", () => {
  const { fail, waitOf } = createTimed();
  fail(undefined, 5);
  assert.equal(waitOf("b/second"), 0);
});

Deno.test("a spending limit closes every model for ten minutes", () => {
  const { fail, waitOf, pass } = createTimed();
  fail(new TogetherApiError(402));
  assert.equal(waitOf(), 600_000);
  assert.equal(waitOf("b/second"), 600_000);
  pass(600_000);
  assert.equal(waitOf("b/second"), 0);
});

Deno.test("a spending limit outlasts the answers to requests from before it", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  const older = [admit(), admit("b/second"), admit()] as const;
  fail(new TogetherApiError(402));
  pass(60_000);
  older[0].recordSuccess();
  older[1].recordSuccess();
  // One that meets the limit later doesn't prolong it.
  older[2].recordFailure(new TogetherApiError(402));
  assert.equal(waitOf(), 540_000);
});

Deno.test("after a spending limit one probe goes out, whichever model it asks", () => {
  const { admit, fail, waitOf, pass } = createTimed();
  fail(new TogetherApiError(402));
  pass(600_000);
  const probe = admit("b/second");
  assert.equal(waitOf(), 1_000);
  probe.recordFailure(new TogetherApiError(402));
  assert.equal(waitOf(), 600_000);
  pass(600_000);
  admit("b/second").recordSuccess();
  assert.equal(waitOf(), 0);
  assert.equal(waitOf("b/second"), 0);
});

Deno.test("a model that is gone is left alone for five minutes", () => {
  const { fail, waitOf, pass } = createTimed();
  fail(new TogetherApiError(400, { code: "model_not_available" }));
  assert.equal(waitOf(), 300_000);
  pass(300_000);
  assert.equal(waitOf(), 0);
});

Deno.test("a far rate limit is left alone until it resets, a near one is not", () => {
  const near = createTimed();
  near.fail(new TogetherApiError(429, { retryAfterMs: 10_000 }));
  assert.equal(near.waitOf(), 0);
  const far = createTimed();
  far.fail(new TogetherApiError(429, { retryAfterMs: 20_000 }));
  assert.equal(far.waitOf(), 20_000);
  const absurd = createTimed();
  absurd.fail(new TogetherApiError(429, { retryAfterMs: 86_400_000 }));
  assert.equal(absurd.waitOf(), 60_000);
});

Deno.test("whatever happens, a model is asked again after the longest wait", () => {
  const errors = [
    new TogetherApiError(402),
    new TogetherApiError(404),
    new TogetherApiError(429, { retryAfterMs: 1e9 }),
    new TogetherApiError(502),
    new TogetherApiError(422),
  ];
  const step = fc.record({
    outcome: fc.integer({ min: -2, max: errors.length - 1 }),
    position: fc.nat(100),
    passMs: fc.integer({ min: 0, max: 700_000 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { breaker, waitOf, pass } = createTimed();
    const underWay: Permit[] = [];
    for (const { outcome, position, passMs } of steps) {
      pass(passMs);
      const admission = breaker.admit(MODEL);
      if (admission.isAdmitted) underWay.push(admission.permit);
      // As many as are still under way may end first.
      const [permit] = underWay.splice(position % (underWay.length || 1), 1);
      if (outcome === -2) permit?.release();
      else if (outcome === -1) permit?.recordSuccess();
      else permit?.recordFailure(errors[outcome]!);
    }
    for (const permit of underWay) permit.release();
    pass(600_000);
    assert.equal(waitOf(), 0);
  }));
});
