import assert from "node:assert/strict";
import { checkAttempts } from "../../../../../supabase/functions/semantic-analysis/routes/doctor/provider-checks.ts";

const record = (model: string, answered: number, attempts: number) => ({
  model,
  attempts,
  answered,
  lastFailure: answered < attempts ? "status_503" : null,
});

const attemptsOf = (...records: ReturnType<typeof record>[]) =>
  checkAttempts({ readTrackRecord: () => records });

Deno.test("checkAttempts() says how often each model answered, and why it failed last", () => {
  const check = attemptsOf(record("a/first", 28, 30), record("b/second", 2, 2));
  assert.equal(check.status, "ok");
  assert.match(
    check.message,
    /"a\/first" answered 28 of 30, failed last with status_503; "b\/second"/,
  );
});

Deno.test("checkAttempts() warns of a model that fails nearly always, once there are enough attempts", () => {
  assert.equal(attemptsOf(record("a/first", 0, 9)).status, "ok");
  assert.equal(attemptsOf(record("a/first", 2, 30)).status, "ok");
  const check = attemptsOf(record("a/first", 1, 30), record("b/second", 30, 30));
  assert.equal(check.status, "warning");
  assert.match(check.action!, /^Take "a\/first" out of TOGETHER_MODEL/);
});

Deno.test("checkAttempts() has nothing to say of a worker that has asked no model", () => {
  assert.equal(attemptsOf().status, "skipped");
  assert.equal(checkAttempts(null).status, "skipped");
});
