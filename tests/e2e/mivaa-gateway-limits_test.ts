/** What existing clients see of limits, of a missing service and of analyses that are switched off. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { callMivaa, paths, post, read, STATIC_KEY } from "./old-clients.ts";
import { signUp, TINY } from "./project.ts";

Deno.test("limits and a missing service, as existing clients see them", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      MIVAA_GATEWAY_KEYS: STATIC_KEY,
      RATE_LIMIT_PER_MINUTE: "2",
      RATE_LIMIT_BURST: "2",
    },
  });
  const { bare, health } = paths(stack);
  const analyse = { action: "semantic_analysis", payload: { image_data: TINY } };

  await t.step("without the service its actions are NOT_CONFIGURED, and take nothing", async () => {
    for (let count = 0; count < 3; count++) {
      const { status, body } = await post(bare, STATIC_KEY, { action: "vector_search" });
      assert.deepEqual([status, body.error.code], [503, "NOT_CONFIGURED"]);
    }
    const { status, body } = await fetch(health).then(read);
    assert.equal(status, 200);
    assert.equal(body.data.mivaa.status, "not_configured");
  });

  await t.step("the holders of static keys share one limit; a user has another", async () => {
    for (const cached of [false, true]) {
      const { status, body } = await post(bare, STATIC_KEY, analyse);
      assert.equal(status, 200);
      assert.equal(body.data.cached, cached);
    }
    const { status, headers, body } = await post(bare, STATIC_KEY, analyse);
    assert.deepEqual([status, body.error.code], [429, "RATE_LIMITED"]);
    assert.equal(body.error.details.limit, "minute");
    assert.match(headers.get("retry-after") ?? "", /^\d+$/);
    assert.match(headers.get("ratelimit") ?? "", /"minute";r=0;/);
    assert.match(headers.get("ratelimit-policy") ?? "", /"minute";q=2;/);
    const { token } = await signUp(stack);
    assert.equal((await post(bare, token, analyse)).status, 200);
  });

  await t.step("a client tries it thrice and says the limit's text", async () => {
    await assert.rejects(callMivaa(bare, STATIC_KEY, analyse), { tries: 3, message: /limit/ });
  });
});

Deno.test("analyses that are switched off show in the health, which stays 200", async () => {
  await using stack = await startTestStack({ functionEnvironment: { ANALYSIS_ENABLED: "false" } });
  const { status, body } = await fetch(paths(stack).health).then(read);
  assert.deepEqual([status, body.success], [200, true]);
  assert.equal(body.data.status, "degraded");
  assert.equal(body.data.semantic_analysis.status, "disabled");
});
