/** The breaker is state that all callers of a worker share: no caller may close a model for another. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { request, setFaults, signUp, takeUpstreamRequests } from "../e2e/project.ts";
import { encodePicture } from "../support/pictures.ts";

/** More than any run of failures that opens a circuit. */
const PICTURES = 12;

const ENVIRONMENT = {
  TOGETHER_FALLBACK_MODELS: "none",
  RATE_LIMIT_PER_MINUTE: "1000",
  RATE_LIMIT_CONCURRENT: "1000",
};

/** Another picture each time. */
async function createPicture(index: number): Promise<string> {
  const bytes = await encodePicture("PNG", { width: 40 + index, height: 30 });
  return Buffer.from(bytes).toString("base64");
}

const analyse = (stack: Stack, headers: Record<string, string>, picture: string) =>
  request(stack, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ image_data: picture, options: { cache: "off" } }),
  });

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

for (const kind of ["status", "stall_before_headers"] as const) {
  Deno.test(`pictures of one user that end in ${kind} close no model for another, and cost no day`, async () => {
    await using stack = await startTestStack({
      functionEnvironment: { ...ENVIRONMENT, TOGETHER_TIMEOUT: "2" },
    });
    const [attacker, honest] = await Promise.all([signUp(stack), signUp(stack)]);
    await setFaults(stack, [
      kind === "status" ? { kind, status: 500, times: "always" } : { kind, times: "always" },
    ]);
    const answers = await Promise.all(
      Array.from(
        { length: PICTURES },
        async (_, index) =>
          await analyse(stack, bearer(attacker.token), await createPicture(index)),
      ),
    );
    for (const { status } of answers) assert.ok(status === 503 || status === 504, String(status));
    await setFaults(stack, []);
    const answer = await analyse(stack, bearer(honest.token), await createPicture(100));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));

    const sql = stack.database.connect({ maxConnections: 1 });
    const subject = `user:${attacker.id}`;
    for (let tries = 0; tries < 100; tries++) {
      const [row] = await sql`
        select day_used, cardinality(holds) as holds from semantic_analysis.rate_limits
        where subject = ${subject}`;
      if (row!.holds === 0) return assert.equal(row!.day_used, 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail("the requests were never settled");
  });
}

Deno.test("a lone service with a dead provider stops asking after five failures", async () => {
  await using stack = await startTestStack({ functionEnvironment: ENVIRONMENT });
  await setFaults(stack, [{ kind: "status", status: 500, times: "always" }]);
  await takeUpstreamRequests(stack);
  for (let index = 0; index < PICTURES; index++) {
    const { status } = await analyse(
      stack,
      { apikey: stack.secretKey },
      await createPicture(index),
    );
    assert.equal(status, 503);
  }
  const asked = (await takeUpstreamRequests(stack)).length;
  // Retries of the last request that was let through may come on top.
  assert.ok(asked >= 5 && asked <= 8, String(asked));
});
