/** What a developer sees who calls the function from an app. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import {
  createTestClient,
  invoke,
  request,
  signUp,
  takeUpstreamRequests,
  TINY,
  WOOD,
} from "./project.ts";

const DEFAULT_MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo";

Deno.test("pictures, prompts and options", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      RATE_LIMIT_PER_MINUTE: "1000",
      ALLOW_IMAGE_URLS: "true",
    },
  });
  const { supabase } = await signUp(stack);
  const analyse = (body: Record<string, unknown>) => invoke(supabase, { body });

  await t.step("a picture comes back described, with every field of the contract", async () => {
    const { status, headers, body } = await analyse({ image_data: WOOD });
    assert.equal(status, 200);
    assert.match(body.analysis, /wood/i);
    // The default model tells no probabilities, so there is its word alone.
    assert.ok(body.confidence > 0.5 && body.confidence <= 0.75);
    const { raw, ...detail } = body.confidence_detail;
    assert.ok(raw >= body.confidence);
    assert.deepEqual(detail, {
      method: "verbalized",
      calibrated: false,
      model: body.model_requested,
      reason: { calibrated: "no_map", candidates: "no_map" },
    });
    assert.equal(body.model_used, "local/pixel-analyst");
    assert.equal(body.model_requested, DEFAULT_MODEL);
    assert.ok(Number.isInteger(body.processing_time_ms) && body.processing_time_ms > 0);
    assert.ok(body.usage.prompt_tokens > 1601);
    assert.ok(body.usage.completion_tokens > 20);
    const tokens = body.usage.prompt_tokens + body.usage.completion_tokens;
    assert.equal(body.usage.cost_usd, tokens * 1200 / 1e9);
    // Four characters a token is a guess; the picture's share is not.
    assert.ok(Math.abs(body.usage.estimated_prompt_tokens - body.usage.prompt_tokens) < 200);
    assert.equal(body.material.family, "wood");
    assert.ok(body.material.colors.length > 0);
    assert.equal(body.cached, false);
    assert.deepEqual(body.warnings, []);
    assert.equal(body.request_id, headers.get("x-request-id"));
    assert.match(headers.get("ratelimit")!, /^"minute";r=999;t=1, "day";r=199;t=\d+$/);
    assert.match(headers.get("server-timing")!, /auth;.*limit;.*upstream;.*total;/);
    assert.equal(headers.get("x-cache"), "miss");
  });

  await t.step("a data URI and raw base64 are the same picture", async () => {
    const raw = await analyse({ image_data: WOOD });
    const uri = await analyse({ image_data: `data:image/jpeg;base64,${WOOD}` });
    assert.equal(uri.body.analysis, raw.body.analysis);
    assert.deepEqual(uri.body.warnings, []);
  });

  await t.step("both kinds of analysis ask their own question", async () => {
    await takeUpstreamRequests(stack);
    await analyse({ image_data: TINY, analysis_type: "material_identification" });
    await analyse({ image_data: TINY, analysis_type: "general_description" });
    await analyse({ image_data: TINY, prompt: "Which wood is this?" });
    const texts = (await takeUpstreamRequests(stack)).map((request) => JSON.stringify(request));
    assert.match(texts[0]!, /Identify the material/);
    assert.match(texts[1]!, /Describe this picture/);
    assert.match(texts[2]!, /Which wood is this\?/);
    for (const text of texts) assert.match(text, /searchable catalogue/);
  });

  await t.step("a temperature of 0 arrives as 0", async () => {
    await takeUpstreamRequests(stack);
    await analyse({ image_data: TINY, options: { temperature: 0, max_tokens: 50 } });
    const [request] = await takeUpstreamRequests(stack);
    assert.equal(request.parameters.temperature, 0);
    assert.equal(request.parameters.max_tokens, 50);
  });

  await t.step("an answer cut at max_tokens says so", async () => {
    const { body } = await analyse({ image_data: WOOD, options: { max_tokens: 5 } });
    assert.equal(body.material, null);
    assert.equal(body.warnings[0].code, "ANSWER_TRUNCATED");
    assert.equal(body.usage.completion_tokens, 5);
  });

  await t.step(
    "a picture's URL is fetched by the provider, whose refusal is reported",
    async () => {
      // Nothing outside this machine can be reached here, so the stand-in can't fetch it either.
      const { status, body } = await analyse({
        image_data: "https://pictures.invalid.example/oak.jpg",
      });
      assert.equal(status, 502);
      assert.equal(body.error.code, "UPSTREAM_REJECTED");
    },
  );

  await t.step("the old path answers the same", async () => {
    const { status } = await invoke(
      supabase,
      { body: { image_data: TINY } },
      "semantic-analysis/api/semantic-analysis",
    );
    assert.equal(status, 200);
  });

  await t.step("a path that isn't one gets 404", async () => {
    const { status, body } = await invoke(supabase, { body: {} }, "semantic-analysis/nowhere");
    assert.equal(status, 404);
    assert.equal(body.error.code, "NOT_FOUND");
  });

  await t.step("a browser's preflight is answered without credentials", async () => {
    const { status, headers } = await request(stack, {
      method: "OPTIONS",
      headers: {
        Origin: "https://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, apikey, content-type, x-client-info",
      },
    });
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), "*");
    const allowed = headers.get("access-control-allow-headers")!;
    for (const name of ["authorization", "apikey", "content-type", "x-client-info"]) {
      assert.ok(allowed.includes(name), name);
    }
  });

  await t.step("the log has a line for each request, and no picture, prompt or key", () => {
    const lines = stack.logs("semantic-analysis").map(({ line }) => line);
    const requests = lines.filter((line) => line.includes('"event":"semantic-analysis"'));
    assert.ok(requests.length >= 10);
    for (const line of lines) {
      assert.ok(line.length < 4_000);
      for (const secret of [WOOD.slice(0, 40), TINY, "Which wood", stack.secretKey, "oak.jpg"]) {
        assert.ok(!line.includes(secret), line);
      }
    }
  });
});

Deno.test("limits, as a user meets them", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "60",
      RATE_LIMIT_CONCURRENT: "1000",
      RATE_LIMIT_PER_MINUTE: "1",
      RATE_LIMIT_BURST: "3",
    },
  });
  const ada = await signUp(stack);
  const bob = await signUp(stack);
  const limits = async () =>
    (await invoke(ada.supabase, { method: "GET" }, "semantic-analysis/limits")).body;

  await t.step("GET /limits shows what is left, and takes nothing", async () => {
    for (let i = 0; i < 3; i++) assert.equal((await limits()).minute.remaining, 3);
    const body = await limits();
    assert.equal(body.subject, `user:${ada.id}`);
    assert.deepEqual(body.minute, { limit: 1, burst: 3, remaining: 3, reset_ms: 0 });
    assert.equal(body.day.remaining, 200);
  });

  await t.step("one request too many gets 429, with everything needed to wait", async () => {
    for (let left = 2; left >= 0; left--) {
      const { status, headers } = await invoke(ada.supabase);
      assert.equal(status, 200);
      assert.match(headers.get("ratelimit")!, new RegExp(`"minute";r=${left};`));
    }
    await takeUpstreamRequests(stack);
    const { status, headers, body } = await invoke(ada.supabase);
    assert.equal(status, 429);
    assert.equal(body.error.code, "RATE_LIMITED");
    assert.equal(body.error.details.limit, "minute");
    const retryAfter = Number(headers.get("retry-after"));
    assert.equal(retryAfter, Math.ceil(body.error.details.retry_after_ms / 1000));
    assert.ok(retryAfter >= 1 && retryAfter <= 60);
    assert.match(headers.get("ratelimit")!, /"minute";r=0;/);
    assert.deepEqual(await takeUpstreamRequests(stack), []);
  });

  await t.step("another user isn't touched by it", async () => {
    assert.equal((await invoke(bob.supabase)).status, 200);
  });

  await t.step("a service acting for the user uses that user's limits", async () => {
    const admin = createTestClient(stack, stack.secretKey, { "x-user-id": ada.id });
    assert.equal((await invoke(admin)).status, 429);
  });

  await t.step("32 at once: exactly the burst gets through", async () => {
    // PostgREST opens its connections when they are first needed, which takes longer than a decision.
    await Promise.all(Array.from({ length: 32 }, () => invoke(bob.supabase)));
    const { supabase } = await signUp(stack);
    const answers = await Promise.all(Array.from({ length: 32 }, () => invoke(supabase)));
    const statuses = answers.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, 3);
    assert.equal(statuses.filter((status) => status === 429).length, 29);
  });
});
