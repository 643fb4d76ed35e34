import assert from "node:assert/strict";
import { fetchModelList, parseModelList } from "../../../dev/models/fetch-model-list.ts";

const wire = [
  {
    id: "a/vision",
    type: "chat",
    created: 1_767_225_600,
    context_length: 8_192,
    pricing: { hourly: 0, input: 0.15, output: 0.5, base: 0, finetune: 0 },
  },
  { id: "an/embedding", type: "embedding", pricing: null },
  { id: "local" },
];

const parsed = [
  {
    id: "a/vision",
    isChat: true,
    createdAt: 1_767_225_600,
    prices: { inputUsdPerMillion: 0.15, outputUsdPerMillion: 0.5 },
    contextTokens: 8_192,
  },
  { id: "an/embedding", isChat: false, createdAt: null, prices: null, contextTokens: null },
  { id: "local", isChat: true, createdAt: null, prices: null, contextTokens: null },
];

Deno.test("parseModelList() takes Together's bare array and OpenAI's object", () => {
  assert.deepEqual(parseModelList(JSON.stringify(wire)), parsed);
  assert.deepEqual(parseModelList(JSON.stringify({ object: "list", data: wire })), parsed);
});

Deno.test("parseModelList() refuses what is no list of models", () => {
  for (const text of ["", "<html>", "{}", `{"error":"busy"}`, `[{"name":"a"}]`, "null"]) {
    assert.throws(() => parseModelList(text), /no list of models/, text);
  }
});

Deno.test("fetchModelList() asks below the base URL, as the key's owner", async () => {
  const requests: Request[] = [];
  const models = await fetchModelList({
    baseUrl: "https://provider.example/v1/",
    apiKey: "secret",
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return Promise.resolve(Response.json(wire));
    },
  });
  assert.deepEqual(models, parsed);
  assert.equal(requests.length, 1);
  assert.equal(requests[0]!.url, "https://provider.example/v1/models");
  assert.equal(requests[0]!.headers.get("Authorization"), "Bearer secret");
});

Deno.test("fetchModelList() says why there is no list, and never the key", async () => {
  const failures: [() => Promise<Response>, RegExp][] = [
    [() => Promise.resolve(new Response("", { status: 401 })), /the key is refused/],
    [() => Promise.resolve(new Response("", { status: 503 })), /the response is a 503/],
    [() => Promise.resolve(new Response("<html>")), /no list of models/],
    [() => Promise.reject(new TypeError("connection refused")), /connection refused/],
  ];
  for (const [fetch, reason] of failures) {
    await assert.rejects(
      fetchModelList({ baseUrl: "https://provider.example/v1", apiKey: "secret", fetch }),
      (error: Error) => reason.test(error.message) && !error.message.includes("secret"),
    );
  }
});
