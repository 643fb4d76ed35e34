import assert from "node:assert/strict";
import type { Answer } from "../../../support/analysis-client.ts";
import { startTimer } from "../../../../supabase/functions/_shared/platform/http/time-limit.ts";
import { createGateway, MIVAA_VARIABLES, SERVICE_KEY } from "../../../support/gateway.ts";

/** The wire that existing clients and the service know. */
const PLACES: Record<string, string> = {
  generate_embedding: "POST /api/embeddings/generate",
  generate_batch_embeddings: "POST /api/embeddings/batch",
  semantic_search: "POST /api/search/semantic",
  vector_search: "POST /api/search/vector",
  hybrid_search: "POST /api/search/hybrid",
  get_recommendations: "POST /api/search/recommendations",
  get_analytics: "GET /api/analytics",
  analyze_material: "POST /api/materials/analyze",
  extract_text: "POST /api/documents/extract",
  "/extract": "POST /api/documents/extract",
  process_document: "POST /api/documents/process",
  "/process": "POST /api/documents/process",
  status: "GET /api/status",
};

for (const [action, place] of Object.entries(PLACES)) {
  Deno.test(`${action} goes to ${place}`, async () => {
    const { post, serviceRequests, analysisRequests } = createGateway();
    const payload = { text: "oak & ash", limit: 5, embedding_space: "siglip2-base" };
    const { status, body } = await post({
      action,
      payload,
      // What an envelope says about these is not looked at.
      endpoint: "https://evil.example.com/steal",
      method: "DELETE",
      headers: { "X-Admin": "true", Authorization: "Bearer other" },
    });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.data, { embedding: [0.1] });
    assert.equal(body.metadata.mivaaEndpoint, place.split(" ")[1]);
    assert.deepEqual([serviceRequests.length, analysisRequests.length], [1, 0]);
    const sent = serviceRequests[0]!;
    const { origin, pathname, search } = new URL(sent.url);
    assert.equal(`${sent.method} ${pathname.replace("/v2", "")}`, place);
    assert.equal(origin, "https://mivaa.example.com");
    assert.equal(sent.headers.get("authorization"), `Bearer ${SERVICE_KEY}`);
    assert.equal(sent.headers.get("x-request-id"), "gateway-request-1");
    assert.ok(!sent.headers.has("x-admin"));
    assert.equal(sent.redirect, "manual");
    if (sent.method === "POST") {
      assert.equal(search, "");
      assert.equal(sent.headers.get("content-type"), "application/json");
      assert.deepEqual(await sent.json(), payload);
    } else {
      assert.equal(search, "?text=oak+%26+ash&limit=5&embedding_space=siglip2-base");
      assert.equal(sent.body, null);
    }
  });
}

Deno.test("no header of the caller's reaches the service", async () => {
  const { post, serviceRequests } = createGateway();
  await post({ action: "vector_search" }, {
    Authorization: "Bearer a.user.token",
    apikey: "sb_publishable_x",
    Cookie: "a=b",
    "X-Forwarded-For": "10.0.0.1",
  });
  assert.deepEqual([...serviceRequests[0]!.headers.keys()].toSorted(), [
    "accept",
    "authorization",
    "content-type",
    "x-request-id",
  ]);
});

Deno.test("a service without a key gets none", async () => {
  const { post, serviceRequests } = createGateway({
    variables: { MIVAA_SERVICE_URL: "https://mivaa.example.com" },
  });
  await post({ action: "status" });
  assert.equal(serviceRequests[0]!.url, "https://mivaa.example.com/api/status");
  assert.ok(!serviceRequests[0]!.headers.has("authorization"));
});

Deno.test("a payload that no query can say is refused, and takes nothing", async () => {
  const { post, minutes, serviceRequests } = createGateway();
  const { status, body } = await post({ action: "get_analytics", payload: { range: { a: 1 } } });
  assert.deepEqual([status, body.error.code], [400, "INVALID_REQUEST"]);
  assert.ok(body.error.details["payload.range"]);
  assert.deepEqual([minutes, serviceRequests], [[], []]);
});

const SECRET_TEXT = "psql: password of admin";

Deno.test("what is too long for a query is refused, in any script, and takes nothing", async () => {
  for (
    const [text, status] of [["a".repeat(30_000), 200], ["木".repeat(4_000), 400], [
      "a".repeat(1e6),
      400,
    ]] as const
  ) {
    const { post, serviceRequests, minutes } = createGateway();
    const answer = await post({ action: "get_analytics", payload: { text } });
    assert.equal(answer.status, status);
    const asked = status === 200 ? 1 : 0;
    assert.deepEqual([serviceRequests.length, minutes.length], [asked, asked]);
    if (status === 400) assert.ok(answer.body.error.details.payload);
  }
});

Deno.test("a payload that is nested too deep is the caller's fault, for every action", async () => {
  const payload = `{"image_data":"AAAA","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  for (const action of ["semantic_analysis", "generate_embedding", "get_analytics"]) {
    const { post, analysisRequests, serviceRequests, minutes } = createGateway();
    const { status, body } = await post(`{"action":"${action}","payload":${payload}}`);
    assert.deepEqual([status, body.error.code], [400, "INVALID_REQUEST_BODY"]);
    assert.deepEqual([analysisRequests, serviceRequests, minutes], [[], [], []]);
  }
});

const withStatus = (status: number, headers = {}): Answer => () =>
  new Response(status === 304 ? null : SECRET_TEXT, { status, headers });

const FAILURES: [string, Answer, number, string][] = [
  ["400", withStatus(400), 400, "INVALID_REQUEST"],
  ["401", withStatus(401), 503, "NOT_CONFIGURED"],
  ["403", withStatus(403), 503, "NOT_CONFIGURED"],
  ["404", withStatus(404), 404, "NOT_FOUND"],
  ["422", withStatus(422), 400, "INVALID_REQUEST"],
  ["418", withStatus(418), 502, "UPSTREAM_REJECTED"],
  ["429", withStatus(429, { "Retry-After": "12" }), 503, "UPSTREAM_RATE_LIMITED"],
  ["500", withStatus(500), 503, "UPSTREAM_UNAVAILABLE"],
  [
    "a redirect",
    withStatus(302, { Location: "https://evil.example.com/" }),
    502,
    "UPSTREAM_REJECTED",
  ],
  ["a page", () => new Response(SECRET_TEXT), 502, "UPSTREAM_INVALID_RESPONSE"],
  ["a URL that is too long", withStatus(414), 400, "INVALID_REQUEST"],
  ["nothing", () => new Response(null, { status: 204 }), 502, "UPSTREAM_INVALID_RESPONSE"],
  ["JSON that was cut", () => new Response('{"a":'), 502, "UPSTREAM_INVALID_RESPONSE"],
  ["no connection", () => Promise.reject(new TypeError(SECRET_TEXT)), 503, "UPSTREAM_UNAVAILABLE"],
];

for (const [name, service, status, code] of FAILURES) {
  Deno.test(`of the service, ${name} is ${status} ${code}, without its text`, async () => {
    const answer = await createGateway({ service }).post({ action: "semantic_search" });
    assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
    assert.equal(answer.body.metadata.mivaaEndpoint, "/api/search/semantic");
    assert.ok(!JSON.stringify(answer.body).includes(SECRET_TEXT));
    if (name === "429") assert.equal(answer.headers.get("retry-after"), "12");
    if (/^\d+$/.test(name)) {
      // Existing clients look for these two numbers in what they are told.
      const told = ["401", "403"].includes(name) ? undefined : Number(name);
      assert.equal(answer.body.error.details?.mivaa_status, told);
    }
  });
}

Deno.test("an answer without an end is left when it is larger than is taken", async () => {
  let sentBytes = 0;
  let isCancelled = false;
  const { post } = createGateway({
    variables: { ...MIVAA_VARIABLES, MAX_IMAGE_BYTES: "1024" },
    service: () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            sentBytes += 16_384;
            controller.enqueue(new Uint8Array(16_384).fill(0x20));
          },
          cancel: () => void (isCancelled = true),
        }),
      ),
  });
  const { status, body } = await post({ action: "semantic_search" });
  assert.deepEqual([status, body.error.code], [502, "UPSTREAM_INVALID_RESPONSE"]);
  assert.ok(isCancelled && sentBytes < 200_000, `${sentBytes}`);
});

Deno.test("a service that is silent, or stalls, is left when its time is up", async () => {
  const stalls: Answer[] = [
    ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ({ signal }) =>
      new Response(
        new ReadableStream({
          start: (controller) =>
            signal.addEventListener("abort", () => controller.error(signal.reason)),
        }),
      ),
  ];
  for (const service of stalls) {
    const { post } = createGateway({
      service,
      // Over before anything of the service's answer has come.
      startTimer: (_ms, end) => startTimer(0, end),
    });
    const { status, body } = await post({ action: "semantic_search" });
    assert.deepEqual([status, body.error.code], [504, "UPSTREAM_TIMEOUT"]);
  }
});
