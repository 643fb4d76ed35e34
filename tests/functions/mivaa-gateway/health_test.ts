import assert from "node:assert/strict";
import { createGateway, type GatewaySetup, MIVAA_VARIABLES } from "../../support/gateway.ts";

const ok = () => Response.json({ status: "ok" });
const down = () => new Response("down", { status: 503 });
const disabled = () => Response.json({ status: "disabled", version: "0.1.0" });
const page = () => new Response("<!doctype html>");
const gone = () => Promise.reject(new TypeError("refused"));

/** HTTP status, `data.status`, and those of semantic-analysis and the service. */
type Expected = [number, string, string, string];

const HEALTHS: [string, GatewaySetup, Expected][] = [
  ["both are up", { analysis: ok, service: ok }, [200, "healthy", "ok", "ok"]],
  ["there is no service", { variables: {}, analysis: ok }, [
    200,
    "healthy",
    "ok",
    "not_configured",
  ]],
  ["the service is down", { analysis: ok, service: down }, [503, "unhealthy", "ok", "down"]],
  ["the service is gone", { analysis: ok, service: gone }, [503, "unhealthy", "ok", "down"]],
  ["semantic-analysis is down", { analysis: down, service: ok }, [
    503,
    "unhealthy",
    "down",
    "ok",
  ]],
  ["something else answers for semantic-analysis", { analysis: page, service: ok }, [
    503,
    "unhealthy",
    "down",
    "ok",
  ]],
  ["semantic-analysis is switched off", { analysis: disabled, service: ok }, [
    200,
    "degraded",
    "disabled",
    "ok",
  ]],
  ["it is switched off and the service is down", { analysis: disabled, service: down }, [
    503,
    "unhealthy",
    "disabled",
    "down",
  ]],
];

for (const [name, setup, [status, overall, analysis, mivaa]] of HEALTHS) {
  Deno.test(`GET …/api/mivaa/health is ${status}, ${overall}, when ${name}`, async () => {
    for (const path of ["/mivaa-gateway/api/mivaa/health", "/mivaa-gateway/health"]) {
      const { call } = createGateway(setup);
      const answer = await call(path);
      assert.equal(answer.status, status);
      assert.equal(answer.body.success, status === 200);
      assert.equal(answer.body.data.status, overall);
      assert.equal(answer.body.data.semantic_analysis.status, analysis);
      assert.equal(answer.body.data.mivaa.status, mivaa);
      assert.equal(answer.body.error?.message === undefined, status === 200);
      assert.equal(answer.headers.has("retry-after"), status === 503);
    }
  });
}

Deno.test("a service's own answer is not looked into", async () => {
  for (const service of [page, disabled]) {
    const { call } = createGateway({ analysis: ok, service });
    assert.equal((await call("/mivaa-gateway/health")).body.data.mivaa.status, "ok");
  }
});

Deno.test("a monitor may ask for the health with HEAD", async () => {
  for (const [analysis, status] of [[ok, 200], [down, 503]] as const) {
    const { call } = createGateway({ analysis, service: ok });
    const answer = await call("/mivaa-gateway/api/mivaa/health", { method: "HEAD" });
    assert.deepEqual([answer.status, answer.body], [status, null]);
  }
});

Deno.test("the health is 503 when a setting is wrong", async () => {
  const { call } = createGateway({ variables: { MIVAA_TIMEOUT: "soon" } });
  const { status, headers, body } = await call("/mivaa-gateway/api/mivaa/health");
  assert.equal(status, 503);
  assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal(body.data.gateway.status, "not_configured");
});

Deno.test("the sides are asked once, however many ask, at the service's own status", async () => {
  const { call, serviceRequests } = createGateway({ variables: MIVAA_VARIABLES, analysis: ok });
  await Promise.all(Array.from({ length: 20 }, () => call("/mivaa-gateway/api/mivaa/health")));
  assert.deepEqual(serviceRequests.map(({ url }) => url), [
    "https://mivaa.example.com/v2/api/status",
  ]);
});
