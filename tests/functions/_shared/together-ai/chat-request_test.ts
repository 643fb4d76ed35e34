import assert from "node:assert/strict";
import {
  type ChatPicture,
  type ChatRequest,
  createParameterMemory,
  listOptionalParameters,
  namedParameters,
  toRequestBody,
} from "../../../../supabase/functions/_shared/together-ai/chat-request.ts";
import { TogetherApiError } from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import {
  findModel,
  type ModelCapabilities,
} from "../../../../supabase/functions/_shared/together-ai/models.ts";
import fc from "../../../support/fast-check.ts";

const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

const bodyWith = (picture: ChatPicture, userPrompt: string, model = "a/b") =>
  decode(toRequestBody(
    { systemPrompt: "s", userPrompt, picture, temperature: 0.1, maxTokens: 10 },
    model,
    findModel(model),
  ));

Deno.test("toRequestBody() puts any base64 and any prompt where they belong", () => {
  fc.assert(fc.property(fc.base64String(), fc.string({ unit: "binary" }), (base64, prompt) => {
    const body = bodyWith({ kind: "bytes", mediaType: "image/png", base64 }, prompt);
    const [text, picture] = body.messages[1].content;
    assert.equal(text.text, prompt);
    assert.equal(picture.image_url.url, `data:image/png;base64,${base64}`);
    assert.equal(body.max_tokens, 10);
  }));
});

Deno.test("toRequestBody() has a text that can do so put itself into the body", () => {
  const between = (before: Uint8Array, after: Uint8Array) =>
    new Uint8Array([...before, ...new TextEncoder().encode("QUJD"), ...after]);
  const picture: ChatPicture = { kind: "bytes", mediaType: "image/png", base64: { between } };
  const { url } = bodyWith(picture, "Ποιο ξύλο;").messages[1].content[1].image_url;
  assert.equal(url, "data:image/png;base64,QUJD");
});

Deno.test("toRequestBody() is not fooled by a prompt that holds the placeholder", () => {
  const prompt = "\u0000picture\u0000 and \\u0000picture\\u0000";
  const body = bodyWith({ kind: "bytes", mediaType: "image/png", base64: "QUJD" }, prompt);
  assert.equal(body.messages[1].content[0].text, prompt);
  assert.equal(body.messages[1].content[1].image_url.url, "data:image/png;base64,QUJD");
});

Deno.test("toRequestBody() passes a URL on as it is", () => {
  const url = 'https://example.com/a.jpg?q="\\';
  assert.equal(bodyWith({ kind: "url", url }, "p").messages[1].content[1].image_url.url, url);
});

const REQUEST: ChatRequest = {
  systemPrompt: "s",
  userPrompt: "u",
  picture: null,
  temperature: 0,
  maxTokens: 10,
  responseSchema: { name: "x", schema: {} },
  wantsLogprobs: true,
};

Deno.test("toRequestBody() switches the thinking off as each kind of server wants to hear it", () => {
  const bodyFor = (reasoningSwitch: "enabled" | "effort" | "template" | "never") => {
    const capabilities: ModelCapabilities = { "a/b": { reasoningSwitch } };
    return decode(toRequestBody(REQUEST, "a/b", findModel("a/b", capabilities)));
  };
  assert.deepEqual(bodyFor("enabled").reasoning, { enabled: false });
  assert.equal(bodyFor("effort").reasoning_effort, "none");
  assert.deepEqual(bodyFor("template").chat_template_kwargs, { enable_thinking: false });
  assert.deepEqual(Object.keys(bodyFor("never")), [
    "model",
    "temperature",
    "max_tokens",
    "messages",
  ]);
});

Deno.test("toRequestBody() leaves out what the model is known to refuse", () => {
  const model = findModel("Qwen/Qwen3.5-9B");
  const all = ["response_format", "reasoning", "logprobs", "stream_options"] as const;
  assert.deepEqual(listOptionalParameters(REQUEST, model, { isStreamed: true }), all);
  for (const name of all) {
    const without = new Set([name]);
    const body = decode(toRequestBody(REQUEST, "a/b", model, { isStreamed: true, without }));
    assert.deepEqual(all.filter((each) => !(each in body)), [name]);
  }
});

Deno.test("namedParameters() goes by the parameter and the code of a refusal", () => {
  const named = (param?: string, code?: string) =>
    namedParameters(new TogetherApiError(400, { param, code }));
  assert.deepEqual(named("response_format"), ["response_format"]);
  assert.deepEqual(named("body.response_format.type"), ["response_format"]);
  assert.deepEqual(named(undefined, "logprobs_not_supported"), ["logprobs"]);
  assert.deepEqual(named("reasoning.enabled"), ["reasoning"]);
  assert.deepEqual(named("messages.1.content", "invalid_image"), []);
  assert.deepEqual(named(), []);
});

Deno.test("a refused parameter is forgotten after ten minutes", () => {
  let nowMs = 0;
  const memory = createParameterMemory(() => nowMs);
  memory.refuse("a/b", ["logprobs"]);
  nowMs = 599_999;
  assert.deepEqual([...memory.refusedBy("a/b")], ["logprobs"]);
  assert.deepEqual([...memory.refusedBy("b/c")], []);
  nowMs = 600_000;
  assert.deepEqual([...memory.refusedBy("a/b")], []);
});

Deno.test("a suspicion of one caller is not believed, that of two is", () => {
  let nowMs = 0;
  const memory = createParameterMemory(() => nowMs);
  memory.suspect("a/b", ["logprobs"], "user:a");
  memory.suspect("a/b", ["logprobs"], "user:a");
  assert.equal(memory.refusedBy("a/b").size, 0);
  nowMs = 600_000;
  memory.suspect("a/b", ["logprobs"], "user:b");
  assert.equal(memory.refusedBy("a/b").size, 0, "the first one is forgotten");
  memory.suspect("a/b", ["logprobs"], "user:c");
  assert.deepEqual([...memory.refusedBy("a/b")], ["logprobs"]);
});
