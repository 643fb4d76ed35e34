import assert from "node:assert/strict";
import {
  SEARCH_TYPES,
  TERMS,
} from "../../../../supabase/functions/_shared/client/search/search-contract.ts";
import {
  DEFAULT_WEIGHTS,
  toTerms,
  toWeights,
} from "../../../../supabase/functions/visual-search/search/ranking.ts";
import fc from "../../../support/fast-check.ts";

const NOTHING = {
  hasEmbedding: false,
  hasPalette: false,
  isByColourAlone: false,
  hasWords: false,
  hasPictureProperties: false,
  hasFilters: false,
};
const EVERYTHING = {
  hasEmbedding: true,
  hasPalette: false,
  isByColourAlone: false,
  hasWords: true,
  hasPictureProperties: true,
  hasFilters: true,
};

Deno.test("toTerms(): colours alone rank by how far they are, whatever the type of search", () => {
  for (const type of SEARCH_TYPES) {
    assert.deepEqual(toTerms(type, { ...NOTHING, hasFilters: true, isByColourAlone: true }), [
      "visual_similarity",
    ]);
  }
});

Deno.test("toTerms(): a palette is what a picture looks like, beside its properties and words", () => {
  const both = { ...EVERYTHING, hasEmbedding: false, hasPalette: true };
  assert.deepEqual(toTerms("visual_similarity", both), [
    "visual_similarity",
    "material_properties",
  ]);
  assert.deepEqual(toTerms("hybrid", both), TERMS);
});

Deno.test("toTerms() names what a type of search goes by", () => {
  assert.deepEqual(toTerms("visual_similarity", EVERYTHING), ["visual_similarity"]);
  assert.deepEqual(toTerms("visual_similarity", { ...EVERYTHING, hasEmbedding: false }), [
    "material_properties",
  ]);
  assert.deepEqual(toTerms("visual_similarity", { ...NOTHING, hasWords: true }), [
    "semantic_relevance",
  ]);
  assert.deepEqual(toTerms("semantic_analysis", EVERYTHING), [
    "semantic_relevance",
    "material_properties",
  ]);
  assert.deepEqual(toTerms("semantic_analysis", { ...NOTHING, hasWords: true }), [
    "semantic_relevance",
  ]);
  assert.deepEqual(toTerms("material_properties", EVERYTHING), ["material_properties"]);
  assert.deepEqual(toTerms("hybrid", EVERYTHING), [...TERMS]);
  assert.deepEqual(toTerms("hybrid", { ...NOTHING, hasWords: true }), [
    "semantic_relevance",
    "llama_confidence",
  ]);
});

Deno.test("toWeights() drops absent terms and keeps the proportions of the others", () => {
  assert.deepEqual(toWeights("hybrid", ["semantic_relevance", "llama_confidence"], null), {
    visual_similarity: 0,
    semantic_relevance: 0.75,
    material_properties: 0,
    llama_confidence: 0.25,
  });
  assert.deepEqual(toWeights("hybrid", [...TERMS], null), DEFAULT_WEIGHTS);
});

Deno.test("toWeights() refuses a hybrid search whose weights are all on what it has not", () => {
  const weights = {
    visual_similarity: 0.9,
    semantic_relevance: 0,
    material_properties: 0,
    llama_confidence: 0.1,
  };
  assert.throws(
    () => toWeights("hybrid", ["semantic_relevance", "llama_confidence"], weights),
    { code: "INVALID_REQUEST" },
  );
  // One strategy alone is used whatever the weights say.
  const alone = toWeights("semantic_analysis", ["semantic_relevance"], weights);
  assert.equal(alone.semantic_relevance, 1);
});

Deno.test("toWeights() always adds up to 1", () => {
  fc.assert(fc.property(
    fc.constantFrom(...SEARCH_TYPES),
    fc.record({
      hasEmbedding: fc.boolean(),
      hasPalette: fc.boolean(),
      isByColourAlone: fc.boolean(),
      hasWords: fc.boolean(),
      hasPictureProperties: fc.boolean(),
      hasFilters: fc.boolean(),
    }),
    fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    (type, available, parts) => {
      const terms = toTerms(type, available);
      if (terms.every((term) => term === "llama_confidence")) return;
      const sum = parts.reduce((total, part) => total + part, 0);
      const given = Object.fromEntries(
        TERMS.map((term, index) => [term, parts[index]! / sum]),
      ) as typeof DEFAULT_WEIGHTS;
      const weights = toWeights(type, terms, given);
      const total = TERMS.reduce((all, term) => all + weights[term], 0);
      assert.ok(Math.abs(total - 1) < 1e-5, `${total}`);
      for (const term of TERMS) if (!terms.includes(term)) assert.equal(weights[term], 0);
    },
  ));
});
