/** Numbers that a provider made up, on the way that they take: supabase-js, PostgREST, Postgres. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { createPostgrest } from "../../supabase/functions/_shared/platform/database/postgrest.ts";
import { createRateLimiter } from "../../supabase/functions/_shared/platform/limits/rate-limiter.ts";

const LIMITS = {
  perMinute: 60_000,
  burst: 60_000,
  perDay: 1_000,
  concurrent: 100,
  nanoUsdPerMonth: null,
};

Deno.test("a request is settled whatever it is said to have cost or counted", async () => {
  await using stack = await startTestStack({ standIn: false });
  const limiter = createRateLimiter({
    database: createPostgrest(stack.apiUrl, stack.secretKey),
    timeoutMs: 30_000,
  });
  const subject = "user:a";
  const numbers = [0, 0.1, -1, 9.1e12, 1e18, 2 ** 63, 1e30, Number.MAX_VALUE, Number.MIN_VALUE];
  for (const number of numbers) {
    for (const ceilingNanoUsd of [1_000, Math.abs(number)]) {
      const id = crypto.randomUUID();
      const reservation = await limiter.reserve({
        subject,
        id,
        limits: LIMITS,
        anonymity: { kind: "signed_in" },
        ceilingNanoUsd,
        cacheKey: null,
      });
      assert.equal(reservation.outcome, "leader", `ceiling ${ceilingNanoUsd}`);
      const entry = { outcome: "ok", prompt_tokens: number, completion_tokens: -number };
      const settlement = { subject, id, actualNanoUsd: number, entry };
      assert.equal(await limiter.settle(settlement), true, String(number));
    }
  }
  const sql = stack.database.connect({ maxConnections: 1 });
  const rows = await sql`select from semantic_analysis.ledger`;
  assert.equal(rows.length, 2 * numbers.length);
});
