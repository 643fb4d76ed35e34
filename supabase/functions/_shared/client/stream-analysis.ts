/** The same as `analysePicture`, with the description as it is written. */

import { createParser } from "eventsource-parser";
import { requireAnalysis } from "./analyse-picture.ts";
import type { AnalysePictureOptions } from "./call/call-options.ts";
import { type CallSignal, createCallSignal } from "./call/call-signal.ts";
import type { AnalysisRequestBody, AnalysisResponseBody } from "./contract.ts";
import { type FunctionsClient, invokeAnalysis } from "./call/invoke-analysis.ts";
import { callError, isObject, parseJson, toAnalysisError } from "./call/read-error.ts";

/** An event of a stream: texts, which together are `result.analysis`, and then one result. */
export type AnalysisEvent =
  | { type: "delta"; text: string }
  | { type: "result"; result: AnalysisResponseBody };

/**
 * Analyses a picture and yields the description piece by piece. Leaving the loop early ends the call.
 *
 * @example
 * ```ts
 * import { createClient } from "@supabase/supabase-js";
 *
 * const supabase = createClient("https://<ref>.supabase.co", "sb_publishable_…");
 * const request = { image_data: "https://example.com/oak.jpg" };
 * for await (const event of streamAnalysis(supabase, request)) {
 *   if (event.type === "delta") console.log(event.text);
 *   else console.log(event.result.material?.family);
 * }
 * ```
 *
 * @throws {SemanticAnalysisError} and nothing else; also after some deltas, then with no `status`.
 */
export async function* streamAnalysis(
  client: FunctionsClient,
  request: AnalysisRequestBody,
  options: AnalysePictureOptions = {},
): AsyncGenerator<AnalysisEvent, void, void> {
  const call = createCallSignal(options);
  try {
    const streamedRequest = { ...request, options: { ...request.options, stream: true } };
    const { data, headers } = await invokeAnalysis(client, streamedRequest, options, call);
    const body = (data as Partial<Response> | null)?.body;
    if (!body) {
      throw callError("INVALID_RESPONSE", "semantic-analysis did not answer with a stream", {
        status: 200,
        headers,
        requestId: headers.get("x-request-id"),
      });
    }
    options.onHeaders?.(headers);
    yield* readEvents(body, headers, call);
  } finally {
    call.release();
  }
}

async function* readEvents(
  body: ReadableStream<Uint8Array>,
  headers: Headers,
  call: CallSignal,
): AsyncGenerator<AnalysisEvent, void, void> {
  const arrived: { event: string | undefined; data: string }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => arrived.push({ event, data }) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const cutOff = (cause?: unknown) =>
    callError("NETWORK_ERROR", "The stream ended before its result", {
      headers,
      requestId: headers.get("x-request-id"),
      cause,
    });
  try {
    while (true) {
      const { done, value } = await call.race(reader.read()).catch((error) => {
        call.check();
        throw cutOff(error);
      });
      if (done) throw cutOff();
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { event, data } of arrived.splice(0)) {
        const parsed = parseEvent(event, data, headers);
        if (parsed) yield parsed;
        if (parsed?.type === "result") return;
        // A slow reader's time may have ended while it read the last event.
        call.check();
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @returns null for an event that is not known: more kinds may be added to the stream. */
function parseEvent(
  event: string | undefined,
  data: string,
  headers: Headers,
): AnalysisEvent | null {
  const body = parseJson(data);
  switch (event) {
    case "delta":
      return isObject(body) && typeof body.text === "string"
        ? { type: "delta", text: body.text }
        : null;
    case "result":
      return { type: "result", result: requireAnalysis(body, headers) };
    case "error":
      throw toAnalysisError(body, { status: null, headers }) ??
        callError("INVALID_RESPONSE", "The stream ended with an error that says nothing", {
          headers,
          requestId: headers.get("x-request-id"),
        });
    default:
      return null;
  }
}
