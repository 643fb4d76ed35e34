import assert from "node:assert/strict";
import { MATERIAL_VOCABULARY } from "../../../../../supabase/functions/_shared/client/material.ts";
import { toFamilyProbabilities } from "../../../../../supabase/functions/semantic-analysis/model/figure/family-probabilities.ts";
import fc from "../../../../support/fast-check.ts";

/** Tokens of a label, each with what might have stood in its place; the first may begin before it. */
function tokensOf(...places: { token: string; p: number; top?: Record<string, number> }[]) {
  let at = -(/^[^a-z]*/.exec(places[0]!.token)![0].length);
  return places.map(({ token, p, top }) => {
    const begin = at;
    at += token.length;
    return {
      token,
      at: begin,
      logprob: Math.log(p),
      ...(top && {
        alternatives: Object.fromEntries(
          Object.entries(top).map(([text, each]) => [text, Math.log(each)]),
        ),
      }),
    };
  });
}

Deno.test("families: each has the sum of the tokens that can begin it alone", () => {
  const told = toFamilyProbabilities(tokensOf({
    token: "wood",
    p: 0.6,
    top: { wood: 0.6, Wood: 0.05, stone: 0.2, st: 0.04, met: 0.06 },
  }));
  assert.deepEqual(told, { wood: 0.65, stone: 0.24, metal: 0.06 });
});

Deno.test("families: what several may begin with belongs to none, until the next token decides", () => {
  const told = toFamilyProbabilities(tokensOf(
    { token: "pl", p: 0.5, top: { pl: 0.5, p: 0.2, wood: 0.25, x: 0.01 } },
    { token: "astic", p: 0.8, top: { astic: 0.8, aster: 0.2 } },
  ));
  assert.deepEqual(told, { wood: 0.25, plaster: 0.1, plastic: 0.4 });
});

Deno.test("families: a quote or a space before the label and a quote behind it are no letters of it", () => {
  const before = toFamilyProbabilities(
    tokensOf({ token: '"wood', p: 0.7, top: { '"stone': 0.2 } }),
  );
  assert.deepEqual(before, { wood: 0.7, stone: 0.2 });
  const behind = toFamilyProbabilities(
    tokensOf({ token: 'wood",', p: 0.7, top: { 'glass"': 0.2, 'gla"': 0.1 } }),
  );
  assert.deepEqual(behind, { wood: 0.7, glass: 0.2 });
});

Deno.test("families: without alternatives there are none", () => {
  assert.equal(toFamilyProbabilities(tokensOf({ token: "wood", p: 0.7 })), null);
  const itself = tokensOf({ token: "wood", p: 0.7, top: { wood: 0.7 } });
  assert.equal(toFamilyProbabilities(itself), null);
});

Deno.test("families: whatever is told, the probabilities come to no more than 1", () => {
  const word = fc.constantFrom(...MATERIAL_VOCABULARY.family, "p", "pl", "c", "co", "x", "");
  const top = fc.array(fc.tuple(word, fc.double({ min: 0.001, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 5,
  }).map((entries) => {
    const byWord = Object.entries(Object.fromEntries(entries));
    const total = byWord.reduce((sum, [, each]) => sum + each, 0);
    return Object.fromEntries(byWord.map(([each, p]) => [each, p / total]));
  });
  fc.assert(fc.property(top, fc.nat(), (each, at) => {
    const words = Object.keys(each);
    const token = words[at % words.length]!;
    if (token === "") return;
    const told = toFamilyProbabilities(tokensOf({ token, p: each[token]!, top: each }));
    const sum = Object.values(told ?? {}).reduce((total, one) => total + one, 0);
    assert.ok(sum <= 1.001, `${sum}`);
  }));
});
