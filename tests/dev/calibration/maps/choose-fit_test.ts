import assert from "node:assert/strict";
import { chooseFit } from "../../../../dev/calibration/maps/choose-fit.ts";
import { simulateFits, toShareWithin } from "../../../../dev/calibration/synthetic/simulate-fit.ts";
import {
  createLogisticTruth,
  createTruth,
  drawLabels,
} from "../../../../dev/calibration/synthetic/truth.ts";
import { createRandom } from "../../../../dev/random.ts";

// The tables of all truths and sizes are those of bench/calibration.

/** Of 999: fewer make the test coarser, not wrong. */
const testDraws = 99;

const TRUE = createLogisticTruth({ slope: 1, intercept: 0 });
const OVERSTATED = createLogisticTruth({ slope: 0.6, intercept: -0.3 });

Deno.test("choosing a fit: under 100 labels, or of fewer than 30 sources, nothing is fitted", () => {
  const random = createRandom(1);
  const choose = (count: number, perSource: number) =>
    chooseFit(drawLabels(OVERSTATED, count, random, { perSource }), { random, draws: testDraws });
  assert.equal(choose(99, 1), null);
  assert.equal(choose(110, 4), null);
  assert.notEqual(choose(100, 1), null);
});

Deno.test("choosing a fit: where the raw figure is true no map is installed in 95 % of sets", () => {
  for (const labels of [100, 400]) {
    const { installed } = simulateFits(TRUE, { labels, sets: 300, testDraws });
    assert.ok(installed <= 0.05, String(installed));
  }
});

Deno.test("choosing a fit: labels of one source, right or wrong together, install no map where it is true", () => {
  const { installed } = simulateFits(TRUE, {
    labels: 400,
    sets: 150,
    perSource: 5,
    likeness: 0.9,
    testDraws,
  });
  assert.ok(installed <= 0.05, String(installed));
});

Deno.test("choosing a fit: a logistic truth is met within 0.07 after 200 and 0.05 after 500 labels in 90 % of sets", () => {
  for (const [labels, most] of [[200, 0.07], [500, 0.05]] as const) {
    const { errors, rawError } = simulateFits(OVERSTATED, { labels, sets: 60, testDraws });
    assert.ok(rawError > 0.1);
    assert.ok(toShareWithin(errors, most) >= 0.9, `${labels}: ${errors.at(-6)}`);
  }
});

Deno.test("choosing a fit: a model that overstates itself by little is met within 0.05 after 500 labels in 85 % of sets", () => {
  const truth = createLogisticTruth({ slope: 0.8, intercept: -0.2 });
  const { errors, rawError } = simulateFits(truth, { labels: 500, sets: 150, testDraws });
  assert.ok(rawError > 0.05);
  assert.ok(toShareWithin(errors, 0.05) >= 0.85, String(toShareWithin(errors, 0.05)));
});

Deno.test("choosing a fit: another rising truth is met within 0.05 after 1,000 labels in 90 % of sets", () => {
  const steps = createTruth((raw) => raw < 0.7 ? 0.35 : raw < 0.93 ? 0.7 : 0.95);
  const { errors, isotonic } = simulateFits(steps, { labels: 1_000, sets: 30, testDraws });
  assert.ok(isotonic > 0.9);
  assert.ok(toShareWithin(errors, 0.05) >= 0.9, String(errors.at(-3)));
});
