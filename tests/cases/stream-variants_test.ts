/** How completions end and come, each in many variants: finish reasons, errors in a stream, odd events. */
import { assertCase } from "./replay.ts";
import { chunk, DONE, event, events, JSON_TEXT, streamed, USAGE, whole } from "./replies.ts";
import type { Reply } from "./fake-provider.ts";
import { asStream, PROSE, REQUESTS, STRUCTURE, testAll, WALL } from "./variants.ts";

const FAILED_ENDS = [
  "error",
  "content_filter",
  "abort",
  "cancelled",
  "tool_calls",
  "safety",
  5,
  {},
];
for (const finishReason of FAILED_ENDS) {
  const name = JSON.stringify(finishReason);
  Deno.test(`finish reason ${name}: the next model`, async () => {
    const replies = [whole("The wall is of re", { finishReason }), whole(WALL)];
    await assertCase({
      request: PROSE,
      replies,
      want: { status: 200, analysis: "red bricks", maxCalls: 2 },
    });
  });
  Deno.test(`finish reason ${name} of an object: the next model`, async () => {
    const replies = [whole(JSON_TEXT, { finishReason }), whole(JSON_TEXT)];
    await assertCase({
      request: STRUCTURE,
      replies,
      want: { status: 200, maxCalls: 2, models: "," },
    });
  });
  Deno.test(`finish reason ${name} after text was shown: cut, and not kept`, async () => {
    const replies = [streamed("The wall is of red bri", { finishReason })];
    const want = { status: 200, warning: "ANSWER_TRUNCATED", kept: false, maxCalls: 1 };
    await assertCase({ request: asStream(PROSE), replies, want });
  });
}
const ENDS = ["stop", "eos", "eos_token", "stop_sequence", "end_turn", "STOP", null, "", undefined];
for (const finishReason of ENDS) {
  testAll(`finish reason ${JSON.stringify(finishReason)} is an end`, (good) => [
    {
      ...good,
      body: good.body.replaceAll(
        '"finish_reason":"stop"',
        `"finish_reason":${JSON.stringify(finishReason) ?? "null"}`,
      ),
    },
  ], { status: 200, maxCalls: 1, kept: true });
}

for (const finishReason of ["content_filter", "SAFETY", "sensitive"]) {
  Deno.test(`finish reason ${finishReason} of every model is no failing provider`, async () => {
    const want = { status: 502, code: "UPSTREAM_INVALID_RESPONSE", kept: false };
    const replies = [whole("The wall is of re", { finishReason })];
    await assertCase({ request: PROSE, replies, want });
    const streams = [events(chunk("", finishReason, { usage: USAGE }) + DONE)];
    await assertCase({
      request: asStream(PROSE),
      replies: streams,
      want: { ...want, status: 599 },
    });
  });
}
for (const finishReason of ["max_tokens", "MAX_TOKENS", "model_length"]) {
  Deno.test(`finish reason ${finishReason} is a cut`, async () => {
    const want = { status: 200, analysis: "red bri", warning: "ANSWER_TRUNCATED" };
    const replies = [whole("A wall of red bri", { finishReason })];
    await assertCase({ request: PROSE, replies, want });
    const streams = [streamed("A wall of red bri", { finishReason })];
    await assertCase({
      request: asStream(PROSE),
      replies: streams,
      want: { ...want, maxCalls: 1 },
    });
  });
}

const REPORTED = [
  { error: { message: "x" } },
  { error: "x" },
  { object: "error", message: "x", code: 500 },
  { type: "error", error: { type: "overloaded_error" } },
  { message: "x", code: 500 },
  { choices: [{ index: 0, delta: { content: "" }, error: { code: 502 }, finish_reason: "error" }] },
  { choices: [{ index: 0, delta: {}, error: { message: "x" } }] },
];
for (const reported of REPORTED) {
  const name = JSON.stringify(reported).slice(0, 60);
  Deno.test(`an error in a stream after text was shown, ${name}`, async () => {
    const body = chunk("The wall is made of ") + event(reported) + DONE;
    const want = { status: 599, code: "UPSTREAM_UNAVAILABLE", kept: false, maxCalls: 1 };
    await assertCase({ request: asStream(PROSE), replies: [events(body)], want });
  });
  Deno.test(`an error in a stream before any text, ${name}: the next model`, async () => {
    const replies = [events(event(reported) + DONE), streamed(WALL)];
    const want = { status: 200, analysis: "red bricks", maxCalls: 2 };
    await assertCase({ request: asStream(PROSE), replies, want });
  });
}

const ODD: [string, (body: string) => string | Reply][] = [
  ["an empty data first", (body) => `data: \n\n${body}`],
  ["a ping between", (body) => body.replace("\n\n", "\n\nevent: ping\ndata: {}\n\n")],
  ["a named text", (body) => body.replace("\n\n", "\n\nevent: keepalive\ndata: still here\n\n")],
  ["comments", (body) => `: OPENROUTER PROCESSING\n\n${body.replaceAll("\n\n", "\n\n: x\n\n")}`],
  ["carriage returns", (body) => body.replaceAll("\n", "\r\n")],
  ["no blank line at its end", (body) => body.replace(DONE, "").trimEnd()],
  ["one newline at its end", (body) => `${body.replace(DONE, "").trimEnd()}\n`],
  ["no [DONE]", (body) => body.replace(DONE, "")],
  ["choices: null", (body) => event({ choices: null }) + body],
  ["choices: []", (body) => event({ choices: [], prompt_filter_results: [] }) + body],
  ["choices: [null]", (body) => event({ choices: [null] }) + body],
  ["no space after the colon", (body) => body.replaceAll("data: ", "data:")],
  ["text/plain", (body) => ({ ...events(body), headers: { "content-type": "text/plain" } })],
  [
    "application/json",
    (body) => ({ ...events(body), headers: { "content-type": "application/json" } }),
  ],
  [
    "octet-stream",
    (body) => ({ ...events(body), headers: { "content-type": "application/octet-stream" } }),
  ],
  ["single bytes", (body) => ({ ...events(body), chunkBytes: 1 })],
  ["what comes after [DONE]", (body) => `${body}data: {"error":{"message":"late"}}\n\n`],
];
for (const [name, change] of ODD) {
  for (const [how, request, text] of REQUESTS) {
    Deno.test(`an odd stream, ${name}, ${how}`, async () => {
      const changed = change(streamed(text).body);
      const replies = [typeof changed === "string" ? events(changed) : changed];
      const want = { status: 200, maxCalls: 1, kept: true };
      await assertCase({ request: asStream(request), replies, want });
      // Events in response to a request for a whole are read alike.
      await assertCase({ request, replies, want });
    });
  }
}
testAll(
  "a whole in answer to a request for a stream",
  (good) =>
    good.headers
      ? [whole(good.body.includes("bricks") || !good.body.includes("descr") ? WALL : JSON_TEXT)]
      : [good],
  {
    status: 200,
    maxCalls: 1,
  },
);

const PARTS = [
  [{ type: "text", text: JSON_TEXT }],
  [{ type: "thinking", thinking: "hm" }, { type: "text", text: JSON_TEXT }],
  [{ type: "text", text: JSON_TEXT.slice(0, 50) }, { type: "text", text: JSON_TEXT.slice(50) }],
  [{ type: "output_text", text: JSON_TEXT }],
  [JSON_TEXT],
  { type: "text", text: JSON_TEXT },
];
for (const content of PARTS) {
  Deno.test(`content as parts, ${JSON.stringify(content).slice(0, 50)}`, async () => {
    const want = { status: 200, family: "wood", maxCalls: 1 };
    await assertCase({ request: STRUCTURE, replies: [whole(content)], want });
    const body = chunk(content) + chunk("", "stop", { usage: USAGE }) + DONE;
    await assertCase({ request: asStream(STRUCTURE), replies: [events(body)], want });
  });
}
