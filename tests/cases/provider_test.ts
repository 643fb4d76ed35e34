/**
 * Replays what providers really sent through the whole stack: the function's own process, the limiter on
 * Postgres, and a provider that answers byte for byte. README.md has the format of a case.
 */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Body, invoke, signUp, type User } from "../e2e/project.ts";
import { until } from "../support/until.ts";
import { check, post, readCases } from "./case.ts";
import { startFakeProvider } from "./fake-provider.ts";

/** Only the cases whose names have this in them. */
const only = Deno.env.get("CASE") ?? "";

/** The caller's limits once everything is settled. */
async function readSettledLimits({ supabase }: User): Promise<Body> {
  let limits: Body;
  await until(async () => {
    limits = (await invoke(supabase, { method: "GET" }, "semantic-analysis/limits")).body;
    return limits.concurrent.used === 0;
  });
  return limits;
}

Deno.test("provider cases: each reply comes to what its case wants", async (t) => {
  await using provider = startFakeProvider();
  await using stack = await startTestStack({
    standIn: false,
    functionEnvironment: {
      TOGETHER_BASE_URL: `${provider.url}/v1`,
      TOGETHER_API_KEY: "test",
      RATE_LIMIT_PER_MINUTE: "1000",
    },
  });
  for (const { name, request, replies, want } of readCases("provider")) {
    if (!name.includes(only)) continue;
    await t.step(name, async () => {
      // What a worker has learnt of a model must not answer the next case.
      await stack.restartProcess("semantic-analysis");
      provider.reply(replies);
      const user = await signUp(stack);
      const ask = () =>
        post(`${stack.apiUrl}/functions/v1/semantic-analysis`, {
          "authorization": `Bearer ${user.token}`,
          "apikey": stack.publishableKey,
        }, request);
      check(want, await ask(), provider.calls());
      const limits = await readSettledLimits(user);
      const { spent_usd: spentUsd } = limits.month;
      assert.ok(spentUsd >= (want.minSpentUsd ?? 0), `spent $${spentUsd}`);
      assert.ok(spentUsd <= (want.maxSpentUsd ?? Infinity), `spent $${spentUsd}`);
      if (want.heldAfter !== undefined) assert.equal(limits.concurrent.used, want.heldAfter);
      if (want.kept === undefined) return;
      const count = provider.calls().length;
      await ask();
      assert.equal(provider.calls().length === count, want.kept, "kept");
    });
  }
});
