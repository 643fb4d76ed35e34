import assert from "node:assert/strict";
import {
  MAX_KNOTS,
  readCalibrationMap,
  toLogit,
} from "../../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { applyFit } from "../../../../dev/calibration/maps/apply-fit.ts";
import { fitIsotonic, toRisingOrder } from "../../../../dev/calibration/maps/isotonic.ts";
import { fitPlatt } from "../../../../dev/calibration/maps/platt.ts";
import { toTargets } from "../../../../dev/calibration/maps/targets.ts";
import { CALIBRATION_MAP } from "../../../support/calibration.ts";
import fc from "../../../support/fast-check.ts";

const labels = fc.array(
  fc.record({ raw: fc.integer({ min: 0, max: 10_000 }), isRight: fc.boolean() }),
  { minLength: 1, maxLength: 300 },
).map((each) => ({
  raw: Float64Array.from(each, ({ raw }) => raw / 10_000),
  right: Float64Array.from(each, ({ isRight }) => Number(isRight)),
}));

const figures = Float64Array.from({ length: 201 }, (_, index) => index / 200);

Deno.test("both fits: any labels give a map that the function reads and that never falls", () => {
  fc.assert(fc.property(labels, ({ raw, right }) => {
    const targets = toTargets(right);
    for (
      const fit of [
        fitPlatt(raw.map(toLogit), targets),
        fitIsotonic(raw, targets, toRisingOrder(raw)),
      ]
    ) {
      assert.notEqual(readCalibrationMap({ ...CALIBRATION_MAP, fit }), null, JSON.stringify(fit));
      const calibrated = applyFit(fit, figures);
      calibrated.forEach((each, index) => {
        // A steep line through few labels comes to 0 and 1 in floating point.
        assert.ok(each >= 0 && each <= 1);
        assert.ok(index === 0 || each >= calibrated[index - 1]! - 1e-12);
      });
    }
  }));
});

Deno.test("Platt: the gradient of the likelihood is zero at the line", () => {
  const raw = Float64Array.of(0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 0.95, 0.7);
  const targets = toTargets(Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1));
  const fit = fitPlatt(raw.map(toLogit), targets);
  const residuals = applyFit(fit, raw).map((each, place) => each - targets[place]!);
  assert.ok(Math.abs(residuals.reduce((sum, each) => sum + each)) < 1e-7);
  assert.ok(
    Math.abs(residuals.reduce((sum, each, place) => sum + each * toLogit(raw[place]!), 0)) < 1e-7,
  );
});

Deno.test("Platt: where higher figures are less often right the map is flat", () => {
  const raw = Float64Array.from({ length: 100 }, (_, index) => index / 100);
  const right = raw.map((each) => Number(each < 0.5));
  assert.equal(fitPlatt(raw.map(toLogit), toTargets(right)).a, 0);
});

Deno.test("isotonic: equal figures are pooled first, violators after", () => {
  const raw = Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.7, 0.8, 0.9);
  const right = Float64Array.of(1, 0, 0, 0, 1, 0, 1);
  const fit = fitIsotonic(raw, right, toRisingOrder(raw));
  assert.deepEqual(fit, {
    kind: "isotonic",
    x: [0.5, 0.7, 0.8, 0.9],
    y: [0.25, 0.5, 0.5, 1],
  });
});

Deno.test("isotonic: of one step more than a map may have, the two that differ least become one", () => {
  const count = MAX_KNOTS / 2 + 1;
  const raw = Float64Array.from({ length: count }, (_, index) => index / count);
  const targets = raw.slice();
  targets[5] = targets[4]! + 0.01;
  const fit = fitIsotonic(raw, targets, toRisingOrder(raw));
  assert.deepEqual(fit.x, [...raw]);
  const pooled = Number((targets[4]! + 0.005).toFixed(4));
  const expected = [...targets].map((target) => Number(target.toFixed(4)));
  assert.deepEqual(fit.y, expected.toSpliced(4, 2, pooled, pooled));
});
