import assert from "node:assert/strict";
import { createChatRequest, createQuietStandIn, createRequest } from "../requests.ts";

Deno.test("faults are told, listed and forgotten over the wire", async () => {
  const standIn = createQuietStandIn();
  const list = [{ kind: "status", status: 503, times: 2 }];
  assert.equal((await standIn.fetch(createRequest("PUT", "/__faults", list))).status, 200);
  assert.equal((await standIn.fetch(createChatRequest())).status, 503);
  const pending = await (await standIn.fetch(createRequest("GET", "/__faults"))).json();
  assert.deepEqual(pending, [{ kind: "status", status: 503, times: 1, route: "chat" }]);
  assert.equal((await standIn.fetch(createRequest("DELETE", "/__faults"))).status, 204);
  assert.equal((await standIn.fetch(createChatRequest())).status, 200);
});

Deno.test("a list of faults that makes no sense is refused and changes nothing", async () => {
  const standIn = createQuietStandIn({ faults: [{ kind: "status", status: 500 }] });
  const response = await standIn.fetch(createRequest("PUT", "/__faults", [{ kind: "explode" }]));
  assert.equal(response.status, 400);
  assert.match((await response.json()).error, /kind/);
  assert.equal((await standIn.fetch(createChatRequest())).status, 500);
  assert.equal((await standIn.fetch(createRequest("GET", "/__nothing"))).status, 404);
});
