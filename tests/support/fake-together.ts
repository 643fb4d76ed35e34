/** Answers in place of Together's server, for tests without a socket. */

import type { FakeClock } from "./fake-clock.ts";

/** A request as it reached the provider, its body parsed. */
export interface RecordedRequest {
  url: string;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into it as they please
  body: any;
}

/** What the provider does with a request; `signal` is the request's. */
export type Answer = (signal: AbortSignal, clock: FakeClock) => Response | Promise<Response>;

/** A `fetch` in front of no server, and what it was asked. */
export interface FakeTogether {
  fetch: typeof fetch;
  requests: RecordedRequest[];
  models: () => string[];
  /** Response bodies that were neither read to the end nor cancelled. */
  openBodies: () => number;
}

let openBodies = 0;

/** Gives the answers in turn, the last one again and again. */
export function createFakeTogether(clock: FakeClock, ...answers: Answer[]): FakeTogether {
  const requests: RecordedRequest[] = [];
  openBodies = 0;
  return {
    requests,
    models: () => requests.map((request) => request.body?.model),
    openBodies: () => openBodies,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const text = await request.text();
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push({
        url: request.url,
        headers: request.headers,
        body: text === "" ? null : JSON.parse(text),
      });
      return answer(init!.signal!, clock);
    },
  };
}

/** A complete chat completion. */
export function completion(overrides: Record<string, unknown> = {}): Answer {
  return json(200, {
    id: "chat-1",
    object: "chat.completion",
    model: "local/fake",
    choices: [{
      index: 0,
      finish_reason: "stop",
      message: { role: "assistant", content: "Oak with a matt finish." },
    }],
    usage: { prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 },
    ...overrides,
  });
}

/** A structured answer about oak, as a model gives it that is held to the form. */
export const OAK = {
  description: "Oak with a matt finish.",
  family: "wood",
  type: "white oak",
  finish: "matte",
  texture: "fine",
  pattern: "grain",
  colors: ["light brown"],
  reflectivity: "low",
  transparency: "opaque",
  applications: ["flooring"],
  style: ["rustic"],
  quality_flags: [],
  lookalikes: ["ash"],
  confidence: 0.9,
};

/** A chat completion with this text or, for an object, its JSON. */
export function saying(content: unknown, overrides: Record<string, unknown> = {}): Answer {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return completion({
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
    ...overrides,
  });
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers?: Record<string, string>): Answer {
  return () => Response.json(body, { status, ...(headers && { headers }) });
}

/** A refusal in Together's shape. */
export function refusal(status: number, code?: string, headers?: Record<string, string>): Answer {
  return json(status, {
    id: "req-1",
    error: {
      message: "the key tgp_v1_secret is wrong",
      type: "x",
      param: null,
      code: code ?? null,
    },
  }, headers);
}

/** Answers with text of any type. */
export function text(status: number, body: string, contentType: string): Answer {
  return () => new Response(body, { status, headers: { "Content-Type": contentType } });
}

/** The network's own failures, as Deno 2.1 reports them. */
export function connectionRefused(): never {
  throw Object.assign(new TypeError("error sending request: tcp connect error"), {
    code: "ECONNREFUSED",
  });
}

/** Breaks the connection before an answer. */
export function connectionReset(): never {
  throw new TypeError("connection reset by peer");
}

/** No headers, ever. */
export const stallBeforeHeaders: Answer = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A server that doesn't even notice that the client has gone. */
export const stallForGood: Answer = () => new Promise(() => {});

/** Headers and the beginning of a body, then nothing. */
export const stallInBody: Answer = () => streamed(['{"id":"chat-1","choices":['], () => {});

/** A byte every two seconds. */
export const drip: Answer = (signal, clock) =>
  streamed([], async (controller) => {
    while (!signal.aborted) {
      await clock.sleep(2_000, signal).catch(() => {});
      if (!signal.aborted) controller.enqueue(new TextEncoder().encode(" "));
    }
  });

/** The connection is lost in the middle of the body. */
export const cutBody: Answer = () =>
  streamed(['{"id":"chat-1","choi'], (controller) => {
    openBodies--;
    controller.error(new TypeError("error reading a body from connection"));
  });

/** More than any provider would answer. */
export const endlessBody: Answer = () => {
  const chunk = new Uint8Array(64 * 1024).fill(0x20);
  return new Response(
    new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }),
  );
};

/** What another answer has for a body, with this status. */
export function withStatus(status: number, answer: Answer): Answer {
  return async (signal, clock) => new Response((await answer(signal, clock)).body, { status });
}

/** One event of a streamed answer. */
export function chunk(content: string, rest: object = {}, choice: object = {}): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null, ...choice }];
  return `data: ${JSON.stringify({ model: "local/fake", choices, ...rest })}\n\n`;
}

/** The events that end a streamed answer properly. */
const STREAM_END = chunk("", {
  usage: { prompt_tokens: 1000, completion_tokens: 20 },
}, { finish_reason: "stop" }) + "data: [DONE]\n\n";

/** A streamed answer of these events, complete unless it is told how else to end. */
export function streaming(
  events: string[],
  end: "done" | "cut" | "reset" | "stall" | "drip" = "done",
): Answer {
  return (signal, clock) =>
    streamed(end === "done" ? [...events, STREAM_END] : events, async (controller) => {
      if (end === "stall") return;
      while (end === "drip" && !signal.aborted) {
        await clock.sleep(10_000, signal).catch(() => {});
        if (!signal.aborted) controller.enqueue(new TextEncoder().encode(chunk("x")));
      }
      if (end === "drip") return;
      openBodies--;
      if (end === "reset") controller.error(new TypeError("connection reset"));
      else controller.close();
    }, "text/event-stream");
}

function streamed(
  chunks: string[],
  then: (controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void>,
  contentType = "application/json",
): Response {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let isStarted = false;
  openBodies++;
  const body = new ReadableStream<Uint8Array>({
    start(c) {
      controller = c;
      for (const chunk of chunks) c.enqueue(new TextEncoder().encode(chunk));
    },
    pull() {
      if (isStarted) return;
      isStarted = true;
      then(controller);
    },
    cancel() {
      openBodies--;
    },
  });
  return new Response(body, { headers: { "Content-Type": contentType } });
}
