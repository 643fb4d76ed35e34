/** Bodies as clients send them, byte by byte. */
import { Buffer } from "node:buffer";
import sharp from "sharp";
import { createByteSemaphore } from "../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { readAnalysisRequest } from "../../supabase/functions/semantic-analysis/request/read-request.ts";
import type { AnalysisRequest } from "../../supabase/functions/semantic-analysis/request/request.ts";
import { sha256Of } from "./pictures.ts";

/** A picture of 60 × 40 pixels. */
export const JPEG = await sharp({
  create: { width: 60, height: 40, channels: 3, background: "#a05020" },
}).jpeg().toBuffer();

/** `JPEG` as JSON carries it. */
export const BASE64 = JPEG.toString("base64");

/** Of `JPEG`. */
export const SHA256 = await sha256Of(JPEG);

/** A body with its Content-Type. */
export interface Wire {
  /** null for none. */
  type: string | null;
  body: string | Uint8Array;
}

/** Reads a body as the function does, or rejects with what it refuses it with. */
export async function read({ type, body }: Wire): Promise<AnalysisRequest> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const request = new Request("https://example.com/semantic-analysis", {
    method: "POST",
    body: new Uint8Array(bytes),
  });
  request.headers.delete("content-type");
  if (type !== null) request.headers.set("content-type", type);
  return await createByteSemaphore({ maxBytes: 10_000_000 }).hold((allocation) =>
    readAnalysisRequest(request, allocation, {
      maxImageBytes: 1_000_000,
      isImageUrlAllowed: true,
      isCustomPromptAllowed: true,
      choosableModels: null,
      temperature: 0.1,
      maxTokens: 4_096,
    })
  );
}

/** A body of JSON. */
export const json = (fields: unknown, type: string | null = "application/json"): Wire => ({
  type,
  body: JSON.stringify(fields),
});

/** A body of JSON with a picture alone. */
export const image = (image_data: unknown, type?: string | null): Wire =>
  json({ image_data }, type);

/** A body that is the picture itself. */
export const raw = (type: string | null, body: string | Uint8Array = JPEG): Wire => ({
  type,
  body,
});

/** A form with one part, its headers as they are given. */
export const form = (headers: string, bytes: Uint8Array = JPEG, type?: string | null): Wire => ({
  type: type === undefined ? "multipart/form-data; boundary=b" : type,
  body: Buffer.concat([
    Buffer.from(`--b\r\n${headers}\r\n\r\n`),
    bytes,
    Buffer.from("\r\n--b--\r\n"),
  ]),
});

/** A form with one part, `more` being the rest of its disposition. */
export const part = (more: string, contentType?: string): Wire =>
  form(
    `Content-Disposition: form-data; ${more}${
      contentType ? `\r\nContent-Type: ${contentType}` : ""
    }`,
  );

/** The disposition of a part as browsers send it. */
export const FILE = 'name="image"; filename="a.jpg"';
