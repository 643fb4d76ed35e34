/** Requests that can't be used cost nothing and take nothing, so another bound has to hold. */
import assert from "node:assert/strict";
import { readMemory } from "../../bench/process-usage.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { request, signUp, TINY } from "../e2e/project.ts";
import { startSecondWorker } from "../support/second-worker.ts";

const COUNT = 10_000;
const PARALLEL = 8;

/** V8 collects late: it levels off at 45 MiB, after 24,000 requests (measured). */
const MAX_GROWTH_MIB = 56;

Deno.test("10,000 bad requests of one user: ten are read, the worker is as before, others are served", async () => {
  await using stack = await startTestStack();
  await using worker = await startSecondWorker(stack, { TOGETHER_FALLBACK_MODELS: "none" });
  const [attacker, honest] = await Promise.all([signUp(stack), signUp(stack)]);
  const post = async (token: string, body: string) => {
    const response = await fetch(worker.url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body,
    });
    return { status: response.status, error: (await response.json()).error };
  };
  const picture = JSON.stringify({ image_data: TINY, options: { cache: "off" } });
  const bad = JSON.stringify({ image_data: "not base64", padding: "x".repeat(10_000) });
  const statuses = new Map<number, number>();
  const send = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const { status, error } = await post(attacker.token, bad);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 429) assert.equal(error.details.limit, "bad_requests");
    }
  };
  assert.equal((await post(honest.token, picture)).status, 200);
  await send(400);
  const before = await readMemory(worker.pid);
  await Promise.all(Array.from({ length: PARALLEL }, () => send((COUNT - 400) / PARALLEL)));
  const after = await readMemory(worker.pid);

  // A minute may pass on a slow machine, and then ten more are read.
  assert.ok(statuses.get(400)! <= 30, JSON.stringify([...statuses]));
  assert.equal(statuses.get(400)! + statuses.get(429)!, COUNT);
  const growthMib = after.nowMib - before.nowMib;
  assert.ok(growthMib < MAX_GROWTH_MIB, `the worker grew by ${growthMib.toFixed(1)} MiB`);
  assert.equal((await post(honest.token, picture)).status, 200);
  const rows = await stack.database.connect({ maxConnections: 1 })`
    select subject from semantic_analysis.rate_limits where subject = ${`user:${attacker.id}`}`;
  assert.equal(rows.length, 0);
});

Deno.test("an attacker's bad requests through the gateway are bounded too, and by address for a static key", async () => {
  const key = "a-static-key-of-old-clients";
  await using stack = await startTestStack({ functionEnvironment: { MIVAA_GATEWAY_KEYS: key } });
  const post = (address: string, body: string) =>
    request(stack, {
      path: "/mivaa-gateway",
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "x-forwarded-for": address },
      body,
    });
  const bad = JSON.stringify({ action: "semantic_analysis", payload: { image_data: "?" } });
  for (let i = 0; i < 10; i++) assert.equal((await post("192.0.2.1", bad)).status, 400);
  const denied = await post("192.0.2.1", bad);
  assert.equal(denied.status, 429);
  assert.equal(denied.body.error.details.limit, "bad_requests");
  const good = JSON.stringify({ action: "semantic_analysis", payload: { image_data: TINY } });
  assert.equal((await post("192.0.2.2", good)).status, 200);
});
