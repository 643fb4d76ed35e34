import assert from "node:assert/strict";
import {
  countPictureTokens,
  findModel,
  isKnownModel,
  MAX_PICTURE_TOKENS,
  toCostNanoUsd,
} from "../../../../supabase/functions/_shared/together-ai/models.ts";

const DEFAULT_MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo";

Deno.test("toCostNanoUsd() multiplies tokens by the price, in whole nano-dollars", () => {
  const usage = { promptTokens: 6_500, completionTokens: 200 };
  // $1.20 per million both ways: 6,700 tokens are $0.00804.
  assert.equal(toCostNanoUsd(usage, findModel(DEFAULT_MODEL)), 8_040_000);
  assert.equal(toCostNanoUsd(usage, findModel("Qwen/Qwen3.5-9B")), 6_500 * 170 + 200 * 250);
});

Deno.test("findModel() assumes the dearest prices of the table for an unknown model", () => {
  assert.equal(isKnownModel("somebody/else"), false);
  const unknown = findModel("somebody/else");
  assert.equal(unknown.inputUsdPerMillion, 1.20);
  assert.equal(unknown.outputUsdPerMillion, 1.50);
});

Deno.test("findModel() isn't fooled by the names every object has", () => {
  assert.equal(isKnownModel("constructor"), false);
  assert.equal(findModel("__proto__").inputUsdPerMillion, 1.20);
});

Deno.test("countPictureTokens() bills one tile up to 1119 pixels, two from 1120, in each direction", () => {
  const cases: [number, number, number][] = [
    [1, 1, 1601],
    [559, 559, 1601],
    [560, 560, 1601],
    [1119, 1119, 1601],
    [1120, 1119, 3202],
    [1119, 1120, 3202],
    [1120, 1120, 6404],
    [20_000, 20_000, 6404],
    [20_000, 10, 3202],
  ];
  for (const [width, height, tokens] of cases) {
    assert.equal(countPictureTokens(width, height), tokens, `${width} × ${height}`);
  }
  assert.equal(MAX_PICTURE_TOKENS, 6404);
});
