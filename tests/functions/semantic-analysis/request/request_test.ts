import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import { sha256Of, toGifOfLength, withText } from "../../../support/pictures.ts";
import { IMAGE, OPTIONS, parse, parseAnalysisRequest, problemsOf } from "./json-requests.ts";

Deno.test("toAnalysisRequest() fills in everything but the picture", async () => {
  assert.deepEqual(withText(await parse()), {
    picture: {
      kind: "bytes",
      mediaType: "image/gif",
      base64: IMAGE,
      sha256: await sha256Of(toGifOfLength(12)),
      byteLength: 12,
      width: 4,
      height: 3,
    },
    analysisType: "material_identification",
    prompt: null,
    model: null,
    temperature: 0.1,
    maxTokens: null,
    cacheMode: "use",
    palette: null,
    isStreamed: false,
    minPrecision: null,
    warnings: [],
  });
});

Deno.test("toAnalysisRequest() takes every field it knows", async () => {
  const request = await parse({
    analysis_type: "general_description",
    prompt: "Which wood?",
    options: { temperature: 1.5, max_tokens: 1_000, stream: false },
  });
  assert.equal(request.analysisType, "general_description");
  assert.equal(request.prompt, "Which wood?");
  assert.equal(request.temperature, 1.5);
  assert.equal(request.maxTokens, 1_000);
  assert.deepEqual(request.warnings, []);
});

Deno.test("toAnalysisRequest() takes null for a field that is left out", async () => {
  const nothing = { analysis_type: null, prompt: null };
  assert.deepEqual(withText(await parse({ ...nothing, options: null })), withText(await parse()));
  assert.deepEqual(
    withText(
      await parse({ ...nothing, options: { temperature: null, max_tokens: null, stream: null } }),
    ),
    withText(await parse()),
  );
});

Deno.test("toAnalysisRequest() keeps a temperature of 0", async () => {
  assert.equal((await parse({ options: { temperature: 0 } })).temperature, 0);
});

Deno.test("toAnalysisRequest() takes a temperature from 0 to 2 and no other", async () => {
  for (const temperature of [0, 0.7, 2]) {
    assert.equal((await parse({ options: { temperature } })).temperature, temperature);
  }
  for (const temperature of [5, 2.0001, -0.1, "hot", "0.5", true, [], {}]) {
    assert.deepEqual(await problemsOf(parse({ options: { temperature } })), {
      "options.temperature": "must be a number from 0 to 2",
    });
  }
});

Deno.test("toAnalysisRequest() refuses numbers that JSON doesn't have", async () => {
  const withTemperature = (number: string) =>
    parseAnalysisRequest(
      `{"image_data":"${IMAGE}","options":{"temperature":${number}}}`,
      OPTIONS,
    );
  for (const number of ["NaN", "Infinity", "0x1", "01", ".5"]) {
    assert.deepEqual(await problemsOf(withTemperature(number)), { body: "must be JSON" });
  }
  assert.deepEqual(await problemsOf(withTemperature("1e400")), {
    "options.temperature": "must be a number from 0 to 2",
  });
});

Deno.test("toAnalysisRequest() takes max_tokens from 1 to the ceiling", async () => {
  for (const maxTokens of [1, 300, 4_096]) {
    assert.equal((await parse({ options: { max_tokens: maxTokens } })).maxTokens, maxTokens);
  }
  for (const maxTokens of [4_097, 1e9]) {
    assert.deepEqual(await problemsOf(parse({ options: { max_tokens: maxTokens } })), {
      "options.max_tokens": "must be at most 4096",
    });
  }
});

Deno.test("toAnalysisRequest() refuses max_tokens that is no whole number from 1", async () => {
  for (const maxTokens of [0, -1, 1.5, 1e300, "many", "200", true, []]) {
    assert.deepEqual(await problemsOf(parse({ options: { max_tokens: maxTokens } })), {
      "options.max_tokens": "must be a whole number of at least 1",
    }, String(maxTokens));
  }
});

Deno.test("toAnalysisRequest() takes stream as a boolean", async () => {
  assert.equal((await parse({ options: { stream: true } })).isStreamed, true);
  assert.equal((await parse({ options: { stream: false } })).isStreamed, false);
  for (const stream of ["true", 0, 1]) {
    assert.deepEqual(await problemsOf(parse({ options: { stream } })), {
      "options.stream": "must be true or false",
    });
  }
});

Deno.test("toAnalysisRequest() takes three ways to use the cache and no other", async () => {
  for (const cache of ["use", "refresh", "off"]) {
    assert.equal((await parse({ options: { cache } })).cacheMode, cache);
  }
  assert.equal((await parse({ options: { cache: null } })).cacheMode, "use");
  for (const cache of ["", "USE", true, false, 0, {}]) {
    assert.deepEqual(await problemsOf(parse({ options: { cache } })), {
      "options.cache": "must be one of use, refresh, off",
    });
  }
});

Deno.test("toAnalysisRequest() takes a prompt of 1 to 4,000 characters", async () => {
  for (const prompt of ["?", "x".repeat(4_000)]) {
    assert.equal((await parse({ prompt })).prompt, prompt);
  }
  for (const prompt of ["", "x".repeat(4_001), "x".repeat(40_000), 5, {}, ["x"]]) {
    assert.deepEqual(await problemsOf(parse({ prompt })), {
      prompt: "must be a string of 1 to 4000 characters",
    });
  }
});

Deno.test("toAnalysisRequest() refuses a prompt where none is allowed", async () => {
  const options = { isCustomPromptAllowed: false };
  await assertRejected(parse({ prompt: "Which wood?" }, options), "FORBIDDEN");
  assert.equal((await parse({}, options)).prompt, null);
  assert.equal((await parse({ prompt: null }, options)).prompt, null);
});

Deno.test("toAnalysisRequest() takes a model that has a price, of a caller who may choose", async () => {
  const has = (id: string) => id === "vendor/priced";
  const options = { choosableModels: { has, examples: ["vendor/priced"] } };
  const choosing = (model: unknown) => ({ options: { model } });
  assert.equal((await parse(choosing("vendor/priced"), options)).model, "vendor/priced");
  assert.equal((await parse(choosing(null), options)).model, null);
  await assertRejected(parse(choosing("vendor/priced")), "FORBIDDEN");
  assert.deepEqual(await problemsOf(parse(choosing("vendor/other"), options)), {
    "options.model":
      'must be a model with a price, such as "vendor/priced" (setting TOGETHER_MODEL_CAPABILITIES)',
  });
  for (const model of ["", "x".repeat(201), 1, {}]) {
    assert.deepEqual(await problemsOf(parse(choosing(model), options)), {
      "options.model": "must be a model's id",
    });
  }
});

Deno.test("toAnalysisRequest() names the kinds of analysis to who asks for another", async () => {
  for (const analysisType of ["MATERIAL_IDENTIFICATION", "colour", "", 1, "toString", {}]) {
    assert.deepEqual(await problemsOf(parse({ analysis_type: analysisType })), {
      analysis_type: "must be one of material_identification, general_description",
    });
  }
});

Deno.test("toAnalysisRequest() refuses image_data that is missing or no string", async () => {
  for (const image of [undefined, null, 5, [], { base64: IMAGE }]) {
    assert.deepEqual(await problemsOf(parse({ image_data: image })), {
      image_data: "must be a string: base64, a data: URI or an https URL",
    });
  }
});

Deno.test("toAnalysisRequest() refuses a picture as parsePicture() does", async () => {
  await assertRejected(parse({ image_data: "QUJD" }), "UNSUPPORTED_IMAGE_TYPE");
  await assertRejected(parse({ image_data: "Q" }), "INVALID_IMAGE");
  await assertRejected(parse({}, { maxImageBytes: 11 }), "IMAGE_TOO_LARGE");
  await assertRejected(parse({ image_data: "http://example.com/a.jpg" }), "INVALID_REQUEST");
});

Deno.test("toAnalysisRequest() refuses a body that isn't an object", async () => {
  for (const text of ["null", "[]", `["${IMAGE}"]`, '"text"', "5", "true"]) {
    assert.deepEqual(await problemsOf(parseAnalysisRequest(text, OPTIONS)), {
      body: "must be a JSON object",
    });
  }
});

Deno.test("toAnalysisRequest() refuses options that aren't an object", async () => {
  for (const options of [[], "text", 5, true]) {
    assert.deepEqual(await problemsOf(parse({ options })), { options: "must be an object" });
  }
});

Deno.test("toAnalysisRequest() refuses an empty body and one that isn't JSON", async () => {
  for (const text of ["", " \n\t"]) {
    assert.deepEqual(await problemsOf(parseAnalysisRequest(text, OPTIONS)), {
      body: "must not be empty",
    });
  }
  for (const text of ["{", "image_data=abc", "{'image_data':''}", "undefined", "{}{}"]) {
    assert.deepEqual(await problemsOf(parseAnalysisRequest(text, OPTIONS)), {
      body: "must be JSON",
    });
  }
});

Deno.test("toAnalysisRequest() names every wrong field, in the message too", async () => {
  const refused = parse({
    image_data: 1,
    analysis_type: "x",
    options: { temperature: "hot", max_tokens: 0 },
  });
  const { message, details } = await assertRejected(refused, "INVALID_REQUEST");
  const paths = Object.keys(details ?? {}).sort();
  assert.deepEqual(paths, [
    "analysis_type",
    "image_data",
    "options.max_tokens",
    "options.temperature",
  ]);
  for (const path of paths) assert.ok(message.includes(path), message);
});

Deno.test("toAnalysisRequest() repeats no value of what it refuses", async () => {
  const secret = "hunter2";
  const texts = [
    `{"image_data":"${secret}`,
    JSON.stringify({ image_data: IMAGE, analysis_type: secret }),
    JSON.stringify({ image_data: IMAGE, prompt: secret.repeat(1_000) }),
    JSON.stringify({ image_data: { [secret]: secret } }),
    JSON.stringify({ image_data: `data:${secret}` }),
  ];
  for (const text of texts) {
    try {
      await parseAnalysisRequest(text, OPTIONS);
      assert.fail("was taken");
    } catch (error) {
      assert.ok(error instanceof ApiError);
      assert.equal(error.cause, undefined);
      assert.doesNotMatch(JSON.stringify([error.message, error.details]), /hunter2/);
    }
  }
});
