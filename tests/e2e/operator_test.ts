/** What an operator sees of the function: its health, the doctor, and a function that is off. */
import assert from "node:assert/strict";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { checkOf, createTestClient, invoke, request, signUp } from "./project.ts";

Deno.test("an operator's view", async (t) => {
  await using stack = await startTestStack({ functionEnvironment: { ANALYSIS_CACHE_TTL: "0" } });

  await t.step("the health needs no credentials and tells little", async () => {
    const { status, body } = await request(stack, { path: "/semantic-analysis/health" });
    assert.equal(status, 200);
    assert.deepEqual(body, { status: "ok", version: VERSION });
  });

  await t.step("a user sees no more than that", async () => {
    const { supabase } = await signUp(stack);
    const { body } = await invoke(supabase, { method: "GET" }, "semantic-analysis/health");
    assert.deepEqual(Object.keys(body), ["status", "version"]);
  });

  await t.step("the doctor finds everything well", async () => {
    const admin = createTestClient(stack, stack.secretKey);
    const { status, body } = await invoke(admin, { method: "GET" }, "semantic-analysis/health");
    assert.equal(status, 200);
    // A step before has asked for the health without a credential, and so has the doctor itself.
    assert.match(body.checks[3].message, /has taken every credential/);
    const checks = body.checks.map((check: { name: string; status: string }) =>
      `${check.name} ${check.status}`
    );
    assert.deepEqual(checks, [
      "configuration ok",
      "ceiling ok",
      "signing_keys ok",
      "credentials ok",
      "functions ok",
      "database ok",
      "migrations ok",
      "search ok",
      "chain ok",
      "calibration ok",
      "provider_key ok",
      "models ok",
      "attempts skipped",
      "storage ok",
    ]);
  });
});

Deno.test("a function that is switched off or set up wrongly", async (t) => {
  await t.step("ANALYSIS_ENABLED=false answers 503 DISABLED, and costs nothing", async () => {
    await using stack = await startTestStack({
      functionEnvironment: {
        ANALYSIS_CACHE_TTL: "0",
        RATE_LIMIT_CONCURRENT: "1000",
        ANALYSIS_ENABLED: "false",
      },
    });
    const { supabase } = await signUp(stack);
    const { status, headers, body } = await invoke(supabase);
    assert.equal(status, 503);
    assert.equal(body.error.code, "DISABLED");
    assert.ok(Number(headers.get("retry-after")) > 0);
    const rows = await stack.database.connect()`select * from semantic_analysis.rate_limits`;
    assert.equal(rows.length, 0);
  });

  await t.step("a wrong setting doesn't crash it: 503, and the doctor names it", async () => {
    await using stack = await startTestStack({
      functionEnvironment: {
        ANALYSIS_CACHE_TTL: "0",
        RATE_LIMIT_CONCURRENT: "1000",
        TOGETHER_TIMEOUT: "60000",
        RATE_LIMIT_PER_DAY: "-1",
      },
    });
    const { supabase } = await signUp(stack);
    const refused = await invoke(supabase);
    assert.equal(refused.status, 503);
    assert.equal(refused.body.error.code, "NOT_CONFIGURED");
    const admin = createTestClient(stack, stack.secretKey);
    const { status, body } = await invoke(admin, { method: "GET" }, "semantic-analysis/health");
    assert.equal(status, 503);
    assert.match(
      checkOf(body, "configuration").message,
      /TOGETHER_TIMEOUT is "60000"; it must be .*seconds/,
    );
    assert.match(
      checkOf(body, "configuration").message,
      /RATE_LIMIT_PER_DAY is "-1"; it must be a whole number/,
    );
    assert.equal(checkOf(body, "database").status, "ok");
  });
});
