/** Server-sent events, through an unmodified supabase-js and through fetch. */
import assert from "node:assert/strict";
import { createParser } from "eventsource-parser";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Body, invoke, setFaults, signUp, takeUpstreamRequests, WOOD } from "./project.ts";

interface Event {
  event: string;
  data: Body;
}

async function readEvents(response: Response): Promise<Event[]> {
  const events: Event[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) =>
      events.push({ event: event ?? "message", data: JSON.parse(data) }),
  });
  parser.feed(await response.text());
  return events;
}

/** The deltas put together, and what came after them. */
function split(events: Event[]) {
  const deltas = events.filter(({ event }) => event === "delta");
  const ends = events.slice(deltas.length);
  assert.equal(ends.length, 1, `after the deltas: ${ends.map(({ event }) => event).join()}`);
  return {
    text: deltas.map(({ data }) => data.text).join(""),
    count: deltas.length,
    end: ends[0]!,
  };
}

const BODY = { image_data: WOOD, options: { stream: true, cache: "off" } };

function post(stack: Stack, token: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${stack.apiUrl}/functions/v1/semantic-analysis`, {
    method: "POST",
    body: JSON.stringify(BODY),
    ...init,
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      ...init.headers,
    },
  });
}

Deno.test("a streamed analysis", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      // A model that is held to the schema and tells probabilities.
      TOGETHER_MODEL: "Qwen/Qwen3.5-9B",
      TOGETHER_FALLBACK_MODELS: "none",
      TOGETHER_TIMEOUT: "4",
      RATE_LIMIT_PER_MINUTE: "1000",
    },
  });
  const { supabase, token } = await signUp(stack);
  const stream = async () => {
    const { data, error } = await supabase.functions.invoke("semantic-analysis", { body: BODY });
    assert.equal(error, null);
    assert.ok(data instanceof Response);
    return data;
  };

  await t.step("functions.invoke gives the raw answer: deltas, then one result", async () => {
    const response = await stream();
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.ok(response.headers.has("ratelimit"));
    const { text, count, end } = split(await readEvents(response));
    assert.ok(count > 5);
    assert.equal(end.event, "result");
    assert.equal(end.data.analysis, text);
    assert.doesNotMatch(text, /[{}]|\\n/);
    assert.equal(end.data.material.family, "wood");
    assert.equal(end.data.confidence_detail.method, "fused");
    assert.equal(end.data.request_id, response.headers.get("x-request-id"));
    assert.ok(end.data.usage.completion_tokens > 0);
  });

  await t.step("the result is the one that the same request gets without streaming", async () => {
    const { end } = split(await readEvents(await stream()));
    const plain = await invoke(supabase, {
      body: { image_data: WOOD, options: { cache: "off" } },
    });
    for (const field of ["analysis", "material", "confidence", "usage", "warnings"]) {
      assert.deepEqual(end.data[field], plain.body[field], field);
    }
  });

  await t.step("Accept: text/event-stream asks for a stream too", async () => {
    const response = await post(stack, token, {
      headers: { Accept: "text/event-stream" },
      body: JSON.stringify({ image_data: WOOD, prompt: "What is it?" }),
    });
    const { text, end } = split(await readEvents(response));
    assert.equal(end.data.analysis, text);
    assert.equal(end.data.material, null);
  });

  await t.step("a request that is refused before the stream gets a plain error", async () => {
    const response = await post(stack, token, {
      body: JSON.stringify({ ...BODY, image_data: "AAAA" }),
    });
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, "UNSUPPORTED_IMAGE_TYPE");
    const unknown = await post(stack, "nobody");
    assert.equal(unknown.status, 401);
    await unknown.body?.cancel();
  });

  const failures: [string, Parameters<typeof setFaults>[1], string][] = [
    ["a cut stream", [{ kind: "stream_cut", chunks: 12 }], "UPSTREAM_UNAVAILABLE"],
    ["an error in mid-stream", [{ kind: "stream_error", chunks: 12 }], "UPSTREAM_UNAVAILABLE"],
    ["a stream without an end", [{ kind: "stream_no_done" }], "UPSTREAM_UNAVAILABLE"],
    [
      "garbage in mid-stream",
      [{ kind: "stream_garbage", chunks: 12 }],
      "UPSTREAM_INVALID_RESPONSE",
    ],
    ["a stall in mid-stream", [{ kind: "stream_stall", chunks: 12 }], "UPSTREAM_TIMEOUT"],
  ];
  for (const [name, faults, code] of failures) {
    await t.step(`${name}: deltas, then one error ${code}`, async () => {
      await setFaults(stack, faults);
      await takeUpstreamRequests(stack);
      const { count, end } = split(await readEvents(await stream()));
      assert.ok(count > 0, "nothing was shown");
      assert.equal(end.event, "error");
      assert.equal(end.data.error.code, code);
      assert.equal((await takeUpstreamRequests(stack)).length, 1);
      await stack.restartProcess("semantic-analysis");
    });
  }

  await t.step("before the first delta a failure is tried again", async () => {
    const faults = [{ kind: "status", status: 502 }, { kind: "stream_cut", chunks: 2 }] as const;
    for (const fault of faults) {
      await setFaults(stack, [fault]);
      await takeUpstreamRequests(stack);
      const { text, end } = split(await readEvents(await stream()));
      assert.equal(end.event, "result");
      assert.equal(end.data.analysis, text);
      assert.equal((await takeUpstreamRequests(stack)).length, 2);
    }
    // One model's refusal is asked of the next one: only when that refuses too is it the request's.
    await setFaults(stack, [{ kind: "status", status: 400 }, { kind: "status", status: 400 }]);
    const refused = split(await readEvents(await stream()));
    assert.equal(refused.count, 0);
    assert.equal(refused.end.data.error.code, "UPSTREAM_REJECTED");
  });

  for (const fault of ["stream_crlf", "stream_unterminated"] as const) {
    await t.step(`a provider's ${fault} is read all the same`, async () => {
      await setFaults(stack, [{ kind: fault }]);
      const { text, end } = split(await readEvents(await stream()));
      assert.equal(end.event, "result");
      assert.equal(end.data.analysis, text);
    });
  }

  await t.step("a client that goes away ends the call to the provider", async () => {
    await setFaults(stack, [{ kind: "stream_drip", intervalMs: 50 }]);
    const response = await post(stack, token);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    const isLogged = () =>
      stack.logs("semantic-analysis").some(({ line }) => line.includes('"is_disconnected":true'));
    while (!isLogged()) await new Promise((resolve) => setTimeout(resolve, 20));
    await setFaults(stack, []);
  });

  await t.step("each streamed request has its log line, with what it cost", () => {
    const lines = stack.logs("semantic-analysis")
      .filter(({ line }) => line.startsWith("{")).map(({ line }) => JSON.parse(line));
    const complete = lines.filter((line) => line.is_streamed && line.cost_usd > 0);
    assert.ok(complete.length >= 3);
    assert.ok(lines.some((line) => line.is_streamed && line.code === "UPSTREAM_TIMEOUT"));
  });
});
