import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLogprobs as parse } from "../../../../supabase/functions/_shared/together-ai/logprobs.ts";

const parseLogprobs = (value: unknown, text = "wood") => parse(value, text);

const WOOD = [{ token: "wo", logprob: -0.1 }, { token: "od", logprob: 0 }];

Deno.test("parseLogprobs() reads both of Together's shapes", () => {
  assert.deepEqual(parseLogprobs({ tokens: ["wo", "od"], token_logprobs: [-0.1, 0] }), WOOD);
  const content = WOOD.map((each) => ({ ...each, bytes: null, top_logprobs: [] }));
  assert.deepEqual(parseLogprobs({ content, refusal: null }), WOOD);
});

Deno.test("parseLogprobs() takes a single number for the whole of a chunk", () => {
  assert.deepEqual(parseLogprobs(-0.1, "wo"), [{ token: "wo", logprob: -0.1 }]);
});

Deno.test("parseLogprobs() takes no part for the whole", () => {
  assert.equal(parseLogprobs({ tokens: ["wo", "od"], token_logprobs: [-0.1] }), null);
  assert.equal(parseLogprobs({ tokens: ["wo", "od"], token_logprobs: [null, 0] }), null);
  assert.equal(parseLogprobs({ tokens: [], token_logprobs: [] }), null);
  assert.equal(parseLogprobs({ content: [] }), null);
  for (const nothing of [null, undefined, {}, [], "x"]) {
    assert.equal(parseLogprobs(nothing), null);
  }
});

Deno.test("parseLogprobs() never gives a probability above 1", () => {
  assert.deepEqual(parseLogprobs({ content: [{ token: "a", logprob: 1e-6 }] }), [
    { token: "a", logprob: 0 },
  ]);
});

Deno.test("parseLogprobs() gives null or tokens for anything", () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    const tokens = parseLogprobs(value);
    assert.ok(tokens === null || tokens.every(({ logprob }) => logprob <= 0));
  }));
});
