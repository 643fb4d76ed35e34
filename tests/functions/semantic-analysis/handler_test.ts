import assert from "node:assert/strict";
import { ApiError } from "../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { ReserveRequest } from "../../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import { errorOf } from "../../support/api-errors.ts";
import { STATE } from "../../support/fake-limiter.ts";
import { completion, OAK, refusal, saying } from "../../support/fake-together.ts";
import { createFunction, DEFAULT_MODEL, IMAGE, USER } from "../../support/function.ts";

Deno.test("a picture is answered with an analysis and every header of the contract", async () => {
  const { post, lines } = createFunction();
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 200);
  const { description: _, confidence: __, ...material } = OAK;
  assert.deepEqual(await response.json(), {
    analysis: "Oak with a matt finish.",
    // The model's word alone, so no more than 0.75.
    confidence: 0.75,
    confidence_detail: {
      method: "verbalized",
      calibrated: false,
      raw: 0.9,
      model: DEFAULT_MODEL,
      reason: { calibrated: "no_map", candidates: "no_map" },
    },
    material,
    model_requested: DEFAULT_MODEL,
    model_used: "local/fake",
    usage: {
      prompt_tokens: 1000,
      completion_tokens: 20,
      cost_usd: 0.001224,
      estimated_prompt_tokens: 2034,
      estimated_cost_usd: 0.0032808,
    },
    cached: false,
    warnings: [],
    processing_time_ms: 0,
    request_id: "request-1",
  });
  const { headers } = response;
  assert.equal(headers.get("x-request-id"), "request-1");
  assert.equal(headers.get("ratelimit-policy"), '"minute";q=20;w=60, "day";q=200;w=86400');
  assert.equal(headers.get("ratelimit"), '"minute";r=19;t=3, "day";r=199;t=3600');
  assert.equal(headers.get("access-control-allow-origin"), "*");
  assert.match(headers.get("server-timing")!, /auth;dur=.*limit;dur=.*upstream;dur=.*total;dur=/);
  assert.equal(lines.length, 1);
  for (const secret of [IMAGE, "tgp_v1_secret", "Oak"]) {
    assert.ok(!lines[0]!.includes(secret), `the log holds ${secret}`);
  }
});

Deno.test("every path of the contract is tolerated", async () => {
  for (
    const path of [
      "/",
      "/semantic-analysis",
      "/semantic-analysis/",
      "/functions/v1/semantic-analysis",
      "/semantic-analysis/api/semantic-analysis",
      "/api/semantic-analysis",
      "/functions/v1/semantic-analysis/api/semantic-analysis",
    ]
  ) {
    const { post } = createFunction();
    assert.equal((await post({ image_data: IMAGE }, {}, path)).status, 200, path);
  }
});

Deno.test("a path that isn't one is not found", async () => {
  for (const path of ["/semantic-analysisx", "/semantic-analysis/other", "/health/x"]) {
    const { post } = createFunction();
    const response = await post({ image_data: IMAGE }, {}, path);
    assert.equal(response.status, 404, path);
    assert.equal((await errorOf(response)).code, "NOT_FOUND");
  }
});

Deno.test("GET and PUT are not allowed, and say what is", async () => {
  for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
    const { call } = createFunction();
    const response = await call("/semantic-analysis", { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "POST, OPTIONS");
    assert.equal((await errorOf(response)).code, "METHOD_NOT_ALLOWED");
  }
});

Deno.test("a body that isn't JSON by its type is refused before it costs anything", async () => {
  for (const type of ["text/html", "application/xml", "application/jsonp"]) {
    const { post, limiter } = createFunction();
    const response = await post({ image_data: IMAGE }, { "Content-Type": type });
    assert.equal(response.status, 415);
    assert.equal((await errorOf(response)).code, "UNSUPPORTED_MEDIA_TYPE");
    assert.equal(limiter.reserved.length, 0);
  }
  const { post } = createFunction();
  const headers = { "Content-Type": "Application/JSON; charset=utf-8" };
  assert.equal((await post({ image_data: IMAGE }, headers)).status, 200);
});

Deno.test("bad input costs nothing", async () => {
  for (const body of ["", "[]", "{}", { image_data: "AAAA" }, { image_data: IMAGE, prompt: 1 }]) {
    const { post, limiter, together } = createFunction();
    assert.equal((await post(body)).status, 400);
    assert.equal(limiter.reserved.length, 0);
    assert.equal(together.requests.length, 0);
  }
});

Deno.test("a body over the limit is refused", async () => {
  const { post, limiter } = createFunction({ variables: { MAX_IMAGE_BYTES: "1024" } });
  const response = await post({ image_data: "A".repeat(70_000) });
  assert.equal(response.status, 413);
  assert.equal((await errorOf(response)).code, "IMAGE_TOO_LARGE");
  assert.equal(limiter.reserved.length, 0);
});

Deno.test("a picture's URL is passed on, never fetched", async () => {
  const { post, together } = createFunction();
  await post({ image_data: "https://example.com/oak.jpg" });
  assert.equal(together.requests.length, 1);
  const [, image] = together.requests[0]!.body.messages[1].content;
  assert.equal(image.image_url.url, "https://example.com/oak.jpg");
});

Deno.test("a picture's URL is refused where another server than Together's would fetch it", async () => {
  const variables = { TOGETHER_BASE_URL: "http://127.0.0.1:11434/v1" };
  const refused = await createFunction({ variables }).post({
    image_data: "https://example.com/oak.jpg",
  });
  assert.equal(refused.status, 400);
  const allowed = await createFunction({ variables: { ...variables, ALLOW_IMAGE_URLS: "true" } })
    .post({ image_data: "https://example.com/oak.jpg" });
  assert.equal(allowed.status, 200);
});

Deno.test("the answer of a model further down the chain says so", async () => {
  const { post } = createFunction({
    answers: [refusal(400, "model_not_available"), saying(OAK, { model: "Qwen/Qwen3.5-9B" })],
  });
  const body = await (await post({ image_data: IMAGE })).json();
  assert.equal(body.model_requested, DEFAULT_MODEL);
  assert.equal(body.model_used, "Qwen/Qwen3.5-9B");
  assert.equal(body.usage.cost_usd, (1000 * 170 + 20 * 250) / 1e9);
  assert.deepEqual(body.warnings, [{
    code: "MODEL_FALLBACK",
    message: `The model "${DEFAULT_MODEL}" did not answer, "Qwen/Qwen3.5-9B" did`,
  }]);
});

Deno.test("an answer that was cut says so", async () => {
  const { post } = createFunction({
    answers: [completion({
      choices: [{ finish_reason: "length", message: { content: "Oak with" } }],
    })],
  });
  const body = { image_data: IMAGE, analysis_type: "general_description" };
  const { warnings } = await (await post(body)).json();
  assert.deepEqual(warnings.map((warning: { code: string }) => warning.code), ["ANSWER_TRUNCATED"]);
});

Deno.test("a denial names the limit and asks no model", async () => {
  const { post, together } = createFunction({
    decisions: [{ outcome: "denied", state: STATE, limitedBy: "day", retryAfterMs: 1_500 }],
  });
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "2");
  assert.ok(response.headers.has("ratelimit"));
  const error = await errorOf(response);
  assert.equal(error.code, "RATE_LIMITED");
  assert.deepEqual(error.details, { limit: "day", retry_after_ms: 1_500 });
  assert.equal(together.requests.length, 0);
});

Deno.test("without an answer of the limiter nothing is started", async () => {
  const { post, together } = createFunction({
    decisions: [new ApiError("RATE_LIMITER_UNAVAILABLE", "No")],
  });
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 503);
  assert.ok(response.headers.has("retry-after"));
  assert.equal(together.requests.length, 0);
});

Deno.test("anonymous users have the lower limits", async () => {
  const { post, limiter } = createFunction({ caller: { ...USER, kind: "anonymous" } });
  await post({ image_data: IMAGE });
  const [{ subject, limits }] = limiter.reserved as [ReserveRequest];
  assert.equal(subject, "user:u");
  assert.deepEqual(limits, {
    perMinute: 5,
    burst: 5,
    perDay: 50,
    concurrent: 1,
    nanoUsdPerMonth: null,
  });
});

Deno.test("an error event says when to come back, as Retry-After does", async () => {
  for (const answer of [refusal(503), refusal(402), refusal(401), refusal(422)]) {
    const [plain, streamed] = await Promise.all([false, true].map(async (stream) => {
      const { post, clock } = createFunction({ answers: [answer] });
      const response = await post({ image_data: IMAGE, options: { stream } });
      return { headers: response.headers, text: await clock.run(response.text()) };
    }));
    const expected = JSON.parse(plain!.text);
    const seconds = plain!.headers.get("retry-after");
    if (seconds) expected.error.details = { retry_after_ms: Number(seconds) * 1000 };
    assert.equal(streamed!.text, `event: error\ndata: ${JSON.stringify(expected)}\n\n`);
  }
});

Deno.test("a caller without credentials gets 401, with CORS", async () => {
  const { post, limiter } = createFunction({ caller: new ApiError("UNAUTHORIZED", "Sign in") });
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.equal(limiter.reserved.length, 0);
});

Deno.test("the off switch answers 503 DISABLED", async () => {
  const { post, call } = createFunction({ variables: { ANALYSIS_ENABLED: "false" } });
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 503);
  assert.equal((await errorOf(response)).code, "DISABLED");
  assert.ok(response.headers.has("retry-after"));
  const health = await (await call("/semantic-analysis/health")).json();
  assert.equal(health.status, "disabled");
});

Deno.test("a wrong setting answers 503 NOT_CONFIGURED without naming it to strangers", async () => {
  const { post, call } = createFunction({ variables: { TOGETHER_TIMEOUT: "60000" } });
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 503);
  const text = await response.text();
  assert.equal(JSON.parse(text).error.code, "NOT_CONFIGURED");
  assert.ok(!text.includes("60000"));
  assert.equal((await call("/semantic-analysis/health")).status, 503);
});
