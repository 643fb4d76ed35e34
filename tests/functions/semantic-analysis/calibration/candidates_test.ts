import assert from "node:assert/strict";
import {
  FAMILIES,
  toCandidates,
  toConformalScore,
  toProbabilities,
} from "../../../../supabase/functions/semantic-analysis/calibration/candidates.ts";
import fc from "../../../support/fast-check.ts";

Deno.test("candidates: what no family was told is shared equally by those that weren't", () => {
  const probabilities = toProbabilities({ wood: 0.6, stone: 0.26 });
  assert.equal(probabilities.length, FAMILIES.length);
  assert.deepEqual(probabilities.slice(0, 3), [
    { family: "wood", probability: 0.6 },
    { family: "stone", probability: 0.26 },
    { family: "metal", probability: 0.0108 },
  ]);
  // Whatever stands for "unknown" is of no family.
  assert.equal(toProbabilities({ wood: 0.6, unknown: 0.4 })[1]!.probability, 0);
});

Deno.test("candidates: the set has the families that are likely enough, the likeliest first", () => {
  const told = { wood: 0.6, stone: 0.2, metal: 0.15, glass: 0.01 };
  const familiesAt = (quantile: number) =>
    toCandidates(told, { quantile })?.map(({ family }) => family);
  assert.deepEqual(familiesAt(0.85), ["wood", "stone", "metal"]);
  assert.deepEqual(familiesAt(0.8), ["wood", "stone"]);
  assert.deepEqual(familiesAt(0.1), ["wood"], "a set is never empty");
  assert.equal(familiesAt(1), undefined, "more than half of the families are no answer");
});

Deno.test("candidates: a family is in the set where its score is at most the quantile", () => {
  const told = fc.dictionary(
    fc.constantFrom(...FAMILIES),
    fc.double({ min: 0, max: 1 / FAMILIES.length, noNaN: true }),
  );
  const quantile = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(told, quantile, fc.constantFrom(...FAMILIES), (each, at, family) => {
    const candidates = toCandidates(each, { quantile: at });
    if (candidates === null || candidates.length === 1) return;
    const isIn = candidates.some((candidate) => candidate.family === family);
    assert.equal(isIn, toConformalScore(each, family) <= at);
  }));
});
