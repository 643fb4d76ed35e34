/** The same as `analysePicture`, with the description as it is written. */

import { requireAnalysis } from "./analyse-picture.ts";
import type { AnalysePictureOptions } from "./call/call-options.ts";
import { type CallSignal, createCallSignal } from "./call/call-signal.ts";
import type { AnalysisResponseBody } from "./contract.ts";
import { createEventParser } from "./call/event-parser.ts";
import { type FunctionsClient, invokeAnalysis } from "./call/invoke-analysis.ts";
import {
  type AnalysisRequest,
  type PictureSource,
  toAnalysisRequest,
} from "./picture/picture-source.ts";
import {
  callError,
  isObject,
  isResponse,
  parseJson,
  toAnalysisError,
  wrongResponse,
} from "./call/read-error.ts";

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
 *
 * export async function show(file: File, onText: (text: string) => void) {
 *   for await (const event of streamAnalysis(supabase, file)) {
 *     if (event.type === "delta") onText(event.text);
 *     else return event.result;
 *   }
 *   return null;
 * }
 * ```
 *
 * @throws {SemanticAnalysisError} and nothing else; also after some deltas, then with no `status`.
 */
export async function* streamAnalysis(
  client: FunctionsClient,
  picture: PictureSource | AnalysisRequest,
  options: AnalysePictureOptions = {},
): AsyncGenerator<AnalysisEvent, void, void> {
  const call = createCallSignal(options);
  try {
    const request = toAnalysisRequest(picture);
    const streamed = { ...request, options: { ...request.options, stream: true } };
    const { data, headers } = await invokeAnalysis(client, streamed, options, call);
    const stream = toStream(data, headers);
    options.onHeaders?.(stream.headers);
    yield* readEvents(stream, call);
  } finally {
    call.release();
  }
}

/** A stream as supabase-js gives it. */
interface Stream {
  headers: Headers;
  /** The next text; null after the last. */
  read(): Promise<string | null>;
  cancel(): void;
}

/**
 * The raw Response, read in pieces. All of it comes at once where it has no body to be read, as in React
 * Native, and where functions-js has read it to its end, as to 2.2.
 *
 * @throws {SemanticAnalysisError} INVALID_RESPONSE for anything else.
 */
function toStream(data: unknown, headers: Headers): Stream {
  if (isResponse(data)) {
    const reader = data.body?.getReader();
    if (!reader) return toWholeStream(() => data.text(), data.headers);
    const decoder = new TextDecoder();
    return {
      headers: data.headers,
      read: async () => {
        const { done, value } = await reader.read();
        return done ? null : decoder.decode(value, { stream: true });
      },
      cancel: () => void reader.cancel().catch(() => {}),
    };
  }
  if (typeof data === "string") return toWholeStream(() => Promise.resolve(data), headers);
  throw wrongResponse("semantic-analysis did not answer with a stream", headers);
}

function toWholeStream(readAll: () => Promise<string>, headers: Headers): Stream {
  let isRead = false;
  const read = async () => isRead ? null : (isRead = true, await readAll());
  return { headers, read, cancel: () => {} };
}

async function* readEvents(
  stream: Stream,
  call: CallSignal,
): AsyncGenerator<AnalysisEvent, void, void> {
  const parse = createEventParser();
  const { headers } = stream;
  const cutOff = (cause?: unknown) =>
    callError("NETWORK_ERROR", "The stream ended before its result", {
      headers,
      requestId: headers.get("x-request-id"),
      cause,
    });
  try {
    while (true) {
      const text = await call.race(stream.read()).catch((error) => {
        call.check();
        throw cutOff(error);
      });
      if (text === null) throw cutOff();
      for (const { event, data } of parse(text)) {
        const parsed = parseEvent(event, data, headers);
        if (parsed) yield parsed;
        if (parsed?.type === "result") return;
        // A slow reader's time may have ended while it read the last event.
        call.check();
      }
    }
  } finally {
    stream.cancel();
  }
}

/** @returns null for an event that is not known: more kinds may be added to the stream. */
function parseEvent(
  event: string,
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
