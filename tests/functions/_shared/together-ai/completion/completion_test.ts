import assert from "node:assert/strict";
import {
  parseChunk,
  parseCompletion,
  parseErrorDetails,
} from "../../../../../supabase/functions/_shared/together-ai/completion/completion.ts";
import {
  TogetherApiError,
  TogetherEmptyAnswerError,
  TogetherError,
  TogetherResponseError,
  TogetherStreamError,
} from "../../../../../supabase/functions/_shared/together-ai/errors.ts";
import fc from "../../../../support/fast-check.ts";

const choices = [{ message: { content: "Oak." } }];
const parse = (body: object) => parseCompletion(JSON.stringify(body), "a/b");

Deno.test("parseCompletion() names the asked model where the response names none", () => {
  assert.deepEqual(parse({ choices }), {
    text: "Oak.",
    model: "a/b",
    end: "complete",
    usage: null,
    logprobs: null,
  });
});

Deno.test("parseCompletion() takes a name that can't be stored for none", () => {
  for (const model of ["", "a\u0000b", "a\ud800b", "a b", "a".repeat(201), 5, null, {}]) {
    assert.equal(parse({ choices, model }).model, "a/b", JSON.stringify(model));
  }
});

Deno.test("parseCompletion() takes a usage that is no number of tokens for none", () => {
  const counts = { prompt_tokens: 5, completion_tokens: 1 };
  const usageOf = (usage: unknown) => parse({ choices, usage }).usage;
  assert.deepEqual(usageOf(counts), { promptTokens: 5, completionTokens: 1 });
  assert.deepEqual(usageOf({ ...counts, prompt_tokens: 1e18 })?.promptTokens, 1e18);
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
    assert.equal(usageOf(usage), null, JSON.stringify(usage));
  }
});

Deno.test("parseCompletion() takes the names of an end, or none, for one, and nothing else", () => {
  const ending = (finish_reason: unknown) => parse({ choices: [{ ...choices[0], finish_reason }] });
  const complete = ["stop", "eos", "eos_token", "end_turn", "STOP", null, "", undefined];
  for (const reason of complete) assert.equal(ending(reason).end, "complete", String(reason));
  for (const reason of ["length", "max_tokens", "model_length"]) {
    assert.equal(ending(reason).end, "truncated");
  }
  for (
    const reason of [
      "error",
      "abort",
      "tool_calls",
      "cancelled",
      "x",
      5,
      {},
      true,
    ]
  ) {
    assert.throws(() => ending(reason), TogetherStreamError, String(reason));
  }
  for (const reason of ["content_filter", "SAFETY", "sensitive"]) {
    assert.throws(() => ending(reason), TogetherEmptyAnswerError, reason);
  }
});

Deno.test("parseCompletion() joins the text of parts, without the thinking's", () => {
  const contents: unknown[] = [
    ["Oak", "."],
    [{ type: "thinking", thinking: "hm" }, { type: "text", text: "Oak." }],
    [{ type: "reasoning", text: "hm" }, { type: "output_text", text: "Oak." }],
    [{ text: "Oak" }, { type: "text", text: { value: "." } }],
    { type: "text", text: "Oak." },
    [{ type: "image_url", image_url: {} }, { type: "text", text: "Oak." }, null, 5],
  ];
  for (const content of contents) {
    assert.equal(parse({ choices: [{ message: { content } }] }).text, "Oak.");
  }
  assert.equal(parse({ choices: [{ delta: { content: "Oak." } }] }).text, "Oak.");
  assert.equal(parse({ choices: [{ text: "Oak." }] }).text, "Oak.");
  assert.equal(parse({ choices: [{ message: "Oak." }] }).text, "Oak.");
  assert.equal(parse({ choices: [null, { index: 1, text: "no" }, { text: "Oak." }] }).text, "Oak.");
});

Deno.test("parseCompletion() tells an empty answer from none, with its usage and whether it was cut", () => {
  const usage = { prompt_tokens: 5, completion_tokens: 0 };
  for (const finish_reason of ["stop", "length"]) {
    assert.throws(
      () => parse({ choices: [{ finish_reason, message: { content: " " } }], usage }),
      (error) =>
        error instanceof TogetherEmptyAnswerError && error.usage?.promptTokens === 5 &&
        error.isTruncated === (finish_reason === "length"),
    );
  }
});

Deno.test("parseCompletion() knows an error within a 2xx, wherever it stands", () => {
  const usage = { prompt_tokens: 5, completion_tokens: 1 };
  for (
    const body of [
      { error: "no" },
      { error: {} },
      { error: { message: "secret", code: null } },
      { object: "error", message: "secret" },
      { type: "error", message: "secret" },
      { message: "secret" },
      { detail: "secret" },
      { choices: [{ ...choices[0], error: { message: "secret" } }] },
    ]
  ) {
    assert.throws(
      () => parse({ ...body, ...("choices" in body || "error" in body ? { usage } : {}) }),
      (error) => error instanceof TogetherStreamError && !Deno.inspect(error).includes("secret"),
      JSON.stringify(body),
    );
  }
  for (const error of [null, false, ""]) assert.equal(parse({ choices, error }).text, "Oak.");
});

Deno.test("parseCompletion() reads the status or the model's code of such an error", () => {
  const errorOf = (error: object): TogetherApiError | null => {
    try {
      parse({ error });
      return null;
    } catch (thrown) {
      return thrown as TogetherApiError;
    }
  };
  assert.equal(errorOf({ code: 502 })!.status, 502);
  assert.equal(errorOf({ code: 502 })!.mayBeBilled, true);
  assert.equal(errorOf({ code: "model_not_available" })!.isModelUnavailable, true);
});

Deno.test("parseCompletion() knows a page of HTML", () => {
  assert.throws(
    () => parseCompletion("\n<!doctype html>", "a/b"),
    (error) => error instanceof TogetherResponseError && error.isPage,
  );
});

Deno.test("parseCompletion() gives a completion or a TogetherError for any text, without quoting it", () => {
  const text = fc.oneof(fc.json(), fc.string({ minLength: 12 }).map((text) => `SECRET${text}`));
  fc.assert(fc.property(text, (text) => {
    assert.throws(
      () => parseCompletion(text, "a/b"),
      (error) => error instanceof TogetherError && !Deno.inspect(error).includes("SECRET"),
    );
  }));
});

Deno.test("parseChunk() takes null for choices and for a delta as no text", () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  const last = parseChunk(JSON.stringify({ choices: null, usage }))!;
  assert.equal(last.text, "");
  assert.deepEqual(last.usage, { promptTokens: 1, completionTokens: 2 });
  const stop = parseChunk(JSON.stringify({ choices: [{ delta: null, finish_reason: "stop" }] }))!;
  assert.equal(stop.text, "");
  assert.equal(stop.finishReason, "stop");
  assert.equal(parseChunk("ping"), null);
});

Deno.test("parseErrorDetails() finds identifiers in any of the shapes, else nothing", () => {
  const detailsOf = (body: unknown) => parseErrorDetails(JSON.stringify(body), 400);
  assert.equal(detailsOf({ error: { code: "Model_Not_Available" } }).code, "model_not_available");
  assert.equal(
    detailsOf({ error: { code: null, type: "model_not_found" } }).code,
    "model_not_found",
  );
  assert.equal(detailsOf({ error: { param: "response_format" } }).param, "response_format");
  assert.equal(
    detailsOf({ object: "error", type: "BadRequestError", code: 400 }).code,
    "badrequesterror",
  );
  assert.equal(
    detailsOf({ detail: [{ loc: ["body", "logprobs"], msg: "x" }] }).param,
    "body.logprobs",
  );
  for (const body of [{ error: "no" }, { error: { code: "a sentence with a key" } }, [], 5]) {
    assert.equal(detailsOf(body).code, undefined);
  }
  const none = detailsOf({ error: { type: "None", param: "None", code: "400" } });
  assert.deepEqual([none.code, none.param], ["400", undefined]);
  assert.deepEqual(parseErrorDetails("<html>", 400), { isPage: true });
  assert.deepEqual(parseErrorDetails("busy", 400), { isPage: false });
});
