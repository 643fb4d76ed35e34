/** Everything a caller can get wrong, over the wire, with its answer. Nothing of it costs anything. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Answer, request, takeUpstreamRequests, TINY, WOOD } from "./project.ts";

interface Case {
  name: string;
  /** The body; an object is sent as JSON. */
  body?: unknown;
  init?: RequestInit;
  status: number;
  code: string;
  /** What `details` must hold for this path. */
  details?: Record<string, RegExp>;
  /** Headers that must be there. */
  headers?: Record<string, string>;
}

const image = (image_data: unknown, rest: object = {}) => ({ image_data, ...rest });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const gif = Buffer.from(TINY, "base64");
const jpeg = Buffer.from(WOOD, "base64");

/** A GIF of 0 × 0 pixels. */
const noPixels = Buffer.from(gif);
noPixels.fill(0, 6, 10);

const url = (problem: RegExp, image_data: string): Omit<Case, "name"> => ({
  body: image(image_data),
  status: 400,
  code: "INVALID_REQUEST",
  details: { image_data: problem },
});

const field = (path: string, problem: RegExp, body: object): Omit<Case, "name"> => ({
  body: image(TINY, body),
  status: 400,
  code: "INVALID_REQUEST",
  details: { [path]: problem },
});

const invalidImage = (image_data: string): Omit<Case, "name"> => ({
  body: image(image_data),
  status: 400,
  code: "INVALID_IMAGE",
});

const unsupported = (image_data: string): Omit<Case, "name"> => ({
  body: image(image_data),
  status: 400,
  code: "UNSUPPORTED_IMAGE_TYPE",
});

const notJson = { status: 400, code: "INVALID_REQUEST", details: { body: /JSON/ } };
const notAllowed = (method: string): Omit<Case, "name"> => ({
  init: { method, ...(method === "GET" && { body: null }) },
  status: 405,
  code: "METHOD_NOT_ALLOWED",
  headers: { allow: "POST, OPTIONS" },
});
const ofType = (type: string): Omit<Case, "name"> => ({
  body: image(TINY),
  init: { headers: { "Content-Type": type } },
  status: 415,
  code: "UNSUPPORTED_MEDIA_TYPE",
});

const CASES: Case[] = [
  {
    name: "an empty body",
    body: "",
    status: 400,
    code: "INVALID_REQUEST",
    details: { body: /empty/ },
  },
  { name: "a body that isn't JSON", body: "image=x", ...notJson },
  { name: "truncated JSON", body: '{"image_data":"R0lG', ...notJson },
  { name: "a JSON array", body: [image(TINY)], ...notJson },
  { name: "a JSON string", body: '"R0lGOD"', ...notJson },
  { name: "null", body: "null", ...notJson },
  {
    name: "bytes that aren't UTF-8",
    body: new Uint8Array([0x7b, 0xff, 0xfe]),
    status: 400,
    code: "INVALID_REQUEST",
  },
  { name: "no image", ...field("image_data", /base64/, { image_data: undefined }) },
  { name: "an image that is a number", ...field("image_data", /base64/, { image_data: 5 }) },
  { name: "an empty image", ...invalidImage("") },
  { name: "an empty data URI", ...invalidImage("data:image/png;base64,") },
  { name: "bad base64", ...invalidImage("R0lGODlhAQAB!!!!") },
  { name: "URL-safe base64", ...invalidImage(WOOD.replaceAll("+", "-").replaceAll("/", "_")) },
  { name: "base64 with junk in it", ...invalidImage(`${WOOD.slice(0, 400)}*${WOOD.slice(401)}`) },
  { name: "base64 with blanks", ...invalidImage(WOOD.replaceAll("+", " ")) },
  { name: "base64 without its padding", ...invalidImage(TINY.slice(0, -1)) },
  { name: "base64 of a text file", ...unsupported(base64("This is a text file, not a picture.")) },
  { name: "base64 of an SVG", ...unsupported(base64('<svg xmlns="http://www.w3.org/2000/svg"/>')) },
  { name: "a truncated JPEG header", ...invalidImage(jpeg.subarray(0, 30).toString("base64")) },
  { name: "a JPEG without its end", ...invalidImage(jpeg.subarray(0, -2).toString("base64")) },
  { name: "an image of 0 × 0 pixels", ...invalidImage(noPixels.toString("base64")) },
  { name: "a data URI of a PDF", ...unsupported(`data:application/pdf;base64,${TINY}`) },
  { name: "a data URI of a web page", ...unsupported(`data:text/html;base64,${TINY}`) },
  { name: "a data URI that isn't base64", ...invalidImage("data:image/png,%89PNG") },
  { name: "an http URL", ...url(/https/, "http://example.com/a.jpg") },
  { name: "a file URL", ...url(/https/, "file:///etc/passwd") },
  { name: "a URL with credentials", ...url(/credentials/, "https://user:pass@example.com/a.jpg") },
  { name: "an IPv4 address", ...url(/public host/, "https://169.254.169.254/latest/meta-data") },
  { name: "an IPv4 address in disguise", ...url(/public host/, "https://0x7f.1/a.jpg") },
  { name: "an IPv6 address", ...url(/public host/, "https://[::1]/a.jpg") },
  { name: "a name without a dot", ...url(/public host/, "https://localhost/a.jpg") },
  { name: "an internal name", ...url(/public host/, "https://metadata.google.internal/a.jpg") },
  { name: "an odd port", ...url(/port/, "https://example.com:8443/a.jpg") },
  {
    name: "a URL of 10,000 characters",
    ...url(/2048/, `https://example.com/${"a".repeat(10_000)}`),
  },
  {
    name: "an unknown analysis type",
    ...field("analysis_type", /material_identification, general_description/, {
      analysis_type: "x",
    }),
  },
  {
    name: "temperature 5",
    ...field("options.temperature", /0 to 2/, { options: { temperature: 5 } }),
  },
  {
    name: "temperature hot",
    ...field("options.temperature", /0 to 2/, { options: { temperature: "hot" } }),
  },
  {
    name: "max_tokens 0",
    ...field("options.max_tokens", /at least 1/, { options: { max_tokens: 0 } }),
  },
  {
    name: "max_tokens 1e9",
    ...field("options.max_tokens", /at most 4096/, { options: { max_tokens: 1e9 } }),
  },
  {
    name: "max_tokens many",
    ...field("options.max_tokens", /whole number/, { options: { max_tokens: "many" } }),
  },
  {
    name: "max_tokens 1.5",
    ...field("options.max_tokens", /whole number/, { options: { max_tokens: 1.5 } }),
  },
  { name: "options that are no object", ...field("options", /object/, { options: [] }) },
  {
    name: "a prompt of 100,000 characters",
    body: image(TINY, { prompt: "a".repeat(100_000) }),
    status: 413,
    code: "BODY_TOO_LARGE",
  },
  { name: "an empty prompt", ...field("prompt", /1 to 4000/, { prompt: "" }) },
  { name: "GET", ...notAllowed("GET") },
  { name: "PUT", ...notAllowed("PUT") },
  { name: "DELETE", ...notAllowed("DELETE") },
  { name: "a form", ...ofType("application/x-www-form-urlencoded"), body: "image_data=R0lGOD" },
  { name: "a web page", ...ofType("text/html") },
];

async function send(stack: Stack, { body, init }: Case): Promise<Answer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return await request(stack, {
    method: "POST",
    body: isRaw ? body as BodyInit : JSON.stringify(body ?? image(TINY)),
    ...init,
    headers: { apikey: stack.secretKey, "Content-Type": "application/json", ...init?.headers },
  });
}

Deno.test("bad input gets a clear error, and costs nothing", async (t) => {
  await using stack = await startTestStack({ functionEnvironment: { ANALYSIS_CACHE_TTL: "0" } });
  for (const wrong of CASES) {
    await t.step(`${wrong.name}: ${wrong.status} ${wrong.code}`, async () => {
      const { status, headers, body } = await send(stack, wrong);
      assert.equal(status, wrong.status, JSON.stringify(body));
      assert.equal(body.error.code, wrong.code, JSON.stringify(body));
      assert.ok(body.error.message.length > 10 && body.error.message.length < 500);
      assert.equal(body.error.request_id, headers.get("x-request-id"));
      assert.equal(headers.get("access-control-allow-origin"), "*");
      for (const [path, problem] of Object.entries(wrong.details ?? {})) {
        assert.match(body.error.details[path], problem);
      }
      for (const [name, value] of Object.entries(wrong.headers ?? {})) {
        assert.equal(headers.get(name), value);
      }
    });
  }

  await t.step("an image over the limit is refused by its announced length", async () => {
    const body = JSON.stringify(image("A".repeat(8 * 1024 * 1024 + 65_540)));
    const answer = await send(stack, { name: "", body, status: 413, code: "" });
    assert.equal(answer.status, 413);
    assert.equal(answer.body.error.code, "IMAGE_TOO_LARGE");
  });

  await t.step("an image over the limit is refused while reading, without a length", async () => {
    const chunk = new TextEncoder().encode("A".repeat(64 * 1024));
    // It has no end: only who stops reading can answer.
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(chunk),
    });
    const answer = await request(stack, {
      method: "POST",
      body,
      headers: { apikey: stack.secretKey, "Content-Type": "application/json" },
    });
    assert.equal(answer.status, 413);
    assert.equal(answer.body.error.code, "IMAGE_TOO_LARGE");
  });

  await t.step("an image that is too large only when decoded is refused", async () => {
    const answer = await send(stack, {
      name: "",
      body: image("A".repeat(8 * 1024 * 1024 + 1024)),
      status: 413,
      code: "",
    });
    assert.equal(answer.status, 413);
    assert.equal(answer.body.error.details.max_image_bytes, 6 * 1024 * 1024);
  });

  await t.step("none of it was charged or sent on", async () => {
    const rows = await stack.database.connect()`select * from semantic_analysis.rate_limits`;
    assert.equal(rows.length, 0);
    assert.deepEqual(await takeUpstreamRequests(stack), []);
  });

  await t.step("unknown fields are accepted and named", async () => {
    const { status, body } = await send(stack, {
      name: "",
      body: image(TINY, { imageData: "x", options: { seed: 1, temperature: 0 } }),
      status: 200,
      code: "",
    });
    assert.equal(status, 200);
    assert.deepEqual(
      body.warnings.map((warning: { code: string; message: string }) => warning.message),
      [
        'The field "imageData" is not known and was ignored',
        'The field "options.seed" is not known and was ignored',
      ],
    );
  });

  await t.step("a JPEG labelled PNG is accepted with a warning, and sent on as JPEG", async () => {
    const { status, body } = await send(stack, {
      name: "",
      body: image(`data:image/png;base64,${WOOD}`),
      status: 200,
      code: "",
    });
    assert.equal(status, 200);
    assert.deepEqual(body.warnings, [{
      code: "MEDIA_TYPE_CORRECTED",
      message: 'The picture is labelled "image/png" but is "image/jpeg"',
    }]);
  });
});
