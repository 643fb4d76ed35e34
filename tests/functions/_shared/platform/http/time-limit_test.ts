import assert from "node:assert/strict";
import { startTimeLimit } from "../../../../../supabase/functions/_shared/platform/http/time-limit.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

Deno.test("startTimeLimit() aborts its signal when the time is up", async () => {
  const clock = createFakeClock();
  const startedAt = clock.now();
  const limit = startTimeLimit(2_000, { startTimer: clock.startTimer });
  await clock.run(aborted(limit.signal));
  assert.equal(clock.now() - startedAt, 2_000);
  assert.equal(limit.isUp(), true);
  assert.equal(limit.signal.reason.name, "TimeoutError");
});

Deno.test("startTimeLimit() that is stopped never aborts and leaves no timer behind", async () => {
  const clock = createFakeClock();
  const limit = startTimeLimit(2_000, { startTimer: clock.startTimer });
  limit.stop();
  await clock.run(clock.sleep(5_000));
  assert.equal(limit.signal.aborted, false);
  assert.equal(clock.pendingTimers(), 0);
});

Deno.test("startTimeLimit() aborts with the caller's signal, and knows that it was not the time", () => {
  const caller = new AbortController();
  const limit = startTimeLimit(2_000, { signal: caller.signal });
  caller.abort(new DOMException("gone", "AbortError"));
  limit.stop();
  assert.equal(limit.signal.reason.name, "AbortError");
  assert.equal(limit.isUp(), false);
});
