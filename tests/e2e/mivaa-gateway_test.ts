/** Existing clients of the gateway reach everything that they know. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { createChargedSubjects } from "../support/charged-subjects.ts";
import {
  callMivaa,
  paths,
  post,
  read,
  SERVICE_KEY,
  startFakeService,
  STATIC_KEY,
} from "./old-clients.ts";
import { createTestClient, setFaults, signUp, TINY, untilLogged, WOOD } from "./project.ts";

Deno.test("existing clients reach everything through the gateway", async (t) => {
  await using service = startFakeService();
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      MIVAA_GATEWAY_KEYS: STATIC_KEY,
      MIVAA_SERVICE_URL: service.url,
      MIVAA_API_KEY: SERVICE_KEY,
      MIVAA_TIMEOUT: "1500",
      TOGETHER_FALLBACK_MODELS: "none",
      RATE_LIMIT_PER_MINUTE: "1000",
    },
  });
  const { bare, old, health } = paths(stack);
  const takeSubjects = createChargedSubjects(stack.database.connect({ maxConnections: 1 }));
  const payload = {
    image_data: WOOD,
    analysis_type: "material_identification",
    prompt: "Describe the material type, surface, colour and uses in 2-3 searchable sentences.",
    options: { temperature: 0.1, max_tokens: 200 },
  };

  await t.step("an analysis, by the static key, at both paths and under both names", async () => {
    for (const url of [bare, old]) {
      for (const action of ["semantic_analysis", "llama_vision_analysis"]) {
        const { data, metadata, tries } = await callMivaa(url, STATIC_KEY, { action, payload });
        assert.equal(tries, 1);
        assert.equal(typeof data.analysis, "string");
        assert.equal(data.confidence, null);
        assert.equal(typeof data.model_used, "string");
        assert.equal(typeof data.processing_time_ms, "number");
        assert.ok(!Number.isNaN(Date.parse(metadata.timestamp)));
        assert.ok(metadata.processingTime >= data.processing_time_ms);
        assert.equal(metadata.version, VERSION);
        assert.ok(!("mivaaEndpoint" in metadata));
        assert.deepEqual(await takeSubjects(), ["service:mivaa"]);
      }
    }
    assert.deepEqual(service.requests, []);
  });

  await t.step("a picture of 5 MB", async () => {
    // What follows the end of a JPEG is not looked at.
    const bytes = Buffer.concat([Buffer.from(WOOD, "base64"), Buffer.alloc(5_000_000)]);
    const image = bytes.toString("base64");
    const { data } = await callMivaa(bare, STATIC_KEY, {
      action: "semantic_analysis",
      payload: { ...payload, image_data: image },
    });
    assert.equal(typeof data.analysis, "string");
  });

  await t.step("a data URI, and other fields than are known", async () => {
    const { data } = await callMivaa(old, STATIC_KEY, {
      action: "semantic_analysis",
      payload: { image_data: `data:image/gif;base64,${TINY}`, user_id: "somebody" },
    });
    assert.equal(data.warnings[0].code, "UNKNOWN_FIELD");
    assert.deepEqual(await takeSubjects(), ["service:mivaa"]);
  });

  await t.step("a user by token has their own limits, through supabase-js too", async () => {
    const { id, token, supabase } = await signUp(stack);
    const envelope = { action: "semantic_analysis", payload };
    const { status, headers } = await post(bare, token, envelope);
    assert.equal(status, 200);
    assert.match(headers.get("ratelimit") ?? "", /"minute";r=999;/);
    assert.match(headers.get("access-control-expose-headers") ?? "", /RateLimit/);
    assert.deepEqual(await takeSubjects(), [`user:${id}`]);
    const { data, error } = await supabase.functions.invoke("mivaa-gateway", { body: envelope });
    assert.equal(error, null);
    assert.equal(data.success, true);
    assert.deepEqual(await takeSubjects(), [`user:${id}`]);
    await callMivaa(bare, token, { action: "vector_search", payload: {} });
    assert.deepEqual(await takeSubjects(), [`user:${id}`]);
  });

  await t.step("a project secret is itself, or the user that it names", async () => {
    const { id } = await signUp(stack);
    const admin = createTestClient(stack, stack.secretKey);
    const envelope = { action: "semantic_analysis", payload };
    await admin.functions.invoke("mivaa-gateway", { body: envelope });
    assert.deepEqual(await takeSubjects(), ["service:default"]);
    for (const key of [stack.secretKey, stack.serviceRoleKey]) {
      const answer = await post(bare, key, envelope, { "x-user-id": id });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(await takeSubjects(), [`user:${id}`]);
    }
  });

  await t.step("a static key that names a user is forbidden", async () => {
    const { id } = await signUp(stack);
    const answer = await post(bare, STATIC_KEY, { action: "semantic_analysis", payload }, {
      "x-user-id": id,
    });
    assert.deepEqual([answer.status, answer.body.error.code], [403, "FORBIDDEN"]);
    assert.deepEqual(await takeSubjects(), []);
  });

  await t.step("no key, a wrong key and a public key are refused", async () => {
    for (const key of ["", "wrong-key-of-the-same-kind", stack.publishableKey, stack.anonKey]) {
      const answer = await post(bare, key, { action: "semantic_analysis", payload });
      assert.deepEqual([answer.status, answer.body.error.code], [401, "UNAUTHORIZED"]);
      assert.equal(answer.body.success, false);
    }
  });

  await t.step("the static key opens nothing but the gateway", async () => {
    const { status } = await post(`${stack.apiUrl}/functions/v1/semantic-analysis`, STATIC_KEY, {
      image_data: TINY,
    });
    assert.equal(status, 401);
  });

  await t.step("other actions are passed on: our method, path and key, their payload", async () => {
    service.requests.length = 0;
    const { data, metadata } = await callMivaa(old, STATIC_KEY, {
      action: "generate_embedding",
      payload: { text: "oak", model: "text-embedding" },
      ...{ endpoint: "/api/admin", method: "DELETE", headers: { "X-Admin": "1" } },
    });
    assert.deepEqual(data, { from: "/api/embeddings/generate" });
    assert.equal(metadata.mivaaEndpoint, "/api/embeddings/generate");
    const [sent] = service.requests;
    assert.deepEqual([sent!.method, sent!.path], ["POST", "/api/embeddings/generate"]);
    assert.equal(sent!.headers.get("authorization"), `Bearer ${SERVICE_KEY}`);
    assert.ok(!sent!.headers.has("x-admin"));
    assert.deepEqual(JSON.parse(sent!.body), { text: "oak", model: "text-embedding" });
    assert.deepEqual(await takeSubjects(), ["service:mivaa"]);
  });

  await t.step("a client asks thrice what may pass, and once what is about its key", async () => {
    service.requests.length = 0;
    for (let tries = 0; tries < 2; tries++) {
      service.answerNext(() => new Response("boom", { status: 500 }));
    }
    const { tries } = await callMivaa(bare, STATIC_KEY, { action: "semantic_search" });
    assert.equal(tries, 3);
    service.answerNext(() => new Response("who are you", { status: 401 }));
    const { tries: own } = await callMivaa(bare, STATIC_KEY, { action: "semantic_search" });
    assert.equal(own, 2, "our own key is nothing that the client's text may speak of");
  });

  const hostile: [string, () => Response | Promise<Response>, number, string][] = [
    [
      "a redirect",
      () => new Response(null, { status: 307, headers: { Location: `${service.url}/stolen` } }),
      502,
      "UPSTREAM_REJECTED",
    ],
    ["garbage", () => new Response("<html>secret</html>"), 502, "UPSTREAM_INVALID_RESPONSE"],
    [
      "12 MB",
      () => new Response(`"${"x".repeat(12_000_000)}"`),
      502,
      "UPSTREAM_INVALID_RESPONSE",
    ],
    [
      "nothing in time",
      () => new Promise((resolve) => setTimeout(() => resolve(Response.json({})), 2_500)),
      504,
      "UPSTREAM_TIMEOUT",
    ],
  ];
  for (const [name, answer, status, code] of hostile) {
    await t.step(`of the service, ${name} is ${status} ${code}`, async () => {
      service.requests.length = 0;
      service.answerNext(answer);
      const { body, ...rest } = await post(bare, STATIC_KEY, { action: "hybrid_search" });
      assert.deepEqual([rest.status, body.error.code], [status, code]);
      assert.equal(body.metadata.mivaaEndpoint, "/api/search/hybrid");
      assert.doesNotMatch(JSON.stringify(body), /secret/);
      assert.equal(service.requests.length, 1, "no redirect was followed, and nothing retried");
    });
  }

  await t.step("an unknown action is told with all that there are", async () => {
    const { status, body } = await post(bare, STATIC_KEY, { action: "delete_everything" });
    assert.deepEqual([status, body.error.code], [400, "INVALID_REQUEST"]);
    assert.ok(body.error.details.actions.includes("semantic_analysis"));
    const missing = await post(bare, STATIC_KEY, { payload: {} });
    assert.deepEqual([missing.status, missing.body.error.code], [400, "MISSING_ACTION"]);
    const broken = await post(bare, STATIC_KEY, "text");
    assert.deepEqual([broken.status, broken.body.error.code], [400, "INVALID_REQUEST_BODY"]);
  });

  await t.step("what is wrong with a picture is told by semantic-analysis", async () => {
    const { status, body } = await post(bare, STATIC_KEY, {
      action: "semantic_analysis",
      payload: { image_data: TINY, options: "fast" },
    });
    assert.deepEqual([status, body.error.code], [400, "INVALID_REQUEST"]);
    assert.ok(body.error.details.options);
  });

  await t.step("a slow provider is a 504 before the client gives up", async () => {
    await setFaults(stack, [{ kind: "delay", delayMs: 20_000 }]);
    const envelope = { action: "semantic_analysis", payload };
    // What 29 s are to a client of 30.
    const { status, body } = await post(bare, STATIC_KEY, envelope, { "X-Deadline-Ms": "5000" });
    assert.deepEqual([status, body.error.code], [504, "UPSTREAM_TIMEOUT"]);
    await setFaults(stack, []);
  });

  await t.step("one request id is in both functions' logs", async () => {
    const { headers } = await post(bare, STATIC_KEY, { action: "semantic_analysis", payload });
    const id = headers.get("x-request-id")!;
    for (const name of ["mivaa-gateway", "semantic-analysis"]) await untilLogged(stack, name, id);
    const lines = stack.logs("mivaa-gateway").map(({ line }) => line).join("\n");
    for (const secret of [STATIC_KEY, SERVICE_KEY, stack.secretKey, WOOD.slice(0, 100)]) {
      assert.ok(!lines.includes(secret), "a secret is in the log");
    }
  });

  await t.step("a browser may ask from anywhere", async () => {
    const preflight = await fetch(bare, {
      method: "OPTIONS",
      headers: {
        Origin: "https://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, apikey, x-client-info",
      },
    });
    assert.equal(preflight.status, 204);
    const allowed = preflight.headers.get("access-control-allow-headers") ?? "";
    for (const name of ["authorization", "content-type", "apikey", "x-client-info"]) {
      assert.ok(allowed.includes(name));
    }
  });

  await t.step("the health is that of both sides", async () => {
    const up = await fetch(health).then(read);
    assert.equal(up.status, 200, JSON.stringify(up.body));
    assert.equal(up.body.data.status, "healthy");
    assert.equal(service.requests.at(-1)!.path, "/api/status");
    const monitored = await fetch(health, { method: "HEAD" });
    assert.deepEqual([monitored.status, await monitored.text()], [200, ""]);
    await stack.stopProcess("semantic-analysis");
    await stack.restartProcess("mivaa-gateway"); // which had just asked
    const down = await fetch(health).then(read);
    assert.equal(down.status, 503);
    assert.match(down.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(down.body.data.semantic_analysis.status, "down");
    assert.equal(down.body.data.mivaa.status, "ok");
  });

  await t.step("a dead semantic-analysis is tried three times and then told", async () => {
    await assert.rejects(
      callMivaa(bare, STATIC_KEY, { action: "semantic_analysis", payload }),
      { tries: 3 },
    );
    const { status, body } = await post(bare, STATIC_KEY, { action: "semantic_analysis", payload });
    assert.deepEqual([status, body.error.code], [503, "UPSTREAM_UNAVAILABLE"]);
  });
});
