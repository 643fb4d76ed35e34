import assert from "node:assert/strict";
import { createCallSignal } from "../../../../../supabase/functions/_shared/client/call/call-signal.ts";

/** The times for which timers are set while `run` runs. */
function collectTimers(run: () => void): number[] {
  const { setTimeout } = globalThis;
  const timesMs: number[] = [];
  Object.assign(globalThis, { setTimeout: (_: unknown, ms: number) => timesMs.push(ms) });
  try {
    run();
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
  return timesMs;
}

Deno.test("createCallSignal() with a longer time than a timer takes doesn't end the call at once", () => {
  for (const timeoutMs of [Infinity, 2 ** 31, 1e12]) {
    const timesMs = collectTimers(() => createCallSignal({ timeoutMs }));
    assert.ok(timesMs.every((ms) => ms < 2 ** 31), `${timesMs}`);
  }
  assert.deepEqual(collectTimers(() => createCallSignal({ timeoutMs: 30_000 })), [30_000]);
});
