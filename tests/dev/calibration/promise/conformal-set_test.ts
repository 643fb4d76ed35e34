import assert from "node:assert/strict";
import {
  fitConformalSet,
  type ToldPicture,
} from "../../../../dev/calibration/promise/conformal-set.ts";
import { simulateSets } from "../../../../dev/calibration/synthetic/simulate-sets.ts";

/** Three standard errors of a coverage over 200 sets of labels, with 200 pictures each. */
const NOISE = 0.004;

Deno.test("conformal sets: they hold the right family of 95 % of pictures, with three families at most in the mean", () => {
  const { promised, coverage, meanSize } = simulateSets({ labels: 300, sets: 200 });
  assert.ok(promised > 0.95);
  assert.ok(coverage >= 0.95 - NOISE, String(coverage));
  assert.ok(meanSize <= 3, String(meanSize));
});

Deno.test("conformal sets: a model that overstates itself has larger sets that hold as often", () => {
  const { coverage, meanSize } = simulateSets({ labels: 300, sets: 200, belief: 0.7 });
  assert.ok(coverage >= 0.95 - NOISE, String(coverage));
  assert.ok(meanSize > 3);
});

Deno.test("conformal sets: where only sets too large to show would hold the family, none is promised", () => {
  const { promised } = simulateSets({ labels: 300, sets: 50, holding: 0.9 });
  assert.ok(promised < 0.1);
});

Deno.test("conformal sets: the quantile is the 96th of 100 scores, and of 99 labels there is none", () => {
  const pictures = Array.from({ length: 100 }, (_, index): ToldPicture => ({
    told: { wood: 1 - index / 1_000 },
    family: "wood",
  }));
  const { alpha, quantile, n } = fitConformalSet(pictures)!;
  assert.deepEqual([alpha, quantile.toFixed(6), n], [0.05, "0.095000", 100]);
  assert.equal(fitConformalSet(pictures.slice(1)), null);
});
