import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  parseAwaited,
  parseLimits,
  parseMinute,
  parseReservation,
  parseSettled,
} from "../../../../../supabase/functions/_shared/platform/limits/rate-limiter-wire.ts";
import { STATE_ROW } from "./state-row.ts";

const DENIED = { ...STATE_ROW, outcome: "denied", limited_by: "minute", retry_after_ms: 9 };

/** Answers in form, each with the function that parses it. */
const ANSWERS: [name: string, parse: (answer: unknown) => unknown, answer: object][] = [
  ["a leader", parseReservation, { ...STATE_ROW, outcome: "leader", maps: "[]" }],
  ["a hit", parseReservation, { ...STATE_ROW, outcome: "hit", answer: "{}", age_ms: 5 }],
  ["a follower", parseReservation, { ...STATE_ROW, outcome: "follower", holder: "h" }],
  ["a denial", parseReservation, DENIED],
  ["a minute", parseMinute, { ...STATE_ROW, outcome: "minute" }],
  ["a minute's denial", parseMinute, DENIED],
  ["limits", parseLimits, { ...STATE_ROW, project_spent_nano: 1, anonymous_spent_nano: 2 }],
  ["a ready answer", parseAwaited, { state: "ready", answer: "{}" }],
  ["a failure", parseAwaited, {
    state: "failed",
    failure: { code: "c", message: "m", retry_after_ms: 9 },
  }],
];

const isUnavailable = (error: unknown) =>
  error instanceof ApiError && error.code === "RATE_LIMITER_UNAVAILABLE";

for (const [name, parse, answer] of ANSWERS) {
  Deno.test(`the limiter's answer, ${name}: one field of another type and it is none`, () => {
    assert.ok(parse(answer));
    for (const field of Object.keys(answer)) {
      for (const wrong of [true, [], {}, ...(field === "nano_per_month" ? [] : [null])]) {
        assert.throws(() => parse({ ...answer, [field]: wrong }), isUnavailable, field);
      }
    }
  });

  Deno.test(`the limiter's answer, ${name}: one field missing and it is none`, () => {
    for (const field of Object.keys(answer)) {
      if (field === "maps") continue;
      const { [field]: _left, ...rest } = answer as Record<string, unknown>;
      assert.throws(() => parse(rest), isUnavailable, field);
    }
  });
}

Deno.test("the limiter's answer: no limit of the month is null", () => {
  const { month } = parseLimits({
    ...STATE_ROW,
    nano_per_month: null,
    project_spent_nano: 0,
    anonymous_spent_nano: 0,
  });
  assert.equal(month.limitNanoUsd, null);
});

Deno.test("the limiter's answer: a failure tells when to try again only where it is known", () => {
  const failure = { code: "c", message: "m" };
  assert.deepEqual(parseAwaited({ state: "failed", failure: { ...failure, more: 1 } }), {
    state: "failed",
    failure,
  });
  for (const wrong of [null, "c", { code: "c" }, { ...failure, retry_after_ms: "9" }]) {
    assert.throws(() => parseAwaited({ state: "failed", failure: wrong }), isUnavailable);
  }
});

Deno.test("the limiter's answer: settled or not is a boolean", () => {
  assert.equal(parseSettled(false), false);
  for (const wrong of [null, "true", 1, {}]) {
    assert.throws(() => parseSettled(wrong), isUnavailable);
  }
});

Deno.test("the limiter's answer: a limit that it can't name denies nothing by that name", () => {
  assert.throws(() => parseReservation({ ...DENIED, limited_by: "week" }), isUnavailable);
});
