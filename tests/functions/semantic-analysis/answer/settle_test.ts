import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createLog } from "../../../../supabase/functions/_shared/platform/log.ts";
import type { Settlement } from "../../../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import {
  releaseInBackground,
  settleInBackground,
} from "../../../../supabase/functions/semantic-analysis/answer/settle.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createFakeLimiter } from "../../../support/fake-limiter.ts";

const SETTLEMENT: Settlement = {
  subject: "user:a",
  id: "request-1",
  actualNanoUsd: 1,
  entry: { outcome: "ok" },
};

const failure = new ApiError("RATE_LIMITER_UNAVAILABLE", "The database is away", {
  cause: { code: "22P05", details: "SECRET" },
});

/** Runs it to its end against a database that fails so often. */
async function run(start: typeof settleInBackground, failures: number) {
  const clock = createFakeClock();
  const limiter = createFakeLimiter();
  const lines: string[] = [];
  let tries = 0;
  const work: Promise<unknown>[] = [];
  start(SETTLEMENT, {
    rateLimiter: {
      ...limiter,
      settle: (settlement) =>
        ++tries > failures ? limiter.settle(settlement) : Promise.reject(failure),
    },
    runInBackground: (start) => void work.push(start()),
    sleep: clock.sleep,
    log: createLog((level, line) => lines.push(`${level} ${line}`)),
  });
  const startedAt = clock.now();
  await clock.run(Promise.all(work));
  return { tries, lines, settled: limiter.settled, elapsedMs: clock.now() - startedAt };
}

Deno.test("settleInBackground() tries again until the database takes it", async () => {
  for (const [failures, elapsedMs] of [[0, 0], [1, 500], [3, 7_500]] as const) {
    const { settled, lines, ...rest } = await run(settleInBackground, failures);
    assert.deepEqual(settled, [SETTLEMENT]);
    assert.deepEqual(lines, []);
    assert.deepEqual(rest, { tries: failures + 1, elapsedMs });
  }
});

Deno.test("settleInBackground() logs what the database never took, by its code alone", async () => {
  const { tries, settled, lines } = await run(settleInBackground, Infinity);
  assert.equal(tries, 4);
  assert.deepEqual(settled, []);
  assert.deepEqual(lines, [
    'error {"level":"error","event":"settle_failed","request_id":"request-1","sqlstate":"22P05"}',
  ]);
});

Deno.test("releaseInBackground() is silent: there may be nothing to release", async () => {
  const { tries, lines } = await run(releaseInBackground, Infinity);
  assert.equal(tries, 3);
  assert.deepEqual(lines, []);
});
