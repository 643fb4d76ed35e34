import assert from "node:assert/strict";
import fc from "fast-check";
import { ApiError } from "../../../../supabase/functions/_shared/http/api-error.ts";
import { readText } from "../../../../supabase/functions/_shared/http/body.ts";
import { assertRejected } from "../../../support/api-errors.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A request whose body comes in these chunks, and what has become of it. */
function createRequest(chunks: Uint8Array[], headers: Record<string, string> = {}) {
  const state = { pulled: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[state.pulled++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel() {
      state.isCancelled = true;
    },
  }, { highWaterMark: 0 });
  const request = new Request("https://example.com/", { method: "POST", body, headers });
  return { request, state };
}

Deno.test("readText() reads a body that comes in one piece or in many", async () => {
  const whole = new Request("https://example.com/", { method: "POST", body: "köln 🧱" });
  assert.equal(await readText(whole, 100), "köln 🧱");
  const { request } = createRequest([encode("kö"), encode(""), encode("ln")]);
  assert.equal(await readText(request, 100), "köln");
});

Deno.test("readText() reads no body and an empty one as nothing", async () => {
  assert.equal(await readText(new Request("https://example.com/"), 100), "");
  assert.equal(await readText(new Request("https://example.com/", { method: "POST" }), 100), "");
  assert.equal(await readText(createRequest([]).request, 100), "");
});

Deno.test("readText() takes exactly the limit and refuses a byte more, announced or not", async () => {
  const text = "x".repeat(100);
  const announcing = { "content-length": "100" };
  assert.equal(await readText(createRequest([encode(text)]).request, 100), text);
  assert.equal(await readText(createRequest([encode(text)], announcing).request, 100), text);
  for (const headers of [{}, announcing]) {
    const error = await assertRejected(
      readText(createRequest([encode(text)], headers).request, 99),
      "IMAGE_TOO_LARGE",
    );
    assert.deepEqual(error.details, { max_body_bytes: 99 });
  }
});

Deno.test("readText() counts bytes, not characters", async () => {
  await assertRejected(
    readText(createRequest([encode("ö".repeat(51))]).request, 100),
    "IMAGE_TOO_LARGE",
  );
});

Deno.test("readText() refuses a larger Content-Length before it reads a byte", async () => {
  const { request, state } = createRequest([encode("x")], { "content-length": "101" });
  await assertRejected(readText(request, 100), "IMAGE_TOO_LARGE");
  assert.equal(state.pulled, 0);
});

Deno.test("readText() stops reading a body that is longer than announced, and cancels it", async () => {
  for (const contentLength of [undefined, "0", "5", "-1", "abc", "1e1"]) {
    const chunks = Array.from({ length: 1_000 }, () => encode("x".repeat(30)));
    const { request, state } = createRequest(
      chunks,
      contentLength === undefined ? {} : { "content-length": contentLength },
    );
    await assertRejected(readText(request, 100), "IMAGE_TOO_LARGE");
    assert.ok(state.isCancelled, `with Content-Length "${contentLength}"`);
    // The fourth chunk goes over the limit.
    assert.ok(state.pulled <= 5, `read "${state.pulled}" chunks`);
  }
});

Deno.test("readText() refuses what isn't UTF-8", async () => {
  for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80]]) {
    const { request } = createRequest([encode("x"), Uint8Array.from(bytes), encode("x")]);
    await assertRejected(readText(request, 100), "INVALID_REQUEST");
  }
});

Deno.test("readText() refuses a body that ends within a character", async () => {
  for (const length of [1, 2, 3]) {
    const { request } = createRequest([encode("x"), encode("🧱").subarray(0, length)]);
    await assertRejected(readText(request, 100), "INVALID_REQUEST");
  }
});

Deno.test("readText() takes a broken connection for the request's fault, and shows nothing of it", async () => {
  const body = new ReadableStream({
    pull() {
      throw new Error("hunter2");
    },
  });
  const request = new Request("https://example.com/", { method: "POST", body });
  const { message } = await assertRejected(readText(request, 100), "INVALID_REQUEST");
  assert.doesNotMatch(message, /hunter2/);
});

Deno.test("readText() puts characters together that are split across chunks", async () => {
  const chunked = fc.tuple(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 }),
  );
  await fc.assert(fc.asyncProperty(chunked, async ([text, lengths]) => {
    const bytes = encode(text);
    const chunks: Uint8Array[] = [];
    let offset = 0;
    for (const length of lengths) chunks.push(bytes.subarray(offset, offset += length));
    chunks.push(bytes.subarray(offset));
    assert.equal(await readText(createRequest(chunks).request, bytes.length), text);
  }));
});

Deno.test("readText() agrees with the platform's decoder on any bytes", async () => {
  const byteChunks = fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 8 });
  await fc.assert(fc.asyncProperty(byteChunks, async (chunks) => {
    const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
    let expected: string | null = null;
    try {
      expected = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      // Not UTF-8.
    }
    const { request } = createRequest(chunks);
    const actual = await readText(request, 64).catch((error) => {
      assert.ok(error instanceof ApiError);
      return null;
    });
    assert.equal(actual, expected);
  }));
});

Deno.test("readText() reads a body of any size in chunks of any size, whatever was announced", async () => {
  const text = "köln 🧱 ".repeat(30_000);
  const bytes = encode(text);
  for (const chunkBytes of [1_021, 65_536, bytes.length]) {
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      chunks.push(bytes.subarray(start, start + chunkBytes));
    }
    for (
      const announced of [
        null,
        "0",
        "7.5",
        ...[-1, 0, 9].map((more) => `${bytes.length + more}`),
      ]
    ) {
      const { request } = createRequest(
        chunks,
        announced === null ? {} : { "content-length": announced },
      );
      const read = await readText(request, bytes.length + 9);
      assert.ok(read === text, `in chunks of "${chunkBytes}", announced "${announced}"`);
    }
  }
});
