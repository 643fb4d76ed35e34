import assert from "node:assert/strict";
import { findThresholds } from "../../../../dev/calibration/promise/thresholds.ts";
import { simulatePromises } from "../../../../dev/calibration/synthetic/simulate-promise.ts";
import {
  createBinormalTruth,
  createLogisticTruth,
  drawLabels,
} from "../../../../dev/calibration/synthetic/truth.ts";
import { createRandom } from "../../../../dev/random.ts";

const USUAL = createBinormalTruth({ rightShare: 0.85, auroc: 0.85 });

Deno.test("thresholds: in 94 % of 2,000 sets of labels each promise holds", () => {
  const overstated = createLogisticTruth({ slope: 0.6, intercept: -0.3 });
  for (const truth of [USUAL, overstated]) {
    const promises = simulatePromises(truth, { labels: 300, sets: 2_000 });
    for (const [precision, { kept }] of Object.entries(promises)) {
      assert.ok(kept >= 0.94, `${precision}: ${kept}`);
    }
  }
});

Deno.test("thresholds: labels of one source, right or wrong together, break no more promises", () => {
  const promises = simulatePromises(USUAL, {
    labels: 1_000,
    sets: 500,
    perSource: 4,
    likeness: 0.9,
  });
  for (const [precision, { kept }] of Object.entries(promises)) {
    assert.ok(kept >= 0.94, `${precision}: ${kept}`);
  }
});

Deno.test("thresholds: with 1,000 labels, 85 % right and AUROC 0.85, nine of ten sets decide at 0.95 and reach eight tenths of the answers they could", () => {
  const { decided, reach } = simulatePromises(USUAL, { labels: 1_000, sets: 1_000 })["0.95"]!;
  assert.ok(decided >= 0.9, String(decided));
  assert.ok(reach >= 0.8, String(reach));
});

Deno.test("thresholds: of fewer than 100 sources none is looked for", () => {
  const random = createRandom(1);
  assert.equal(findThresholds(drawLabels(USUAL, 198, random, { perSource: 2 }), random), null);
});

Deno.test("thresholds: equal figures are taken together or not at all", () => {
  const labels = {
    raw: new Float64Array(400).fill(0.9),
    right: Float64Array.from({ length: 400 }, (_, place) => Number(place % 10 > 0)),
    source: Int32Array.from({ length: 400 }, (_, place) => place),
  };
  const { raw } = findThresholds(labels, createRandom(1))!;
  assert.deepEqual(raw, { "0.8": 0.9, "0.9": null, "0.95": null, "0.99": null });
});
