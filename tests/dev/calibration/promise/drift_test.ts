import assert from "node:assert/strict";
import { measureDrift } from "../../../../dev/calibration/promise/drift.ts";
import { simulateDrift } from "../../../../dev/calibration/synthetic/simulate-drift.ts";
import {
  createDriftedTruth,
  createLogisticTruth,
} from "../../../../dev/calibration/synthetic/truth.ts";

const TRUTH = createLogisticTruth({ mean: 2.9, spread: 2, slope: 0.8, intercept: 0.2 });
const MAP = { fit: { kind: "platt", a: 1, b: 0 }, n: 500, thresholds: null } as const;

Deno.test("drift: without one a map is contradicted in 5 % of years of weekly checks at most", () => {
  const contradicted = simulateDrift(TRUTH, {
    labels: 500,
    sets: 60,
    perWeek: 25,
    quietWeeks: 52,
  });
  assert.ok(contradicted <= 0.05, String(contradicted));
});

Deno.test("drift: ten points fewer right are found within 300 labels in 90 % of draws", () => {
  const drifted = createDriftedTruth(TRUTH, 0.1);
  const contradicted = simulateDrift(TRUTH, {
    labels: 1_000,
    sets: 60,
    perWeek: 25,
    drifted,
    driftedWeeks: 12,
  });
  assert.ok(contradicted >= 0.9, String(contradicted));
});

Deno.test("drift: the same wrong answers every week are evidence once", () => {
  const sources = 42;
  const toLabels = (weeks: number) => {
    const places = Array.from({ length: weeks * sources }, (_, place) => place);
    return {
      raw: Float64Array.from(places, () => 0.9),
      right: Float64Array.from(places, (place) => Number(place % 7 !== 3)),
      source: Int32Array.from(places, (place) => place % sources),
      week: Int32Array.from(places, (place) => Math.floor(place / sources)),
    };
  };
  const once = measureDrift(MAP, toLabels(1));
  assert.equal(once.isContradicted, false);
  const weekly = measureDrift(MAP, toLabels(52));
  assert.equal(weekly.isContradicted, false);
  assert.equal(weekly.n, sources);
});

Deno.test("drift: without newer labels there is no evidence", () => {
  const none = { raw: new Float64Array(), right: new Float64Array(), source: new Int32Array() };
  const { evidence, isContradicted, n } = measureDrift(MAP, { ...none, week: new Int32Array() });
  assert.deepEqual({ evidence, isContradicted, n }, { evidence: 0, isContradicted: false, n: 0 });
});
