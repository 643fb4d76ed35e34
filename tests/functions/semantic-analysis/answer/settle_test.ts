import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createLog } from "../../../../supabase/functions/_shared/platform/log.ts";
import type { Settlement } from "../../../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import {
  releaseInBackground,
  settleInBackground,
  settleStored,
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
    pause: clock.sleep,
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

Deno.test("settleStored() waits for one try; what that says counts, else what is believed, and the rest follows", async () => {
  const object = { place: { bucket: "b", path: "a" }, ownerId: null, id: "o", version: "v" };
  for (const failures of [0, 1, 2]) {
    const clock = createFakeClock();
    const limiter = createFakeLimiter();
    let tries = 0;
    const work: (() => Promise<unknown>)[] = [];
    const isUnchanged = await settleStored(SETTLEMENT, { ...object, isUnchanged: false }, {
      rateLimiter: {
        ...limiter,
        settleStored: (...settled) =>
          ++tries > failures ? limiter.settleStored(...settled) : Promise.reject(failure),
      },
      runInBackground: (start) => void work.push(start),
      pause: clock.sleep,
      log: createLog(() => {}),
    });
    assert.equal(isUnchanged, failures === 0);
    assert.equal(tries, 1);
    const startedAt = clock.now();
    await clock.run(Promise.all(work.map((start) => start())));
    assert.deepEqual(limiter.settled, [SETTLEMENT]);
    assert.equal(tries, failures + 1);
    assert.equal(clock.now() - startedAt, [0, 500, 2_500][failures]);
  }
});

Deno.test("releaseInBackground() is silent: there may be nothing to release", async () => {
  const { tries, lines } = await run(releaseInBackground, Infinity);
  assert.equal(tries, 3);
  assert.deepEqual(lines, []);
});
