import assert from "node:assert/strict";
import { toFigure as toFigureOf } from "../../../../../supabase/functions/semantic-analysis/model/figure/figure.ts";
import type { JsonObject } from "../../../../../supabase/functions/semantic-analysis/model/reading/json/parser.ts";
import { createJsonScanner } from "../../../../../supabase/functions/semantic-analysis/model/reading/json/scanner.ts";
import fc from "../../../../support/fast-check.ts";

type Input = Omit<Parameters<typeof toFigureOf>[0], "label">;

/** With the label where it is in the answer that the tokens spell. */
function toFigure(input: Input, answer = input.logprobs?.map(({ token }) => token).join("")) {
  const text = answer ?? "";
  const objects: JsonObject[] = [];
  const scanner = createJsonScanner({ onObject: (object) => objects.push(object) });
  scanner.push(text);
  scanner.end();
  const source = objects[0] && scanner.sourceOf(objects[0]);
  const span = source?.members.get("family");
  return toFigureOf({ ...input, label: span ? { text, span, end: source!.end } : null });
}

const token = (text: string, probability = 1) => ({ token: text, logprob: Math.log(probability) });

/** `{"description":"…","family":"wood"}` in tokens, the family's with these probabilities. */
const tokens = (...family: [string, number][]) => [
  token('{"descri'),
  token('ption":"A wooden board.","fam', 0.5),
  token('ily": "'),
  ...family.map(([text, probability]) => token(text, probability)),
  token('","type":"oak"}', 0.4),
];

Deno.test("toFigure() has nothing to go by: null", () => {
  const confidence = toFigure({ family: "wood", statedConfidence: null, logprobs: null });
  assert.deepEqual(confidence, { raw: null, method: "none", families: null });
});

Deno.test("toFigure() is not confident of a label that says unknown", () => {
  const logprobs = tokens(["unknown", 1]);
  const confidence = toFigure({ family: "unknown", statedConfidence: 1, logprobs });
  assert.deepEqual(confidence, { raw: null, method: "none", families: null });
});

Deno.test("toFigure() takes the model's word alone as it is: it is capped when it is shown", () => {
  const stated = (statedConfidence: number) =>
    toFigure({ family: "wood", statedConfidence, logprobs: null });
  assert.deepEqual(stated(0.4), { raw: 0.4, method: "verbalized", families: null });
  assert.deepEqual(stated(1), { raw: 1, method: "verbalized", families: null });
  assert.deepEqual(stated(0), { raw: 0, method: "verbalized", families: null });
});

Deno.test("toFigure() takes the label's tokens together, and no other", () => {
  const logprobs = tokens(["wo", 0.8], ["od", 0.9]);
  const confidence = toFigure({ family: "wood", statedConfidence: null, logprobs });
  assert.deepEqual(confidence, { raw: 0.72, method: "token_logprob", families: null });
});

Deno.test("toFigure() takes a token that holds more than the label for the label's", () => {
  const logprobs = [token('{"family":"', 0.3), token('wood","', 0.6)];
  const confidence = toFigure({ family: "wood", statedConfidence: null, logprobs });
  assert.deepEqual(confidence, { raw: 0.6, method: "token_logprob", families: null });
});

Deno.test("toFigure() finds the label as the model spelt it", () => {
  const logprobs = [token('{"family":"'), token("Semi-Gloss", 0.6), token('"}')];
  const confidence = toFigure({ family: "semi_gloss", statedConfidence: null, logprobs });
  assert.equal(confidence.raw, 0.6);
});

Deno.test("toFigure() does not take the probability of another label", () => {
  const logprobs = tokens(["metal", 0.99]);
  const confidence = toFigure({ family: "wood", statedConfidence: 0.5, logprobs });
  assert.deepEqual(confidence, { raw: 0.5, method: "verbalized", families: null });
});

Deno.test("toFigure() fuses both figures to one between them", () => {
  const confidence = toFigure({
    family: "wood",
    statedConfidence: 0.5,
    logprobs: tokens(["wood", 0.9]),
  });
  assert.equal(confidence.method, "fused");
  assert.equal(confidence.raw, Math.round(0.9 ** 0.7 * 0.5 ** 0.3 * 1e4) / 1e4);
});

Deno.test("toFigure() rises with each figure, and stays in [0, 1]", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const fuse = (probability: number, statedConfidence: number) =>
    toFigure({ family: "wood", statedConfidence, logprobs: tokens(["wood", probability]) })
      .raw!;
  fc.assert(fc.property(unit, unit, unit, (p, q, v) => {
    const [low, high] = [Math.min(p, q), Math.max(p, q)];
    assert.ok(fuse(low, v) <= fuse(high, v));
    assert.ok(fuse(v, low) <= fuse(v, high));
    const fused = fuse(p, v);
    assert.ok(fused >= Math.min(p, v) - 1e-4 && fused <= Math.max(p, v) + 1e-4);
    assert.ok(fused >= 0 && fused <= 1);
  }));
});

Deno.test("toFigure() takes no token of the thinking for the label's", () => {
  const thinking = [token('<think>"family": "'), token("wood", 0.1), token('"</think>')];
  const answer = [token('{"family":"'), token("wood", 0.6), token('"}')];
  const confidenceOf = (logprobs: typeof answer) =>
    toFigure({ family: "wood", statedConfidence: null, logprobs }, '{"family":"wood"}').raw;
  assert.equal(confidenceOf([...thinking, ...answer]), 0.6);
  assert.equal(confidenceOf([...thinking, ...answer, token("<|im_end|>", 0.2)]), 0.6);
  assert.equal(confidenceOf(thinking), null);
  // A whole draft in the thinking, and none of the answer's own tokens.
  assert.equal(confidenceOf([token('{"family":"'), token("wood", 0.1), token('"}</think>')]), null);
});

Deno.test("toFigure() takes tokens that spell something else for none", () => {
  const logprobs = [token('{"family":"'), token("wo\ufffd", 0.6), token('"}')];
  const confidence = toFigure(
    { family: "wood", statedConfidence: 0.5, logprobs },
    '{"family":"wood"}',
  );
  assert.deepEqual(confidence, { raw: 0.5, method: "verbalized", families: null });
});
