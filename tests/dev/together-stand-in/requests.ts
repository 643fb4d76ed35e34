import type { ChatCompletion } from "../../../dev/together-stand-in/wire/completion.ts";
import type { ChatCompletionChunk } from "../../../dev/together-stand-in/wire/completion-chunks.ts";
import { createStandIn, type StandInOptions } from "../../../dev/together-stand-in/server.ts";
import { createPlainPicture, toDataUri } from "./pictures.ts";

const ORIGIN = "http://127.0.0.1";

/** A stand-in to be called directly, that never sleeps and never fetches. */
export function createQuietStandIn(options: StandInOptions = {}) {
  return createStandIn({
    sleep: () => Promise.resolve(),
    fetch: () => Promise.reject(new TypeError("No network in tests")),
    ...options,
  });
}

/** Messages with a text and a picture at a URL. */
export function createMessages(imageUrl: string, text = "What is it?"): unknown[] {
  return [{
    role: "user",
    content: [{ type: "text", text }, { type: "image_url", image_url: { url: imageUrl } }],
  }];
}

/** A small red picture. */
export const RED = toDataUri(await createPlainPicture("#ff0000"));

/** A chat completion request; `body` replaces or adds parameters, a string is sent as it is. */
export function createChatRequest(
  body: Record<string, unknown> | string = {},
  { signal, headers = { authorization: "Bearer key" } }: {
    signal?: AbortSignal;
    headers?: Record<string, string>;
  } = {},
): Request {
  const parameters = { model: "some/model", messages: createMessages(RED) };
  return new Request(`${ORIGIN}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify({ ...parameters, ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Any other request, with a key. */
export function createRequest(method: string, path: string, body?: unknown): Request {
  return new Request(`${ORIGIN}${path}`, {
    method,
    headers: { authorization: "Bearer key" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The completion in a response. */
export async function readCompletion(response: Response): Promise<ChatCompletion> {
  return await response.json() as ChatCompletion;
}

/** Reads a stream to its end: the text, the chunks, and what the network carried. */
export async function readStream(response: Response): Promise<StreamReading> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body!) pieces.push(piece);
  const wire = await new Blob(pieces as Uint8Array<ArrayBuffer>[]).text();
  const data = wire.split("\n\n").filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
  const chunks = data.filter((text) => text.startsWith('{"id":') && text.includes('"choices":'))
    .map((text): ChatCompletionChunk => JSON.parse(text));
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  return { pieces, wire, data, chunks, text };
}

/** A stream that was read to its end. */
export interface StreamReading {
  pieces: Uint8Array[];
  wire: string;
  /** Of the events, in order. */
  data: string[];
  chunks: ChatCompletionChunk[];
  text: string;
}

/** A `response_format` for a schema. */
export function toResponseFormat(schema: unknown) {
  return { type: "json_schema", json_schema: { name: "answer", schema } };
}
