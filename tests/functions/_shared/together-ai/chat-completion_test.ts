import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ChatPicture,
  parseChunk,
  parseCompletion,
  parseErrorCode,
  toRequestBody,
} from "../../../../supabase/functions/_shared/together-ai/chat-completion.ts";
import { TogetherResponseError } from "../../../../supabase/functions/_shared/together-ai/errors.ts";

const bodyWith = (picture: ChatPicture, userPrompt: string, model = "a/b") =>
  JSON.parse(
    new TextDecoder().decode(toRequestBody(
      { systemPrompt: "s", userPrompt, picture, temperature: 0.1, maxTokens: 10 },
      model,
    )),
  );

Deno.test("toRequestBody() puts any base64 and any prompt where they belong", () => {
  fc.assert(fc.property(fc.base64String(), fc.string({ unit: "binary" }), (base64, prompt) => {
    const body = bodyWith({ kind: "bytes", mediaType: "image/png", base64 }, prompt);
    const [text, image] = body.messages[1].content;
    assert.equal(text.text, prompt);
    assert.equal(image.image_url.url, `data:image/png;base64,${base64}`);
    assert.equal(body.max_tokens, 10);
  }));
});

Deno.test("toRequestBody() has a text that can do so put itself into the body", () => {
  const between = (before: Uint8Array, after: Uint8Array) =>
    new Uint8Array([...before, ...new TextEncoder().encode("QUJD"), ...after]);
  const image: ChatPicture = { kind: "bytes", mediaType: "image/png", base64: { between } };
  const { url } = bodyWith(image, "Ποιο ξύλο;").messages[1].content[1].image_url;
  assert.equal(url, "data:image/png;base64,QUJD");
});

Deno.test("toRequestBody() is not fooled by a prompt that holds the placeholder", () => {
  const prompt = "\u0000image\u0000 and \\u0000image\\u0000";
  const body = bodyWith({ kind: "bytes", mediaType: "image/png", base64: "QUJD" }, prompt);
  assert.equal(body.messages[1].content[0].text, prompt);
  assert.equal(body.messages[1].content[1].image_url.url, "data:image/png;base64,QUJD");
});

Deno.test("toRequestBody() passes a URL on as it is", () => {
  const url = 'https://example.com/a.jpg?q="\\';
  assert.equal(bodyWith({ kind: "url", url }, "p").messages[1].content[1].image_url.url, url);
});

Deno.test("parseCompletion() names the asked model where the answer names none", () => {
  const answer = JSON.stringify({ choices: [{ message: { content: "Oak." } }] });
  assert.deepEqual(parseCompletion(answer, "a/b"), {
    text: "Oak.",
    model: "a/b",
    isTruncated: false,
    usage: null,
    logprobs: null,
  });
});

const choices = [{ message: { content: "Oak." } }];

Deno.test("parseCompletion() takes a name that no database stores for none", () => {
  for (const model of ["", "a\u0000b", "a\ud800b", "a b", "a".repeat(201), 5]) {
    assert.equal(parseCompletion(JSON.stringify({ choices, model }), "a/b").model, "a/b");
  }
});

Deno.test("parseCompletion() takes a usage that can't be used for none", () => {
  const counts = { prompt_tokens: 5, completion_tokens: 1 };
  const parse = (usage: unknown) =>
    parseCompletion(JSON.stringify({ choices, usage }), "a/b").usage;
  assert.deepEqual(parse(counts), { promptTokens: 5, completionTokens: 1 });
  for (
    const usage of [
      {},
      null,
      "5",
      [],
      { prompt_tokens: 5 },
      { total_tokens: 6 },
      { ...counts, prompt_tokens: 5.5 },
      { ...counts, prompt_tokens: -5 },
      { ...counts, completion_tokens: "1" },
      { ...counts, completion_tokens: null },
    ]
  ) {
    assert.equal(parse(usage), null, JSON.stringify(usage));
  }
});

Deno.test("parseCompletion() takes a model or a finish reason that is none for absent", () => {
  for (const model of ["", null, 5, {}, "x".repeat(201)]) {
    const completion = parseCompletion(JSON.stringify({ choices, model }), "a/b");
    assert.equal(completion.model, "a/b", JSON.stringify(model));
  }
  for (const finish_reason of [null, 5, {}]) {
    const text = JSON.stringify({ choices: [{ ...choices[0], finish_reason }] });
    assert.equal(parseCompletion(text, "a/b").isTruncated, false);
  }
});

Deno.test("parseCompletion() and parseChunk() need their text alone: anything may stand beside it", () => {
  const side = fc.record({
    model: fc.anything(),
    usage: fc.oneof(
      fc.anything(),
      fc.record({ prompt_tokens: fc.anything(), completion_tokens: fc.anything() }),
    ),
    created: fc.anything(),
  }, { requiredKeys: [] });
  const beside = fc.record({ finish_reason: fc.anything(), logprobs: fc.anything() }, {
    requiredKeys: [],
  });
  const toText = (value: unknown) =>
    JSON.stringify(value, (_, value) => typeof value === "bigint" ? null : value);
  fc.assert(fc.property(side, beside, (side, beside) => {
    const whole = parseCompletion(
      toText({ ...side, choices: [{ ...beside, ...choices[0] }] }),
      "a/b",
    );
    const piece = parseChunk(
      toText({ ...side, choices: [{ ...beside, delta: { content: "Oak." } }] }),
    );
    for (const { text, model, usage } of [whole, piece]) {
      assert.equal(text, "Oak.");
      assert.notEqual(model, "");
      for (const count of Object.values(usage ?? {})) assert.ok(Number.isSafeInteger(count));
    }
  }));
});

Deno.test("parseChunk() takes null for choices and for a delta as no text", () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  const last = parseChunk(JSON.stringify({ choices: null, usage }));
  assert.equal(last.text, "");
  assert.deepEqual(last.usage, { promptTokens: 1, completionTokens: 2 });
  const stop = parseChunk(JSON.stringify({ choices: [{ delta: null, finish_reason: "stop" }] }));
  assert.equal(stop.text, "");
  assert.equal(stop.finishReason, "stop");
});

Deno.test("parseCompletion() gives a completion or a TogetherResponseError for any JSON", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assert.throws(() => parseCompletion(text, "a/b"), TogetherResponseError);
  }));
});

Deno.test("parseCompletion() gives a TogetherResponseError for any other text, without quoting it", () => {
  fc.assert(fc.property(fc.string({ minLength: 12 }), (text) => {
    assert.throws(
      () => parseCompletion(`SECRET${text}`, "a/b"),
      (error) =>
        error instanceof TogetherResponseError && !Deno.inspect(error).includes(`SECRET${text}`),
    );
  }));
});

Deno.test("parseErrorCode() finds an identifier in any of Together's shapes, else nothing", () => {
  assert.equal(parseErrorCode('{"error":{"code":"model_not_available"}}'), "model_not_available");
  assert.equal(parseErrorCode('{"error":{"code":null}}'), undefined);
  assert.equal(parseErrorCode('{"error":"no"}'), undefined);
  assert.equal(parseErrorCode("<html>"), undefined);
  assert.equal(parseErrorCode('{"error":{"code":"a sentence with a key in it"}}'), undefined);
});
