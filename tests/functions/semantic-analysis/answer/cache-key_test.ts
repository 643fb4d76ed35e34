import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type CacheKeyOptions,
  toCacheKey,
} from "../../../../supabase/functions/semantic-analysis/answer/cache-key.ts";
import { toPlan } from "../../../../supabase/functions/semantic-analysis/model/plan.ts";
import { createByteSemaphore } from "../../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { readAnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/read-request.ts";
import { encodePicture, ENCODING_NAMES } from "../../../support/pictures.ts";
import { IMAGE } from "../../../support/function.ts";

const OPTIONS: CacheKeyOptions = {
  subject: "user:a",
  scope: "user",
  capabilities: {},
  baseUrl: "https://api.together.xyz/v1",
};

const URL_ = "http://localhost/semantic-analysis";

async function keyOf(
  request: Request,
  options: Partial<CacheKeyOptions> = {},
  { maxTokens = 4096, chain = ["vendor/first", "vendor/second"] } = {},
): Promise<string> {
  const read = await createByteSemaphore({ maxBytes: 10_000_000 }).hold((allocation) =>
    readAnalysisRequest(request, allocation, {
      maxImageBytes: 1_000_000,
      isImageUrlAllowed: true,
      isCustomPromptAllowed: true,
      choosableModels: { has: () => true, examples: [] },
      temperature: 0.1,
      maxTokens,
    })
  );
  return toCacheKey(read, toPlan(read, maxTokens, chain), { ...OPTIONS, ...options });
}

function json(body: Record<string, unknown>): Request {
  return new Request(URL_, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ image_data: IMAGE, ...body }),
  });
}

Deno.test("a key is a SHA-256 as hex", async () => {
  assert.match(await keyOf(json({})), /^[0-9a-f]{64}$/);
});

for (const name of ENCODING_NAMES) {
  Deno.test(`a ${name} has one key, whatever form it comes in`, async () => {
    const bytes = new Uint8Array(await encodePicture(name, { width: 37, height: 21 }));
    const base64 = Buffer.from(bytes).toString("base64");
    const form = new FormData();
    form.set("image", new File([bytes], "a"));
    const keys = await Promise.all([
      json({ image_data: base64 }),
      json({ image_data: `data:image/png;base64,${base64}` }),
      new Request(URL_, { method: "POST", body: form }),
      new Request(URL_, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: bytes,
      }),
    ].map((request) => keyOf(request)));
    assert.equal(new Set(keys).size, 1);
  });
}

Deno.test("one pixel, one option, another question, length, chain or provider is another key", async () => {
  const pixel = Buffer.from(IMAGE, "base64");
  pixel[15]! ^= 1;
  const different = await Promise.all([
    keyOf(json({})),
    keyOf(json({ image_data: pixel.toString("base64") })),
    keyOf(json({ image_data: "https://example.com/a.gif" })),
    keyOf(json({ image_data: "https://example.com/b.gif" })),
    keyOf(json({ analysis_type: "general_description" })),
    keyOf(json({ prompt: "Which wood is it?" })),
    keyOf(json({ prompt: "Which stone is it?" })),
    keyOf(json({ options: { temperature: 0.2 } })),
    keyOf(json({ options: { max_tokens: 699 } })),
    // What is asked for by default, but not asked for again when it is cut.
    keyOf(json({ options: { max_tokens: 700 } })),
    keyOf(json({}), {}, { maxTokens: 1_000 }),
    keyOf(json({}), {}, { chain: ["vendor/second", "vendor/first"] }),
    keyOf(json({}), {}, { chain: ["vendor/first"] }),
    keyOf(json({ options: { model: "vendor/second" } })),
    keyOf(json({}), { baseUrl: "http://127.0.0.1:11434/v1" }),
    keyOf(json({}), { subject: "user:b" }),
  ]);
  assert.equal(new Set(different).size, different.length);
});

Deno.test("how it is delivered changes nothing", async () => {
  const expected = await keyOf(json({}));
  assert.equal(await keyOf(json({ options: { stream: true } })), expected);
  assert.equal(await keyOf(json({ options: { cache: "refresh" } })), expected);
  assert.equal(await keyOf(json({ options: { min_precision: 0.95 } })), expected);
  assert.equal(await keyOf(json({ options: { temperature: 0.1 } })), expected);
  assert.equal(await keyOf(json({ unknown: 1 })), expected);
});

Deno.test("in the project's scope users share bytes with our question, and nothing else", async () => {
  const isShared = async (body: Record<string, unknown>) => {
    const [a, b] = await Promise.all(
      ["user:a", "user:b"].map((subject) => keyOf(json(body), { subject, scope: "project" })),
    );
    return a === b;
  };
  assert.equal(await isShared({}), true);
  assert.equal(await isShared({ prompt: "Which wood is it?" }), false);
  assert.equal(await isShared({ image_data: "https://example.com/a.gif" }), false);
});
