import assert from "node:assert/strict";
import {
  findCoverage,
  measureRiskCoverage,
} from "../../../../dev/evaluation/statistics/risk-coverage.ts";
import { measureReliability } from "../../../../dev/evaluation/statistics/reliability.ts";
import { measureCosts } from "../../../../dev/evaluation/statistics/costs.ts";
import { createRandom } from "../../../../dev/random.ts";
import { createAnsweredLine } from "../lines.ts";

/** Answers that are right as often as `toShare` of their confidence says. */
function draw(count: number, toShare: (confidence: number) => number, random: () => number) {
  return Array.from({ length: count }, (_, index) => {
    const confidence = 0.5 + random() / 2;
    return createAnsweredLine({
      confidence,
      right: { family: random() < toShare(confidence) },
      source: String(index),
    });
  });
}

const repeats = 200;

Deno.test("the calibration error: about none where confidences are true, with few and many answers", () => {
  const random = createRandom(4);
  for (const count of [60, 1_000]) {
    const errors = Array.from(
      { length: 30 },
      () =>
        measureReliability(draw(count, (confidence) => confidence, random), "confidence", {
          random,
          repeats: 2,
        })!.ece.value,
    );
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    // Undebiased it is 0.11 and 0.035.
    assert.ok(mean < (count === 60 ? 0.08 : 0.02), `${mean} of ${count}`);
  }
});

Deno.test("the calibration error: what it is where confidences are 0.2 too high, within its interval", () => {
  const random = createRandom(5);
  let inside = 0;
  for (let run = 0; run < 20; run++) {
    const { ece, meanConfidence, rightShare } = measureReliability(
      draw(500, (confidence) => confidence - 0.2, random),
      "confidence",
      { random, repeats },
    )!;
    assert.ok(Math.abs(ece.value - 0.2) < 0.07, String(ece.value));
    assert.ok(Math.abs(meanConfidence - rightShare - 0.2) < 0.07);
    const [low, high] = ece.interval!;
    if (low <= 0.2 && 0.2 <= high) inside++;
  }
  assert.ok(inside >= 16, String(inside));
});

Deno.test("the reliability diagram: bins of equally many answers, equal confidences in one", () => {
  const random = createRandom(6);
  const { bins, brier, withoutConfidence } = measureReliability(
    [
      ...draw(90, (confidence) => confidence, random),
      ...Array.from({ length: 110 }, () => createAnsweredLine({ confidence: 0.75 })),
      createAnsweredLine({ confidence: null, method: "none" }),
      createAnsweredLine({ labels: { finish: "matte" }, right: { finish: true } }),
    ],
    "confidence",
    { random, repeats },
  )!;
  assert.equal(bins.reduce((sum, { count }) => sum + count, 0), 200);
  assert.equal(bins.filter(({ from, to }) => from <= 0.75 && 0.75 <= to).length, 1);
  assert.equal(withoutConfidence, 1);
  assert.ok(brier.value > 0.05 && brier.value < 0.2);
  assert.equal(
    measureReliability([createAnsweredLine({ confidence: null })], "confidence", { random }),
    null,
  );
});

Deno.test("risk and coverage: one point a confidence, nulls are never covered", () => {
  const line = (confidence: number | null, isRight: boolean) =>
    createAnsweredLine({ raw_confidence: confidence, right: { family: isRight } });
  const curve = measureRiskCoverage([
    line(0.9, true),
    line(0.8, false),
    line(0.8, true),
    line(null, false),
  ])!;
  assert.deepEqual(curve.points, [
    { raw: 0.9, coverage: 0.25, risk: 0 },
    { raw: 0.8, coverage: 0.75, risk: 1 / 3 },
  ]);
  assert.equal(findCoverage(curve, 0.5)?.raw, 0.8);
  assert.equal(findCoverage(curve, 0.9), null);
  assert.equal(measureRiskCoverage([line(null, true)]), null);
});

Deno.test("costs: kept answers are not paid now, stored ones of the function tell nothing", () => {
  const costs = measureCosts([
    createAnsweredLine({ cost_usd: 0.002, latency_ms: 1_000 }),
    createAnsweredLine({ cost_usd: 0.004, latency_ms: 3_000, is_kept: true }),
    createAnsweredLine({
      cost_usd: null,
      prompt_tokens: null,
      completion_tokens: null,
      is_cached: true,
      latency_ms: 5,
    }),
  ]);
  assert.deepEqual([costs.count, costs.usdPerPicture, costs.paidUsd], [2, 0.003, 0.002]);
  assert.equal(costs.latencyMs?.median, 2_000);
});
