import assert from "node:assert/strict";
import { ApiError } from "../../../supabase/functions/_shared/platform/http/api-error.ts";
import { VERSION } from "../../../supabase/functions/_shared/platform/version.ts";
import { ACTION_NAMES } from "../../../supabase/functions/mivaa-gateway/actions/actions.ts";
import { ANALYSIS, refuse } from "../../support/analysis-client.ts";
import { SERVICE } from "../../support/function.ts";
import {
  createGateway,
  type GatewaySetup,
  MINUTE_HEADERS,
  SERVICE_KEY,
  STATIC_KEY,
} from "../../support/gateway.ts";

const ANALYSE = { action: "semantic_analysis", payload: { image_data: "AAAA" } };
const EMBED = { action: "generate_embedding", payload: { text: "oak" } };
const USER_ID = "3f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e";

Deno.test("both names of an analysis, at both paths, go to semantic-analysis", async () => {
  for (const action of ["semantic_analysis", "llama_vision_analysis"]) {
    for (const path of ["/mivaa-gateway", "/mivaa-gateway/api/mivaa/gateway", "/"]) {
      const { post, analysisRequests, serviceRequests, minutes } = createGateway();
      const { status, body } = await post({ ...ANALYSE, action }, {}, path);
      assert.equal(status, 200);
      assert.deepEqual(body, { success: true, data: ANALYSIS, metadata: body.metadata });
      assert.equal(analysisRequests.length, 1);
      assert.deepEqual(await analysisRequests[0]!.json(), { image_data: "AAAA" });
      // semantic-analysis takes from the limits itself.
      assert.deepEqual([serviceRequests, minutes], [[], []]);
    }
  }
});

Deno.test("a picture in Storage is for users: a static key and a secret are refused it", async () => {
  const stored = { ...ANALYSE, payload: { image: { bucket: "photos", path: "a.jpg" } } };
  const withKey = createGateway();
  const refused = await withKey.post(stored, { Authorization: `Bearer ${STATIC_KEY}` });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error.code, "FORBIDDEN");
  assert.doesNotMatch(refused.body.error.message, /401|403/);
  const ofService = createGateway({ caller: SERVICE });
  assert.equal((await ofService.post(stored)).status, 403);
  assert.deepEqual([...withKey.analysisRequests, ...ofService.analysisRequests], []);
  const ofUser = createGateway();
  assert.equal((await ofUser.post(stored, { Authorization: "Bearer token" })).status, 200);
  assert.deepEqual(await ofUser.analysisRequests[0]!.json(), stored.payload);
});

Deno.test("a payload with a bucket is a request with an unknown field, and no place in Storage", async () => {
  for (const rest of [{}, { image_data: "AAAA" }]) {
    const payload = { bucket: "photos", path: "a.jpg", ...rest };
    const { post, analysisRequests } = createGateway();
    await post({ ...ANALYSE, payload }, { Authorization: `Bearer ${STATIC_KEY}` });
    assert.deepEqual(await analysisRequests[0]!.json(), { path: "a.jpg", ...rest });
  }
});

Deno.test("the metadata is true", async () => {
  const { post } = createGateway();
  const before = Date.now();
  const { body: { metadata } } = await post(ANALYSE);
  assert.deepEqual(Object.keys(metadata), ["timestamp", "processingTime", "version"]);
  assert.ok(
    Date.parse(metadata.timestamp) >= before && Date.parse(metadata.timestamp) <= Date.now(),
  );
  assert.ok(Number.isInteger(metadata.processingTime) && metadata.processingTime <= 5_000);
  assert.equal(metadata.version, VERSION);
});

Deno.test("an analysis has 29 s less what is gone, and the gateway's request id", async () => {
  const { post, analysisRequests, lines } = createGateway();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const { headers } = await post(ANALYSE, { traceparent });
  const sent = analysisRequests[0]!.headers;
  const deadlineMs = Number(sent.get("x-deadline-ms"));
  assert.ok(deadlineMs > 25_000 && deadlineMs <= 29_000, `${deadlineMs}`);
  assert.equal(sent.get("x-request-id"), "gateway-request-1");
  assert.equal(headers.get("x-request-id"), "gateway-request-1");
  assert.equal(sent.get("traceparent"), traceparent);
  assert.equal(lines[0].action, "semantic_analysis");
});

Deno.test("a client with less time than that may say so, and not one with more", async () => {
  const { post, analysisRequests } = createGateway();
  for (const [given, most] of [["5000", 4_000], ["90000", 29_000], ["soon", 29_000]] as const) {
    await post(ANALYSE, { "X-Deadline-Ms": given });
    const deadlineMs = Number(analysisRequests.at(-1)!.headers.get("x-deadline-ms"));
    assert.ok(deadlineMs <= most && deadlineMs > most - 2_000, `${deadlineMs} of ${most}`);
  }
  const late = await post(ANALYSE, { "X-Deadline-Ms": "1000" });
  assert.deepEqual([late.status, late.body.error.code], [504, "UPSTREAM_TIMEOUT"]);
  assert.equal(analysisRequests.length, 3);
});

Deno.test("a user is a user there: the token goes on, beside the gateway's secret", async () => {
  const { post, analysisRequests } = createGateway();
  await post(ANALYSE, { "x-service-name": "other", "x-user-id": USER_ID });
  const { headers } = analysisRequests[0]!;
  assert.equal(headers.get("authorization"), "Bearer a.user.token");
  assert.equal(headers.get("apikey"), "sb_secret_default");
  assert.ok(!headers.has("x-service-name") && !headers.has("x-user-id"));
});

Deno.test("a service is the same service there, and may name a user", async () => {
  const own = createGateway({ caller: { ...SERVICE, subject: "service:jobs" } });
  await own.post(ANALYSE, { Authorization: "Bearer sb_secret_jobs" });
  assert.equal(own.analysisRequests[0]!.headers.get("x-service-name"), "jobs");
  assert.doesNotMatch(own.analysisRequests[0]!.headers.get("authorization") ?? "", /jobs/);

  const named = createGateway({
    caller: { subject: `user:${USER_ID}`, kind: "user", userId: USER_ID, hasSecret: true },
  });
  // The legacy service_role key looks like a token and stands where one would.
  await named.post(ANALYSE, { Authorization: "Bearer service.role.key", "x-user-id": USER_ID });
  const { headers } = named.analysisRequests[0]!;
  assert.equal(headers.get("x-user-id"), USER_ID);
  assert.notEqual(headers.get("authorization"), "Bearer service.role.key");
});

Deno.test("a static key is service:mivaa, and is not sent on", async () => {
  const { post, analysisRequests, minutes, serviceRequests } = createGateway({
    caller: new ApiError("UNAUTHORIZED", "Not a token"),
  });
  const key = { Authorization: `Bearer ${STATIC_KEY}` };
  assert.equal((await post(ANALYSE, key)).status, 200);
  const { headers } = analysisRequests[0]!;
  assert.equal(headers.get("x-service-name"), "mivaa");
  assert.doesNotMatch(headers.get("authorization") ?? "", new RegExp(STATIC_KEY));
  assert.equal((await post(EMBED, key)).status, 200);
  assert.deepEqual(minutes, ["service:mivaa"]);
  assert.equal(serviceRequests[0]!.headers.get("authorization"), `Bearer ${SERVICE_KEY}`);
});

Deno.test("only a project's secret chooses the model through the gateway", async () => {
  const payload = { image_data: "x", options: { model: "Qwen/Qwen3.5-9B" } };
  const statusOf = async (setup: GatewaySetup, headers = {}) =>
    (await createGateway(setup).post({ action: "semantic_analysis", payload }, headers)).status;
  assert.equal(await statusOf({}), 403);
  assert.equal(await statusOf({}, { Authorization: `Bearer ${STATIC_KEY}` }), 403);
  assert.equal(await statusOf({ caller: SERVICE }), 200);
});

Deno.test("a palette goes through the gateway as it came", async () => {
  const { post, analysisRequests } = createGateway();
  const palette = [{ hex: "#b68350", share: 0.7, name: "warm brown" }];
  await post({ ...ANALYSE, payload: { ...ANALYSE.payload, options: { palette } } });
  assert.deepEqual((await analysisRequests[0]!.json()).options, { palette });
});

Deno.test("a static key can't name a user", async () => {
  const { post, analysisRequests, serviceRequests } = createGateway();
  for (const id of [USER_ID, "", "admin"]) {
    const headers = { Authorization: `Bearer ${STATIC_KEY}`, "x-user-id": id };
    for (const envelope of [ANALYSE, EMBED]) {
      const { status, body } = await post(envelope, headers);
      assert.deepEqual([status, body.error.code], [403, "FORBIDDEN"]);
    }
  }
  assert.deepEqual([analysisRequests, serviceRequests], [[], []]);
});

Deno.test("the limits of an analysis are told, of a success and of a refusal", async () => {
  const limits = { RateLimit: '"minute";r=1;t=3', "RateLimit-Policy": '"minute";q=20;w=60' };
  const ok = createGateway({ analysis: () => Response.json(ANALYSIS, { headers: limits }) });
  const answer = await ok.post(ANALYSE);
  assert.equal(answer.headers.get("ratelimit"), limits.RateLimit);

  const headers = { ...limits, "Retry-After": "7" };
  const details = { limit: "minute", retry_after_ms: 6_500 };
  const refusing = createGateway({
    analysis: () => refuse(429, "RATE_LIMITED", { headers, details }),
  });
  const refused = await refusing.post(ANALYSE);
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.body.error, {
    code: "RATE_LIMITED",
    message: "Refused with RATE_LIMITED",
    details,
  });
  assert.equal(refused.headers.get("retry-after"), "7");
  assert.equal(refused.headers.get("ratelimit"), limits.RateLimit);
  assert.equal(refused.headers.get("ratelimit-policy"), limits["RateLimit-Policy"]);
});

const ANALYSIS_FAILURES: [string, () => Response | Promise<Response>, number, string][] = [
  ["bad input", () => refuse(400, "INVALID_IMAGE"), 400, "INVALID_IMAGE"],
  ["a provider in trouble", () => refuse(503, "UPSTREAM_UNAVAILABLE"), 503, "UPSTREAM_UNAVAILABLE"],
  ["a passed deadline", () => refuse(504, "UPSTREAM_TIMEOUT"), 504, "UPSTREAM_TIMEOUT"],
  ["its bug", () => refuse(500, "INTERNAL"), 500, "GATEWAY_ERROR"],
  ["our secret being refused", () => refuse(401, "UNAUTHORIZED"), 503, "NOT_CONFIGURED"],
  ["a newer code, 4xx", () => refuse(418, "NEW_CODE"), 502, "UPSTREAM_REJECTED"],
  ["a newer code, 5xx", () => refuse(599, "NEW_CODE"), 503, "UPSTREAM_UNAVAILABLE"],
  ["a killed worker", () => new Response("killed", { status: 546 }), 503, "UPSTREAM_UNAVAILABLE"],
  ["a page", () => new Response("<html>"), 502, "UPSTREAM_INVALID_RESPONSE"],
  ["no connection", () => Promise.reject(new TypeError("refused")), 503, "UPSTREAM_UNAVAILABLE"],
];

for (const [name, analysis, status, code] of ANALYSIS_FAILURES) {
  Deno.test(`of semantic-analysis, ${name} is ${status} ${code}`, async () => {
    const answer = await createGateway({ analysis }).post(ANALYSE);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    assert.equal(answer.body.success, false);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    if (status === 503) assert.match(answer.headers.get("retry-after")!, /^\d+$/);
  });
}

const ENVELOPE_FAULTS: [string, string, string][] = [
  ["no body", "", "INVALID_REQUEST_BODY"],
  ["no JSON", "{action", "INVALID_REQUEST_BODY"],
  ["a list", "[]", "INVALID_REQUEST_BODY"],
  ["null", "null", "INVALID_REQUEST_BODY"],
  ["a payload that is no object", '{"action":"status","payload":[]}', "INVALID_REQUEST_BODY"],
  ["no action", '{"payload":{}}', "MISSING_ACTION"],
  ["an empty action", '{"action":""}', "MISSING_ACTION"],
  ["an action that is no text", '{"action":{"name":"status"}}', "MISSING_ACTION"],
  ["an unknown action", '{"action":"drop_everything"}', "INVALID_REQUEST"],
  ["a name of every object", '{"action":"constructor"}', "INVALID_REQUEST"],
  ["__proto__", '{"action":"__proto__"}', "INVALID_REQUEST"],
];

for (const [name, text, code] of ENVELOPE_FAULTS) {
  Deno.test(`${name} is 400 ${code}, and nothing is taken`, async () => {
    const { post, minutes, analysisRequests, serviceRequests } = createGateway();
    const { status, body } = await post(text);
    assert.deepEqual([status, body.success, body.error.code], [400, false, code]);
    assert.equal(body.metadata.version, VERSION);
    if (body.error.details.action) assert.deepEqual(body.error.details.actions, ACTION_NAMES);
    assert.deepEqual([minutes, analysisRequests, serviceRequests], [[], [], []]);
  });
}

Deno.test("a wrong key is refused before any function is called", async () => {
  const { post, analysisRequests } = createGateway({
    caller: new ApiError("UNAUTHORIZED", "Sign in"),
  });
  for (const key of [STATIC_KEY.slice(1), `${STATIC_KEY}x`, STATIC_KEY.toUpperCase(), ""]) {
    const { status, body } = await post(ANALYSE, { Authorization: `Bearer ${key}` });
    assert.deepEqual([status, body.error.code], [401, "UNAUTHORIZED"]);
  }
  assert.deepEqual(analysisRequests, []);
});

Deno.test("a body that is too large is refused before it is read", async () => {
  const { post } = createGateway({ variables: { MAX_IMAGE_BYTES: "1024" } });
  const { status, body } = await post({ ...ANALYSE, payload: { image_data: "A".repeat(80_000) } });
  assert.deepEqual([status, body.error.code], [413, "IMAGE_TOO_LARGE"]);
});

Deno.test("other paths and methods are told in the envelope too", async () => {
  const { call } = createGateway();
  const get = await call("/mivaa-gateway");
  assert.deepEqual([get.status, get.body.error.code], [405, "METHOD_NOT_ALLOWED"]);
  const other = await call("/mivaa-gateway/api/other");
  assert.deepEqual([other.status, other.body.error.code], [404, "NOT_FOUND"]);
});

Deno.test("a wrong setting is NOT_CONFIGURED for everything", async () => {
  const { post, problems } = createGateway({
    variables: { MIVAA_GATEWAY_KEYS: "short", MIVAA_TIMEOUT: "soon" },
  });
  assert.deepEqual(problems?.map(({ variable }) => variable), [
    "MIVAA_GATEWAY_KEYS",
    "MIVAA_TIMEOUT",
  ]);
  assert.ok(!JSON.stringify(problems).includes("short"));
  const { status, body } = await post(ANALYSE);
  assert.deepEqual([status, body.error.code], [503, "NOT_CONFIGURED"]);
});

Deno.test("without the service its actions are NOT_CONFIGURED, and take nothing", async () => {
  const { post, minutes } = createGateway({ variables: {} });
  const { status, body } = await post(EMBED);
  assert.deepEqual([status, body.error.code], [503, "NOT_CONFIGURED"]);
  assert.match(body.error.message, /MIVAA service/);
  assert.equal(body.metadata.mivaaEndpoint, undefined);
  assert.deepEqual(minutes, []);
  assert.equal((await post(ANALYSE)).status, 200);
});

Deno.test("an action of the service takes a minute unit, and says what is left", async () => {
  const { post, minutes } = createGateway();
  const { headers, body } = await post(EMBED);
  assert.deepEqual(minutes, ["user:u"]);
  assert.equal(headers.get("ratelimit"), MINUTE_HEADERS.RateLimit);
  assert.equal(body.metadata.mivaaEndpoint, "/api/embeddings/generate");

  const minute = new ApiError("RATE_LIMITED", "Used up", {
    retryAfterMs: 2_100,
    headers: { RateLimit: '"minute";r=0;t=3' },
  });
  const refusing = createGateway({ minute });
  const refused = await refusing.post(EMBED);
  assert.deepEqual([refused.status, refused.body.error.code], [429, "RATE_LIMITED"]);
  assert.equal(refused.headers.get("retry-after"), "3");
  assert.equal(refused.headers.get("ratelimit"), '"minute";r=0;t=3');
  assert.deepEqual(refusing.serviceRequests, []);
});
