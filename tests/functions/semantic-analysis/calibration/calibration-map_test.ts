import assert from "node:assert/strict";
import {
  applyMap,
  type Fit,
  readCalibrationMap,
} from "../../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { CALIBRATION_MAP as MAP } from "../../../support/calibration.ts";
import fc from "../../../support/fast-check.ts";

const isotonic: Fit = { kind: "isotonic", x: [0.2, 0.6, 0.8], y: [0.1, 0.5, 0.9] };

Deno.test("a map that was serialised is read as it was", () => {
  assert.deepEqual(readCalibrationMap(JSON.parse(JSON.stringify(MAP))), MAP);
  const other = { ...MAP, fit: isotonic, thresholds: null, conformal: null };
  assert.deepEqual(readCalibrationMap(JSON.parse(JSON.stringify(other))), other);
});

Deno.test("a map that can't be applied is none", () => {
  const broken: unknown[] = [
    null,
    "map",
    { ...MAP, extra: 1 },
    { ...MAP, method: "none" },
    { ...MAP, prompt_version: "1" },
    { ...MAP, n: 0 },
    { ...MAP, ece: { before: 0.1 } },
    { ...MAP, fitted_at: "yesterday" },
    { ...MAP, fit: { kind: "platt", a: -1, b: 0 } },
    { ...MAP, fit: { kind: "platt", a: Infinity, b: 0 } },
    { ...MAP, fit: { kind: "isotonic", x: [], y: [] } },
    { ...MAP, fit: { kind: "isotonic", x: [0.1, 0.2], y: [0.1] } },
    { ...MAP, fit: { kind: "isotonic", x: [0.2, 0.2], y: [0.1, 0.2] } },
    { ...MAP, fit: { kind: "isotonic", x: [0.1, 0.2], y: [0.3, 0.2] } },
    { ...MAP, thresholds: { n: 300, raw: { "0.8": 0.41 } } },
    { ...MAP, conformal: { alpha: 0.05, quantile: 1.2, n: 300 } },
  ];
  for (const value of broken) assert.equal(readCalibrationMap(value), null, JSON.stringify(value));
});

Deno.test("Platt's map with a = 1 and b = 0 leaves a figure as it is", () => {
  for (const raw of [0.0001, 0.1, 0.5, 0.87, 0.9999]) {
    assert.ok(Math.abs(applyMap({ fit: { kind: "platt", a: 1, b: 0 } }, raw) - raw) < 1e-12);
  }
});

Deno.test("an isotonic map is straight between its knots and level outside", () => {
  const at = (raw: number) => Number(applyMap({ fit: isotonic }, raw).toFixed(9));
  assert.deepEqual([0, 0.2, 0.4, 0.6, 0.7, 0.8, 1].map(at), [0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9]);
});

Deno.test("every map rises with the raw figure, or stays, and gives probabilities", () => {
  const figure = fc.double({ min: 0, max: 1, noNaN: true });
  const sorted = fc.uniqueArray(figure, { minLength: 1, maxLength: 24 }).map((values) =>
    values.sort((a, b) => a - b)
  );
  const fits: fc.Arbitrary<Fit> = fc.oneof(
    fc.record({
      kind: fc.constant("platt" as const),
      a: fc.double({ min: 0, max: 50, noNaN: true }),
      b: fc.double({ min: -50, max: 50, noNaN: true }),
    }),
    fc.tuple(sorted, sorted).map(([x, y]) => {
      const length = Math.min(x.length, y.length);
      return { kind: "isotonic" as const, x: x.slice(0, length), y: y.slice(0, length) };
    }),
  );
  fc.assert(fc.property(fits, figure, figure, (fit, one, other) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other)]
      .map((raw) => applyMap({ fit }, raw)) as [number, number];
    assert.ok(low >= 0 && high <= 1 && low <= high + 1e-12, `${low} ${high}`);
  }));
});
