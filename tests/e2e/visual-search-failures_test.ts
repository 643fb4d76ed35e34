/** What a search answers when a limit is used up, or something behind it fails. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { namesOf, search, startSeededStack } from "./catalogue.ts";
import { createTestClient, invoke, setFaults, signUp, WOOD } from "./project.ts";

const SAMPLE = new URL("../../dev/samples/marble.jpg", import.meta.url);
const MARBLE = Buffer.from(Deno.readFileSync(SAMPLE)).toString("base64");

Deno.test("a search takes a unit of the user's searches, and none of the project's", async () => {
  await using stack = await startSeededStack();
  const { supabase } = await signUp(stack);
  const sql = stack.database.connect();
  await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 2)`;
  const body = { search_type: "semantic_analysis", query_text: "oak" };
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await search(supabase, body)).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  const denied = await search(supabase, body);
  assert.equal(denied.body.error.code, "RATE_LIMITED");
  assert.equal(denied.body.error.details.limit, "search_minute");
  assert.ok(Number(denied.headers.get("retry-after")) >= 1);
  const service = createTestClient(stack, stack.secretKey);
  for (let i = 0; i < 3; i++) assert.equal((await search(service, body)).status, 200);
});

Deno.test("a used-up limit reaches the client as it is", async () => {
  await using stack = await startSeededStack({
    functionEnvironment: { RATE_LIMIT_PER_MINUTE: "1", RATE_LIMIT_PER_DAY: "1" },
  });
  const { supabase } = await signUp(stack);
  const analysed = await invoke(supabase, { body: { image_data: WOOD } });
  assert.equal(analysed.status, 200);
  for (const text of [{}, { query_text: "oak" }]) {
    const { status, headers, body } = await search(supabase, {
      search_type: "hybrid",
      query_image: WOOD,
      ...text,
    });
    assert.deepEqual([status, body.error.code], [429, "RATE_LIMITED"]);
    assert.match(headers.get("ratelimit")!, /r=0/);
    assert.match(headers.get("ratelimit-policy")!, /"minute";q=1/);
    assert.ok(Number(headers.get("retry-after")) >= 1);
    assert.ok(body.error.details.retry_after_ms > 0);
  }
  // What needs no picture goes on.
  const { status } = await search(supabase, { search_type: "hybrid", query_text: "oak" });
  assert.equal(status, 200);
});

Deno.test("semantic-analysis fails", async (t) => {
  await using stack = await startSeededStack({
    functionEnvironment: { TOGETHER_FALLBACK_MODELS: "none" },
  });
  const { supabase } = await signUp(stack);
  const picture = { search_type: "hybrid", query_image: WOOD };

  await t.step("a bad picture is the caller's to mend, whatever else was given", async () => {
    const { status, body } = await search(supabase, {
      ...picture,
      query_image: "data:text/plain;base64,AAAA",
      query_text: "oak",
    });
    assert.deepEqual([status, body.error.code], [400, "UNSUPPORTED_IMAGE_TYPE"]);
  });

  await t.step(
    "the provider refuses: an error, or with a text a declared degradation",
    async () => {
      await setFaults(stack, [{ kind: "status", status: 400, times: "always" }] as never);
      const alone = await search(supabase, picture);
      assert.deepEqual([alone.status, alone.body.error.code], [502, "UPSTREAM_REJECTED"]);
      const { status, body } = await search(supabase, { ...picture, query_text: "oak floor" });
      assert.equal(status, 200);
      assert.equal(namesOf(body)[0], "White oak plank flooring");
      const [degradation] = body.search_metadata.degraded;
      assert.equal(degradation.missing, "query_image");
      assert.equal(degradation.code, "UPSTREAM_REJECTED");
      assert.match(degradation.request_id, /^[0-9a-f-]{36}$/);
      assert.equal(body.search_metadata.analysis, null);
      await setFaults(stack, []);
    },
  );

  await t.step("slow: the caller's deadline holds", async () => {
    // Another picture: a search with the last one may still follow the request that was refused.
    const picture = { search_type: "hybrid", query_image: MARBLE };
    await setFaults(stack, [{ kind: "stall_before_headers", times: "always" }] as never);
    const startedAt = performance.now();
    const alone = await search(supabase, picture, { "x-deadline-ms": "5000" });
    assert.deepEqual([alone.status, alone.body.error.code], [504, "UPSTREAM_TIMEOUT"]);
    const degraded = await search(supabase, { ...picture, query_text: "oak" }, {
      "x-deadline-ms": "5000",
    });
    assert.equal(degraded.status, 200);
    assert.equal(degraded.body.search_metadata.degraded[0].code, "UPSTREAM_TIMEOUT");
    // Two of five seconds, and no two of seventy.
    assert.ok(performance.now() - startedAt < 60_000);
    await setFaults(stack, []);
  });

  await t.step("dead: an error, or with a text a declared degradation", async () => {
    await stack.stopProcess("semantic-analysis");
    const alone = await search(supabase, picture);
    assert.deepEqual([alone.status, alone.body.error.code], [503, "UPSTREAM_UNAVAILABLE"]);
    const { status, body } = await search(supabase, { ...picture, query_text: "oak" });
    assert.equal(status, 200);
    assert.equal(body.search_metadata.degraded[0].code, "UPSTREAM_UNAVAILABLE");
    await stack.restartProcess("semantic-analysis");
    const again = await search(supabase, picture);
    assert.equal(again.status, 200);
    assert.ok(!("degraded" in again.body.search_metadata));
  });

  await t.step("a dead database is an error of ours", async () => {
    await stack.stopProcess("postgrest");
    const { status, body } = await search(supabase, { search_type: "hybrid", query_text: "oak" });
    assert.equal(status, 503);
    assert.equal(body.error.code, "UPSTREAM_UNAVAILABLE");
    await stack.restartProcess("postgrest");
  });
});
