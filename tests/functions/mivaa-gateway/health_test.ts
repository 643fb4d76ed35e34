import assert from "node:assert/strict";
import { createGateway, type GatewaySetup, MIVAA_VARIABLES } from "../../support/gateway.ts";

const ok = () => Response.json({ status: "ok" });
const down = () => new Response("down", { status: 503 });
const gone = () => Promise.reject(new TypeError("refused"));

const HEALTHS: [string, GatewaySetup, number, string, string][] = [
  ["both are up", { analysis: ok, service: ok }, 200, "ok", "ok"],
  ["there is no service", { variables: {}, analysis: ok }, 200, "ok", "not_configured"],
  ["the service is down", { analysis: ok, service: down }, 503, "ok", "down"],
  ["the service is gone", { analysis: ok, service: gone }, 503, "ok", "down"],
  ["semantic-analysis is down", { analysis: down, service: ok }, 503, "down", "ok"],
];

for (const [name, setup, status, analysis, mivaa] of HEALTHS) {
  Deno.test(`GET …/api/mivaa/health is ${status} when ${name}`, async () => {
    for (const path of ["/mivaa-gateway/api/mivaa/health", "/mivaa-gateway/health"]) {
      const { call } = createGateway(setup);
      const answer = await call(path);
      assert.equal(answer.status, status);
      assert.equal(answer.body.success, status === 200);
      assert.equal(answer.body.data.status, status === 200 ? "healthy" : "unhealthy");
      assert.equal(answer.body.data.semantic_analysis.status, analysis);
      assert.equal(answer.body.data.mivaa.status, mivaa);
      assert.equal(answer.body.error?.message === undefined, status === 200);
    }
  });
}

Deno.test("the health is 503 when a setting is wrong", async () => {
  const { call } = createGateway({ variables: { MIVAA_TIMEOUT: "soon" } });
  const { status, body } = await call("/mivaa-gateway/api/mivaa/health");
  assert.equal(status, 503);
  assert.equal(body.data.gateway.status, "not_configured");
});

Deno.test("the sides are asked once, however many ask, at the service's own status", async () => {
  const { call, serviceRequests } = createGateway({ variables: MIVAA_VARIABLES, analysis: ok });
  await Promise.all(Array.from({ length: 20 }, () => call("/mivaa-gateway/api/mivaa/health")));
  assert.deepEqual(serviceRequests.map(({ url }) => url), [
    "https://mivaa.example.com/v2/api/status",
  ]);
});
