/** The requests that the servers are measured with. */
import { Buffer } from "node:buffer";

const KIBIBYTE = 1024;

/** Of 1024 × 1024 pixels: start of image, half a kibibyte of EXIF, a frame, a scan. */
const JPEG_START = [
  ...[0xff, 0xd8, 0xff, 0xe1, 0x02, 0x00, ...new TextEncoder().encode("Exif\0\0")],
  ...Array.from({ length: 504 }, () => 0x20),
  ...[0xff, 0xc0, 0x00, 0x0b, 0x08, 0x04, 0x00, 0x04, 0x00, 0x01, 0x01, 0x11, 0x00],
  ...[0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00],
];

/** Something that passes for a JPEG of this size, with metadata, and can't be compressed. */
export function createPicture(kibibytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(kibibytes * KIBIBYTE);
  for (let start = 0; start < bytes.byteLength; start += 65_536) {
    crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  }
  // As in compressed data, and as often.
  for (let at = 0; at < bytes.byteLength; at++) if (bytes[at] === 0xff) bytes[at + 1] = 0;
  bytes.set(JPEG_START);
  bytes.set([0xff, 0xd9], bytes.byteLength - 2);
  return bytes;
}

/** A request's body and its type. */
export interface Sent {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
  /** The URL's query. */
  query: string;
  /** Default `/semantic-analysis`. */
  path?: string;
}

/** The forms a picture is sent in; always of the type that gets prose, and without the cache. */
export const FORMS = {
  json: (picture) => ({
    body: new TextEncoder().encode(JSON.stringify({
      image_data: Buffer.from(picture).toString("base64"),
      analysis_type: "general_description",
      options: { cache: "off" },
    })),
    headers: { "Content-Type": "application/json" },
    query: "",
  }),
  bytes: (picture) => ({
    body: picture,
    headers: { "Content-Type": "application/octet-stream" },
    query: "?analysis_type=general_description&cache=off",
  }),
  form: (picture) => {
    const boundary = "----formdata-bench-0123456789";
    const field = (name: string, more = "") =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
    const body = Buffer.concat([
      Buffer.from(`${field("analysis_type")}general_description\r\n`),
      Buffer.from(`${field("options")}{"cache":"off"}\r\n`),
      Buffer.from(field("image", '; filename="a"')),
      picture,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    return {
      body: new Uint8Array(body),
      headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
      query: "",
    };
  },
} satisfies Record<string, (picture: Uint8Array<ArrayBuffer>) => Sent>;

/** An answer, read. */
export interface Answer {
  status: number;
  text: string;
  /** Phase → milliseconds, from `Server-Timing`. */
  timings: Map<string, number>;
}

/** Sends it and reads the answer. */
export async function send(
  url: string,
  token: string,
  { body, headers, query, path = "/semantic-analysis" }: Sent,
): Promise<Answer> {
  const response = await fetch(`${url}${path}${query}`, {
    method: "POST",
    headers: { ...headers, Authorization: `Bearer ${token}` },
    body,
  });
  const header = response.headers.get("server-timing") ?? "";
  const timings = [...header.matchAll(/([\w-]+);dur=([\d.]+)/g)]
    .map(([, phase, ms]) => [phase!, Number(ms)] as const);
  return { status: response.status, text: await response.text(), timings: new Map(timings) };
}

/** Sends it. @throws {Error} with the answer when that isn't a 200. */
export async function sendOk(url: string, token: string, sent: Sent): Promise<Answer> {
  const answer = await send(url, token, sent);
  if (answer.status === 200) return answer;
  throw new Error(`Cannot measure "${url}": it answered ${answer.status} ${answer.text}`);
}
