import assert from "node:assert/strict";
import type { RecordedRequest } from "../../../../dev/together-stand-in/wire/request-log.ts";
import {
  createChatRequest,
  createMessages,
  createQuietStandIn,
  createRequest,
  RED,
} from "../requests.ts";

async function readRecorded(
  standIn: ReturnType<typeof createQuietStandIn>,
): Promise<RecordedRequest[]> {
  return await (await standIn.fetch(createRequest("GET", "/__requests"))).json();
}

Deno.test("requests are recorded without key and image", async () => {
  const standIn = createQuietStandIn({ now: () => 0 });
  const request = createChatRequest({ model: "a/b", temperature: 0.1 });
  const byteLength = (await request.clone().bytes()).byteLength;
  await standIn.fetch(request);
  const requests = await readRecorded(standIn);
  assert.deepEqual(requests, [{
    method: "POST",
    path: "/v1/chat/completions",
    model: "a/b",
    headers: { "content-type": "application/json" },
    hasImage: true,
    byteLength,
    parameters: {
      model: "a/b",
      messages: createMessages(`[${RED.length} characters]`),
      temperature: 0.1,
    },
    receivedAt: "1970-01-01T00:00:00.000Z",
  }]);
});

Deno.test("a recorded request holds no image, however it was sent", async () => {
  const standIn = createQuietStandIn();
  const base64 = RED.slice(RED.indexOf(",") + 1);
  await standIn.fetch(createChatRequest({ messages: createMessages(base64) }));
  await standIn.fetch(createChatRequest({ image: RED }));
  await standIn.fetch(createChatRequest({ image: base64.repeat(500) }));
  await standIn.fetch(createChatRequest(base64));
  const recorded = await readRecorded(standIn);
  assert.equal(recorded.length, 4);
  assert.ok(!JSON.stringify(recorded).includes(base64.slice(0, 40)));
  assert.equal(recorded[3]?.parameters, null);
});

Deno.test("refused requests are recorded too, until they are forgotten", async () => {
  const standIn = createQuietStandIn();
  await standIn.fetch(createChatRequest({}, { headers: {} }));
  await standIn.fetch(createRequest("GET", "/v1/nothing"));
  const recorded = await readRecorded(standIn);
  assert.deepEqual(recorded.map(({ path }) => path), ["/v1/chat/completions", "/v1/nothing"]);
  assert.equal((await standIn.fetch(createRequest("DELETE", "/__requests"))).status, 204);
  assert.deepEqual(await readRecorded(standIn), []);
});

Deno.test("a request is logged in one line without key and image", async () => {
  const lines: string[] = [];
  const standIn = createQuietStandIn({ log: (line) => lines.push(line), now: () => 0 });
  await standIn.fetch(createChatRequest());
  await standIn.fetch(createRequest("GET", "/v1/nothing"));
  assert.deepEqual(lines, [
    "POST /v1/chat/completions some/model 200 0 ms",
    "GET /v1/nothing - 404 0 ms",
  ]);
});
