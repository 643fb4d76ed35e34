import assert from "node:assert/strict";
import type { Settlement } from "../../../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import { createLog } from "../../../../supabase/functions/_shared/platform/log.ts";
import { createDenials } from "../../../../supabase/functions/semantic-analysis/answer/denials.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createFakeLimiter } from "../../../support/fake-limiter.ts";

const denial = (subject: string, limitedBy: string): Settlement => ({
  subject,
  id: crypto.randomUUID(),
  actualNanoUsd: null,
  entry: { outcome: "RATE_LIMITED", limited_by: limitedBy },
});

Deno.test("createDenials() writes the denials of a subject by one limit once a second, with their number", async () => {
  const clock = createFakeClock();
  const limiter = createFakeLimiter();
  const work: Promise<unknown>[] = [];
  const denials = createDenials({
    rateLimiter: limiter,
    runInBackground: (start) => void work.push(start()),
    pause: clock.sleep,
    log: createLog(() => assert.fail("Nothing is wrong")),
  });
  for (let i = 0; i < 500; i++) denials.count(denial("user:a", "minute"));
  denials.count(denial("user:a", "day"));
  denials.count(denial("user:b", "minute"));
  assert.equal(limiter.settled.length, 0);
  await clock.run(Promise.all(work));
  denials.count(denial("user:a", "minute"));
  await clock.run(Promise.all(work));
  assert.deepEqual(
    limiter.settled.map(({ subject, entry }) => [subject, entry.limited_by, entry.requests]),
    [["user:a", "minute", 500], ["user:a", "day", 1], ["user:b", "minute", 1], [
      "user:a",
      "minute",
      1,
    ]],
  );
});
