/** Requests to the function, in any form of body, read as it reads them. */
import { Buffer } from "node:buffer";
import { createByteSemaphore } from "../../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { readAnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/read-request.ts";
import type { ParseRequestOptions } from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import { toGifOfLength } from "../../../support/pictures.ts";

/** A small picture. */
export const GIF = new Uint8Array(toGifOfLength(12));

/** `GIF` as JSON carries it. */
export const BASE64 = Buffer.from(GIF).toString("base64");

/** A caller who may ask for anything but a model. */
export const OPTIONS: ParseRequestOptions = {
  maxImageBytes: 100_000,
  isImageUrlAllowed: true,
  isCustomPromptAllowed: true,
  choosableModels: null,
  temperature: 0.1,
  maxTokens: 4_096,
};

/** A request with this body; null for no `Content-Type`. */
export function post(
  body: BodyInit,
  type: string | null,
  query = "",
  headers: HeadersInit = {},
): Request {
  const request = new Request(`https://example.com/semantic-analysis${query}`, {
    method: "POST",
    body,
    headers,
  });
  if (type !== null) request.headers.set("content-type", type);
  return request;
}

/** Reads a request as the function does, or rejects with what it refuses it with. */
export const read = (request: Request, options: Partial<ParseRequestOptions> = {}) =>
  createByteSemaphore({ maxBytes: 10_000_000 }).hold((allocation) => {
    // The memory is freed at the end, and is looked at after that.
    const kept = { ...allocation, own: () => {} };
    return readAnalysisRequest(request, kept, { ...OPTIONS, ...options });
  });

/** A form with a good picture and these fields; a null leaves the picture out. */
export function postForm(fields: Record<string, string | Blob | null> = {}): Request {
  const form = new FormData();
  for (const [name, value] of Object.entries({ image: new Blob([GIF]), ...fields })) {
    if (value !== null) form.append(name, value);
  }
  return new Request("https://example.com/", { method: "POST", body: form });
}

/** A request whose body is a picture. */
export const postImage = (query = "", type = "application/octet-stream", bytes = GIF) =>
  post(bytes, type, query);

/** What is wrong with each field of a request that is refused. */
export const problemsOf = async (request: Request) =>
  (await assertRejected(read(request), "INVALID_REQUEST")).details;
