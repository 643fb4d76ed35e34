import assert from "node:assert/strict";
import { drawOneOfEachSource, toFolds } from "../../../../dev/calibration/labels/sources.ts";
import { createRandom } from "../../../../dev/random.ts";
import fc from "../../../support/fast-check.ts";

const sources = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 100 })
  .map((each) => Int32Array.from(each));

Deno.test("folds: no source is in two of them", () => {
  fc.assert(fc.property(sources, fc.integer(), (source, seed) => {
    const folds = toFolds(source, 5, createRandom(seed));
    const foldOf = new Map<number, number>();
    source.forEach((each, place) => {
      assert.equal(foldOf.get(each) ?? folds[place], folds[place]);
      foldOf.set(each, folds[place]!);
    });
  }));
});

Deno.test("one of each source: each source once, each of its labels as likely as the others", () => {
  fc.assert(fc.property(sources, fc.integer(), (source, seed) => {
    const places = drawOneOfEachSource(source, createRandom(seed));
    const drawn = Array.from(places, (place) => source[place]);
    assert.deepEqual(new Set(drawn), new Set(source));
    assert.equal(drawn.length, new Set(source).size);
  }));
  const counts = [0, 0, 0, 0];
  const random = createRandom(1);
  for (let draw = 0; draw < 4_000; draw++) {
    counts[drawOneOfEachSource(Int32Array.of(7, 7, 7, 7), random)[0]!]!++;
  }
  assert.ok(counts.every((count) => count > 850 && count < 1_150), String(counts));
});
