import assert from "node:assert/strict";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  announcedBytes,
  decodeUtf8,
  readBody,
  type ReadOptions,
} from "../../../../../supabase/functions/_shared/platform/body/read-body.ts";
import { createByteSemaphore } from "../../../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";
import fc from "../../../../support/fast-check.ts";

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

/** Reads with memory enough. */
function read(
  request: Request,
  maxBytes: number,
  options: Partial<ReadOptions> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return createByteSemaphore({ maxBytes: 10_000_000 }).hold(async (allocation) =>
    // The memory is freed at the end.
    (await readBody(request, { maxBytes, maxImageBytes: 75, allocation, ...options })).slice()
  );
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  return decodeUtf8(await read(request, maxBytes));
}

Deno.test("readBody() reads a body that comes in one piece or in many", async () => {
  const whole = new Request("https://example.com/", { method: "POST", body: "köln 🧱" });
  assert.equal(await readText(whole, 100), "köln 🧱");
  const { request } = createRequest([encode("kö"), encode(""), encode("ln")]);
  assert.equal(await readText(request, 100), "köln");
});

Deno.test("readBody() reads no body and an empty one as nothing", async () => {
  assert.equal(await readText(new Request("https://example.com/"), 100), "");
  assert.equal(await readText(new Request("https://example.com/", { method: "POST" }), 100), "");
  assert.equal(await readText(createRequest([]).request, 100), "");
});

Deno.test("readBody() takes exactly the limit and refuses a byte more, announced or not", async () => {
  const text = "x".repeat(100);
  const announcing = { "content-length": "100" };
  assert.equal(await readText(createRequest([encode(text)]).request, 100), text);
  assert.equal(await readText(createRequest([encode(text)], announcing).request, 100), text);
  for (const headers of [{}, announcing]) {
    const error = await assertRejected(
      readText(createRequest([encode(text)], headers).request, 99),
      "IMAGE_TOO_LARGE",
    );
    assert.deepEqual(error.details, { max_image_bytes: 75, max_body_bytes: 99 });
  }
});

Deno.test("readBody() asks for nothing more once all that was announced has come", async () => {
  const chunks = [encode("kö"), encode("ln")];
  const { request, state } = createRequest(chunks, { "content-length": "5" });
  assert.equal(await readText(request, 100), "köln");
  assert.equal(state.pulled, chunks.length);
});

Deno.test("readBody() counts bytes, not characters", async () => {
  await assertRejected(
    readText(createRequest([encode("ö".repeat(51))]).request, 100),
    "IMAGE_TOO_LARGE",
  );
});

Deno.test("readBody() refuses a larger Content-Length before it reads a byte", async () => {
  const { request, state } = createRequest([encode("x")], { "content-length": "101" });
  await assertRejected(readText(request, 100), "IMAGE_TOO_LARGE");
  assert.equal(state.pulled, 0);
});

Deno.test("readBody() stops reading a body of unknown length at the limit, and cancels it", async () => {
  const announcements: Record<string, string>[] = [
    {},
    { "content-length": "-1" },
    { "content-length": "abc" },
    { "content-length": "1e1" },
    { "content-length": "5", "transfer-encoding": "chunked" },
  ];
  for (const headers of announcements) {
    const chunks = Array.from({ length: 1_000 }, () => encode("x".repeat(30)));
    const { request, state } = createRequest(chunks, headers);
    await assertRejected(readText(request, 100), "IMAGE_TOO_LARGE");
    assert.ok(state.isCancelled, JSON.stringify(headers));
    // The fourth chunk goes over the limit.
    assert.ok(state.pulled <= 5, `read "${state.pulled}" chunks`);
  }
});

Deno.test("readBody() refuses a body over the limit that announced less", async () => {
  const { request } = createRequest([encode("x".repeat(101))], { "content-length": "5" });
  await assertRejected(readText(request, 100), "IMAGE_TOO_LARGE");
});

Deno.test("a server holds a body to its Content-Length, and a transfer coding beats that", async () => {
  const lengths: (number | null)[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      lengths.push(announcedBytes(request));
      const result = await readText(request, 10).catch((error) => error.code);
      return new Response(result, { headers: { connection: "close" } });
    },
  );
  const send = async (headers: string, body: string) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    await connection.write(
      encode(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n\r\n${body}`),
    );
    const answer = await new Response(connection.readable).text().catch(() => "");
    return answer.split("\r\n\r\n")[1] ?? "";
  };
  assert.match(await send("Content-Length: 5", "12345GET / HTTP/1.1\r\n\r\n"), /^12345/);
  const chunked = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  assert.match(await send("Transfer-Encoding: chunked", chunked), /abcde/);
  assert.match(
    await send("Transfer-Encoding: chunked", `20\r\n${"x".repeat(32)}\r\n0\r\n\r\n`),
    /IMAGE_TOO_LARGE/,
  );
  await send("Content-Length: 1\r\nTransfer-Encoding: chunked", chunked);
  assert.equal(lengths[0], 5);
  for (const length of lengths.slice(1)) assert.equal(length, null);
});

Deno.test("readBody() takes thousands of small parts, and of more none that are small on average", async () => {
  const parts = (count: number, byteCount: number) =>
    Array.from({ length: count }, () => new Uint8Array(byteCount));
  for (
    const [chunks, byteCount] of [[parts(4_096, 1), 4_096], [parts(9_000, 512), 4_608_000]] as const
  ) {
    assert.equal((await read(createRequest(chunks).request, 10_000_000)).byteLength, byteCount);
  }
  const { request, state } = createRequest(parts(100_000, 1));
  const { details } = await assertRejected(read(request, 10_000_000), "INVALID_REQUEST");
  assert.deepEqual(details, { body: "must come in parts of at least 512 bytes" });
  assert.ok(state.isCancelled && state.pulled < 4_200, `${state.pulled} parts were read`);
});

Deno.test("readBody() reads to its end a body that nearly fills a piece of memory", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const result = await read(request, 100_000, { timeoutMs: 5_000 }).catch(() => null);
      return new Response(String(result?.byteLength), { headers: { connection: "close" } });
    },
  );
  for (const leftBytes of [1, 2, 3, 4, 5]) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const toChunk = (byteCount: number) =>
      `${byteCount.toString(16)}\r\n${"x".repeat(byteCount)}\r\n`;
    const body = `${toChunk(16_384 - leftBytes)}${toChunk(100)}${toChunk(100)}0\r\n\r\n`;
    const head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked";
    const writer = connection.writable.getWriter();
    await writer.write(encode(`${head}\r\n\r\n${body}`));
    const answer = await new Response(connection.readable).text();
    assert.match(answer, new RegExp(`\\r\\n${16_584 - leftBytes}(\\r\\n|$)`));
  }
});

Deno.test("readBody() gives up on a body that doesn't come, announced or not", async () => {
  for (const headers of [{}, { "content-length": "3" }] as Record<string, string>[]) {
    const clock = createFakeClock();
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const request = new Request("https://example.com/", { method: "POST", body, headers });
    const startedAt = clock.now();
    const reading = read(request, 100, { timeoutMs: 4_990, startTimer: clock.startTimer });
    const { details } = await assertRejected(clock.run(reading), "INVALID_REQUEST");
    assert.deepEqual(details, { body: "must arrive within 5 seconds" });
    assert.equal(clock.now() - startedAt, 4_990);
  }
});

Deno.test("readBody() leaves no timer behind", async () => {
  const clock = createFakeClock();
  await read(createRequest([encode("x")]).request, 100, { startTimer: clock.startTimer });
  assert.equal(clock.pendingTimers(), 0);
});

Deno.test("readBody() refuses what isn't UTF-8", async () => {
  for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80]]) {
    const { request } = createRequest([encode("x"), Uint8Array.from(bytes), encode("x")]);
    await assertRejected(readText(request, 100), "INVALID_REQUEST");
  }
});

Deno.test("readBody() refuses a body that ends within a character", async () => {
  for (const length of [1, 2, 3]) {
    const { request } = createRequest([encode("x"), encode("🧱").subarray(0, length)]);
    await assertRejected(readText(request, 100), "INVALID_REQUEST");
  }
});

Deno.test("readBody() takes a broken connection for the request's fault, and shows nothing of it", async () => {
  const body = new ReadableStream({
    pull() {
      throw new Error("hunter2");
    },
  });
  const request = new Request("https://example.com/", { method: "POST", body });
  const { message } = await assertRejected(readText(request, 100), "INVALID_REQUEST");
  assert.doesNotMatch(message, /hunter2/);
});

Deno.test("readBody() puts characters together that are split across chunks", async () => {
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

Deno.test("readBody() agrees with the platform's decoder on any bytes", async () => {
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

Deno.test("readBody() reads a body of any size in chunks of any size, whatever was announced", async () => {
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
        ...[0, 9].map((more) => `${bytes.length + more}`),
      ]
    ) {
      const { request } = createRequest(
        chunks,
        announced === null ? {} : { "content-length": announced },
      );
      assert.ok(
        await readText(request, bytes.length + 9) === text,
        `in chunks of "${chunkBytes}", announced "${announced}"`,
      );
    }
  }
});
