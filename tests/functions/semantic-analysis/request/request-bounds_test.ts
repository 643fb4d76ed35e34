import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  type AnalysisRequest,
} from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import fc from "../../../support/fast-check.ts";
import { withText } from "../../../support/pictures.ts";
import { IMAGE, OPTIONS, parse, parseAnalysisRequest, problemsOf } from "./json-requests.ts";

const messagesOf = ({ warnings }: AnalysisRequest) => warnings.map(({ message }) => message);

Deno.test("toAnalysisRequest() names unknown fields in warnings and ignores them", async () => {
  const request = await parse({ model: "gpt", options: { top_p: 1, seed: null } });
  assert.deepEqual(request.warnings, [
    { code: "UNKNOWN_FIELD", message: 'The field "model" is not known and was ignored' },
    { code: "UNKNOWN_FIELD", message: 'The field "options.top_p" is not known and was ignored' },
    { code: "UNKNOWN_FIELD", message: 'The field "options.seed" is not known and was ignored' },
  ]);
  assert.deepEqual({ ...withText(request), warnings: [] }, withText(await parse()));
});

Deno.test("toAnalysisRequest() takes prototype-ish field names for unknown ones", async () => {
  const text = `{
    "image_data": "${IMAGE}",
    "__proto__": { "prompt": "polluted", "options": { "temperature": 2 } },
    "constructor": { "prototype": { "prompt": "polluted" } },
    "toString": 1,
    "options": { "__proto__": { "temperature": 2 }, "hasOwnProperty": 1 }
  }`;
  const request = await parseAnalysisRequest(text, OPTIONS);
  assert.deepEqual({ ...withText(request), warnings: [] }, withText(await parse()));
  assert.deepEqual(
    messagesOf(request).map((message) => /"(.+)"/.exec(message)?.[1]),
    ["__proto__", "constructor", "toString", "options.__proto__", "options.hasOwnProperty"],
  );
  assert.equal(({} as Record<string, unknown>)["prompt"], undefined);
});

Deno.test("toAnalysisRequest() takes no field from a prototype for one of the body", async () => {
  const text = `{ "__proto__": { "image_data": "${IMAGE}" } }`;
  assert.deepEqual(Object.keys(await problemsOf(parseAnalysisRequest(text, OPTIONS)) ?? {}), [
    "image_data",
  ]);
});

Deno.test("toAnalysisRequest() names at most 20 unknown fields, each by 64 characters", async () => {
  const fields = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`${index}`.padStart(200, "x"), index]),
  );
  const { warnings } = await parse(fields);
  assert.equal(warnings.length, 20);
  for (const { message } of warnings) assert.ok(message.length < 120);
});

Deno.test("toAnalysisRequest() puts the picture's warning beside those of the fields", async () => {
  const { warnings } = await parse({ image_data: `data:image/png;base64,${IMAGE}`, model: "gpt" });
  assert.deepEqual(warnings.map(({ code }) => code), ["UNKNOWN_FIELD", "MEDIA_TYPE_CORRECTED"]);
});

Deno.test("toAnalysisRequest() bears any depth of nesting", async () => {
  const depth = 32_000;
  const nested = "[".repeat(depth) + "]".repeat(depth);
  const isTakenOrRefused = async (text: string) => {
    try {
      return messagesOf(await parseAnalysisRequest(text, OPTIONS)).length > 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.code === "INVALID_REQUEST";
    }
  };
  assert.ok(nested.length < 64 * 1024);
  assert.ok(await isTakenOrRefused(`{"image_data":"${IMAGE}","x":${nested}}`));
  assert.ok(await isTakenOrRefused(`{"image_data":${nested}}`));
  assert.ok(
    await isTakenOrRefused(`{"image_data":"${IMAGE}","options":{"temperature":${nested}}}`),
  );
  assert.ok(await isTakenOrRefused(nested));
});

Deno.test("toAnalysisRequest() throws nothing but an ApiError, whatever the body", async () => {
  const field = fc.oneof(fc.jsonValue(), fc.constant(IMAGE));
  const body = fc.record({
    image_data: field,
    analysis_type: field,
    prompt: field,
    options: fc.oneof(
      field,
      fc.record({ temperature: field, max_tokens: field, stream: field }, { requiredKeys: [] }),
    ),
  }, { requiredKeys: [] });
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    body.map((body) => JSON.stringify(body)),
    body.map((body) => JSON.stringify({ ...body, image_data: IMAGE })),
  );
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      try {
        const { temperature, maxTokens, prompt } = await parseAnalysisRequest(text, OPTIONS);
        assert.ok(temperature >= 0 && temperature <= 2);
        assert.ok(maxTokens === null || (maxTokens >= 1 && maxTokens <= 4_096));
        assert.ok(prompt === null || (prompt.length >= 1 && prompt.length <= 4_000));
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error));
        assert.ok(error.status === 400);
      }
    }),
    { numRuns: 2_000 },
  );
});
