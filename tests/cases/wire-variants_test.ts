/** What providers send, each in many variants: refusals, parameters, pages. */
import type { Reply } from "./fake-provider.ts";
import { assertCase } from "./replay.ts";
import { JSON_TEXT, whole } from "./replies.ts";
import { STRUCTURE, testAll } from "./variants.ts";

const json = (status: number, body: unknown, headers = {}): Reply => ({
  status,
  body: JSON.stringify(body),
  headers,
});
const page = (
  status: number,
  body = "<!DOCTYPE html><title>x</title>",
  type = "text/html",
): Reply => ({
  status,
  body,
  headers: { "content-type": type },
});

const GONE: [string, Reply][] = [
  ["model_not_available", json(400, { error: { message: "x", code: "model_not_available" } })],
  [
    "dedicated_endpoint_not_running",
    json(400, { error: { code: "dedicated_endpoint_not_running" } }),
  ],
  ["404", json(404, { error: { message: "x", code: null } })],
  ["404 of FastAPI", json(404, { detail: "Not Found" })],
  ["404 in plain text", page(404, "404 page not found", "text/plain")],
  ["410", json(410, {})],
  ["422 about the model", json(422, { error: { code: "model_not_found" } })],
  ["400, its parameter is the model", json(400, { error: { param: "model", code: null } })],
  ["400, its type names the model", json(400, { error: { type: "model_not_found", code: null } })],
  ["vLLM", json(404, { object: "error", message: "x", type: "NotFoundError", code: 404 })],
  ["403 about the model", json(403, { error: { code: "model_access_denied" } })],
  ["in a 200", json(200, { error: { message: "x", code: "model_not_available" } })],
];
for (const [name, reply] of GONE) {
  const isWithinAnswer = (reply.status ?? 200) === 200;
  testAll(`a model that is gone, ${name}: the next one`, (good) => [reply, good], {
    status: 200,
    models: "^meta-llama/[^,]*,(?!meta-llama)",
    maxCalls: 2,
    ...(!isWithinAnswer && { maxSpentUsd: 0.001 }),
  });
  testAll(
    `models that are gone, ${name}: to the end of the chain`,
    (good) => [reply, reply, reply, good],
    {
      status: 200,
      models: "Muse",
      maxCalls: 4,
    },
  );
}
testAll("every model is gone", () => [json(404, {})], {
  status: 503,
  code: "UPSTREAM_UNAVAILABLE",
  maxCalls: 4,
  maxSpentUsd: 0,
});

for (const status of [400, 403, 422]) {
  const refusal = json(status, { error: { message: "x", code: null } });
  testAll(`${status} of one model: the next one`, (good) => [refusal, good], {
    status: 200,
    models: "^meta-llama/[^,]*,(?!meta-llama)",
    maxCalls: 2,
  });
  testAll(`${status} of all models`, () => [refusal], {
    status: 502,
    code: "UPSTREAM_REJECTED",
    maxCalls: 4,
    maxSpentUsd: 0,
  });
  testAll(`${status} with one model`, () => [refusal], {
    status: 502,
    code: "UPSTREAM_REJECTED",
    maxCalls: 1,
  }, { TOGETHER_FALLBACK_MODELS: "none" });
}

const PARAMETERS = [
  ...["response_format", "logprobs", "reasoning", "response_format.json_schema"],
  ...["None", "", null],
];
for (const param of PARAMETERS) {
  Deno.test(`a refused parameter, ${param}: the same model without it`, async () => {
    const refusal = json(400, { error: { message: "x", param, code: null } });
    await assertCase({
      request: STRUCTURE,
      replies: [refusal, whole(JSON_TEXT)],
      want: { status: 200, family: "wood", models: "^Qwen[^,]*,Qwen[^,]*$" },
    }, { TOGETHER_MODEL: "Qwen/Qwen3.5-9B" });
  });
}

const OPERATORS: [string, Reply][] = [
  ...[301, 302, 303, 307, 308].map((status): [string, Reply] => [
    String(status),
    { status, body: "", headers: { location: "https://example.com/v1/chat/completions" } },
  ]),
  ["a redirect without a place", { status: 308, body: "" }],
  ["401", json(401, { error: { code: "invalid_api_key" } })],
  ["401 as a page", page(401)],
  ["402", json(402, { error: { code: "insufficient_funds" } })],
  ["405", json(405, { detail: "Method Not Allowed" })],
  ["a page with 403", page(403)],
  ["Cloudflare's text with 403", page(403, "error code: 1010", "text/plain")],
  ["a page with 403 that says it is JSON", page(403, "<html>", "application/json")],
  ["nothing with 403", page(403, "")],
  ["an empty object with 403", json(403, {})],
  ["AWS' gateway", json(403, { message: "Forbidden" })],
  ["FastAPI without the key", json(403, { detail: "Not authenticated" })],
  ["a page with 400", page(400)],
  ["a page with 422", page(422)],
  ["a page with 404", page(404)],
  ["a page with 200", page(200)],
  ["a page with 502", page(502)],
  ["499", page(499, "", "text/plain")],
  ["no /v1", json(200, { error: "Unexpected endpoint or method. (POST /chat/completions)" })],
  ["no /v1, FastAPI", json(404, { detail: "Not Found" })],
];
for (const [name, reply] of OPERATORS) {
  testAll(`an operator's problem, ${name}: never the caller's picture`, () => [reply], {
    status: 503,
    code: ["NOT_CONFIGURED", "UPSTREAM_UNAVAILABLE"],
    kept: false,
  });
}

const TOO_LARGE: [string, Reply][] = [
  ["Together", json(413, { error: { message: "x", code: null } })],
  ["nginx", page(413, "<html><head><title>413 Request Entity Too Large</title></head></html>")],
  ["FastAPI", json(413, { detail: "Request body too large" })],
  ["plain text", page(413, "Payload Too Large", "text/plain")],
];
for (const [name, reply] of TOO_LARGE) {
  testAll(`a body that is too large, ${name}: the picture is`, () => [reply], {
    status: 413,
    code: "IMAGE_TOO_LARGE",
    maxCalls: 1,
    maxSpentUsd: 0,
  });
}
