import assert from "node:assert/strict";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";
import {
  type AnalysisEvent,
  streamAnalysis,
} from "../../../../supabase/functions/_shared/client/stream-analysis.ts";
import { ANALYSIS, createFakeClient, refuse, streamOf } from "../../../support/analysis-client.ts";

const REQUEST = { image_data: "AAAA", options: { temperature: 0 } };

/** Reads a stream to its end, or to its error. */
async function read(answer: Response, signal?: AbortSignal) {
  const { client, requests } = createFakeClient(() => answer);
  const events: AnalysisEvent[] = [];
  let error: unknown;
  try {
    for await (const event of streamAnalysis(client, REQUEST, { ...(signal && { signal }) })) {
      events.push(event);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { events, error, requests };
}

function assertCode(error: unknown, code: string): SemanticAnalysisError {
  assert.ok(error instanceof SemanticAnalysisError, Deno.inspect(error));
  assert.equal(error.code, code);
  return error;
}

const DELTAS: [string, unknown][] = [["delta", { text: "Oak " }], ["delta", { text: "wood" }]];

Deno.test("streamAnalysis() yields the texts and then the result", async () => {
  const { events, error, requests } = await read(streamOf(...DELTAS, ["result", ANALYSIS]));
  assert.equal(error, undefined);
  assert.deepEqual(events, [
    { type: "delta", text: "Oak " },
    { type: "delta", text: "wood" },
    { type: "result", result: ANALYSIS },
  ]);
  assert.deepEqual((await requests[0]!.json()).options, { temperature: 0, stream: true });
});

Deno.test("streamAnalysis() ignores events that it doesn't know", async () => {
  const { events } = await read(streamOf(["hint", { a: 1 }], ["result", ANALYSIS]));
  assert.deepEqual(events.map(({ type }) => type), ["result"]);
});

Deno.test("streamAnalysis() throws a refusal before the stream with its status", async () => {
  const { error } = await read(refuse(429, "RATE_LIMITED", { headers: { "Retry-After": "2" } }));
  assert.equal(assertCode(error, "RATE_LIMITED").status, 429);
});

Deno.test("streamAnalysis() throws the error event after the texts before it", async () => {
  const refusal = {
    error: { code: "UPSTREAM_TIMEOUT", message: "Too late", request_id: "request-1" },
  };
  const { events, error } = await read(streamOf(...DELTAS, ["error", refusal]));
  assert.equal(events.length, 2);
  const { status, message, requestId } = assertCode(error, "UPSTREAM_TIMEOUT");
  assert.deepEqual({ status, message, requestId }, {
    status: null,
    message: "Too late",
    requestId: "request-1",
  });
});

Deno.test("streamAnalysis() tells when to come back, as the error event says it", async () => {
  const refusal = {
    error: {
      code: "UPSTREAM_UNAVAILABLE",
      message: "Later",
      request_id: "request-1",
      details: { retry_after_ms: 10_000 },
    },
  };
  const { error } = await read(streamOf(["error", refusal]));
  assert.equal(assertCode(error, "UPSTREAM_UNAVAILABLE").retryAfterMs, 10_000);
});

Deno.test("streamAnalysis() takes a stream without an end for one that was cut off", async () => {
  const { events, error } = await read(streamOf(...DELTAS));
  assert.equal(events.length, 2);
  assert.equal(assertCode(error, "NETWORK_ERROR").requestId, "request-1");
});

Deno.test("streamAnalysis() reads a response without a body to read, as React Native's, at its end", async () => {
  const response = streamOf(...DELTAS, ["result", ANALYSIS]);
  const { headers } = response;
  const bodiless = { status: 200, headers, body: undefined, text: () => response.text() };
  const invoke = () =>
    Promise.resolve({ data: bodiless, error: null, response: bodiless as unknown as Response });
  const types: string[] = [];
  for await (const { type } of streamAnalysis({ functions: { invoke } }, REQUEST)) types.push(type);
  assert.deepEqual(types, ["delta", "delta", "result"]);
});

Deno.test("streamAnalysis() reads a stream that functions-js has read to its end, as to 2.2", async () => {
  const text = await streamOf(...DELTAS, ["result", ANALYSIS]).text();
  const invoke = () => Promise.resolve({ data: text, error: null });
  const types: string[] = [];
  for await (const { type } of streamAnalysis({ functions: { invoke } }, REQUEST)) types.push(type);
  assert.deepEqual(types, ["delta", "delta", "result"]);
});

Deno.test("streamAnalysis() takes another answer, or another result, for none", async () => {
  assertCode((await read(Response.json(ANALYSIS))).error, "INVALID_RESPONSE");
  assertCode((await read(streamOf(["result", { ok: true }]))).error, "INVALID_RESPONSE");
  assertCode((await read(streamOf(["error", {}]))).error, "INVALID_RESPONSE");
});

/** A body that says one text and then nothing more, and whether it was cancelled. */
function createStall() {
  const stall = { isCancelled: false };
  const body = new ReadableStream({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode('event: delta\ndata: {"text":"Oak"}\n\n')),
    cancel: () => void (stall.isCancelled = true),
  });
  const headers = { "Content-Type": "text/event-stream" };
  return { stall, answer: new Response(body, { headers }) };
}

Deno.test("streamAnalysis() ends the call when the loop is left", async () => {
  const { stall, answer } = createStall();
  const { client } = createFakeClient(() => answer);
  for await (const _ of streamAnalysis(client, REQUEST)) break;
  assert.ok(stall.isCancelled);
});

Deno.test("streamAnalysis() ends in mid-stream when its signal aborts", async () => {
  const { stall, answer } = createStall();
  const { client } = createFakeClient(() => answer);
  const controller = new AbortController();
  const stream = streamAnalysis(client, REQUEST, { signal: controller.signal });
  await stream.next();
  controller.abort();
  await assert.rejects(stream.next(), { code: "ABORTED" });
  assert.ok(stall.isCancelled);
});

Deno.test("streamAnalysis() ends in mid-stream when its time is up", async () => {
  const { answer } = createStall();
  const { client } = createFakeClient(() => answer);
  const stream = streamAnalysis(client, REQUEST, { timeoutMs: 20 });
  await stream.next();
  await assert.rejects(stream.next(), { code: "TIMEOUT" });
});
