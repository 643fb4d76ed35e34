/**
 * How far the statistics of `deno task calibrate` keep what they promise, against truths that are known:
 * models that overstate or understate themselves, are right already, or rise in steps; labels from 20 to
 * 5,000; drifts. Seeded: the same figures on every machine.
 */
import { LEAST_ISOTONIC_LABELS } from "../../dev/calibration/maps/isotonic.ts";
import { simulateDrift } from "../../dev/calibration/synthetic/simulate-drift.ts";
import { simulateFits, toShareWithin } from "../../dev/calibration/synthetic/simulate-fit.ts";
import { simulatePromises } from "../../dev/calibration/synthetic/simulate-promise.ts";
import { simulateSets } from "../../dev/calibration/synthetic/simulate-sets.ts";
import {
  createBinormalTruth,
  createDriftedTruth,
  createLogisticTruth,
  createTruth,
  type Truth,
} from "../../dev/calibration/synthetic/truth.ts";
import { printTable, quantile, toText } from "../table.ts";

const USUAL = createBinormalTruth({ rightShare: 0.85, auroc: 0.85 });
const WATCHED = createLogisticTruth({ mean: 2.9, spread: 2, slope: 0.8, intercept: 0.2 });

/** Of 999: with more draws somewhat more maps are installed. */
const TEST_DRAWS = 99;

const DRIFT_SETS = 100;

interface NamedTruth {
  name: string;
  truth: Truth;
  isLogistic: boolean;
}

const TRUTHS: NamedTruth[] = [
  { name: "true already", ...toLogistic({ slope: 1, intercept: 0 }) },
  { name: "true already, 96 % right", ...toLogistic({ mean: 4, slope: 1, intercept: 0 }) },
  { name: "overstates, flat", ...toLogistic({ slope: 0.6, intercept: -0.3 }) },
  { name: "overstates, shifted", ...toLogistic({ slope: 1, intercept: -1 }) },
  { name: "overstates a little", ...toLogistic({ slope: 0.8, intercept: -0.2 }) },
  { name: "understates", ...toLogistic({ mean: 1, slope: 1.4, intercept: 0.5 }) },
  { name: "understates, 95 % right", ...toLogistic({ mean: 3, slope: 0.8, intercept: 1 }) },
  { name: "says little", ...toLogistic({ slope: 0.1, intercept: 1 }) },
  {
    name: "in three steps",
    truth: createTruth((raw) => raw < 0.7 ? 0.35 : raw < 0.93 ? 0.7 : 0.95),
    isLogistic: false,
  },
  {
    name: "never above 0.9",
    truth: createTruth((raw) => Math.min(0.9, 0.2 + 0.75 * raw)),
    isLogistic: false,
  },
  { name: "convex", truth: createTruth((raw) => 0.05 + 0.9 * raw ** 4), isLogistic: false },
  {
    name: "six figures only",
    truth: {
      drawRaw: (random) => [0.7, 0.8, 0.85, 0.9, 0.95, 0.99][Math.floor(random() * 6)]!,
      toTrueShare: (raw) => raw < 0.82 ? 0.5 : raw < 0.92 ? 0.65 : 0.9,
    },
    isLogistic: false,
  },
];

/** Prints the tables. */
export function benchCalibration(): Promise<void> {
  printFits();
  printPromises();
  printSets();
  printDrifts();
  return Promise.resolve();
}

function printFits(): void {
  console.log("\n### Maps: mean |calibrated − true share|\n");
  const rows = TRUTHS.flatMap(({ name, truth, isLogistic }) =>
    [[20, 10], [100, 100], [200, 100], [500, 100], [1_000, 50], [5_000, 10]]
      .map(([labels, sets]) => {
        const fits = simulateFits(truth, { labels: labels!, sets: sets!, testDraws: TEST_DRAWS });
        const most = isLogistic
          ? (labels! >= 500 ? 0.05 : labels! >= 200 ? 0.07 : null)
          : labels! >= LEAST_ISOTONIC_LABELS
          ? 0.05
          : null;
        return [
          name,
          `${labels}`,
          toText(fits.rawError, 3),
          toPercent(fits.installed),
          toPercent(fits.isotonic),
          toText(quantile(fits.errors, 0.5), 3),
          toText(quantile(fits.errors, 0.9), 3),
          most === null ? "" : `${toPercent(toShareWithin(fits.errors, most))} ≤ ${most}`,
        ];
      })
  );
  printTable(
    ["truth", "labels", "raw", "installed", "isotonic", "shown, median", "shown, p90", "within"],
    rows,
  );
}

function printPromises(): void {
  console.log("\n### Promises: 2,000 sets of labels each\n");
  const cases = [
    { name: "85 % right, AUROC 0.85", truth: USUAL, labels: 300 },
    { name: "85 % right, AUROC 0.85", truth: USUAL, labels: 1_000 },
    { name: "four of a source, much alike", truth: USUAL, labels: 1_000, perSource: 4 },
    {
      name: "overstates, flat",
      truth: createLogisticTruth({ slope: 0.6, intercept: -0.3 }),
      labels: 1_000,
    },
  ];
  const rows = cases.flatMap(({ name, truth, labels, perSource = 1 }) => {
    const options = { labels, sets: 2_000, perSource, likeness: perSource > 1 ? 0.9 : 0 };
    return Object.entries(simulatePromises(truth, options)).map((
      [precision, { decided, kept, reach }],
    ) => [
      name,
      `${labels}`,
      precision,
      toPercent(kept),
      toPercent(decided),
      decided === 0 ? "" : toPercent(reach),
    ]);
  });
  printTable(["truth", "labels", "promise", "kept", "decided", "of what is possible"], rows);
}

function printSets(): void {
  console.log("\n### Sets of families: 300 sets of labels each, α = 0.05\n");
  const cases = [
    { name: "probabilities are true", belief: 1, labels: 100 },
    { name: "probabilities are true", belief: 1, labels: 1_000 },
    { name: "overstates", belief: 0.7, labels: 1_000 },
    { name: "alternatives hold 95.5 %", belief: 1, labels: 300, holding: 0.955 },
  ];
  printTable(
    ["truth", "labels", "promised", "coverage", "families"],
    cases.map(({ name, ...options }) => {
      const { promised, coverage, meanSize } = simulateSets({ ...options, sets: 300 });
      return [
        name,
        `${options.labels}`,
        toPercent(promised),
        toPercent(coverage),
        toText(meanSize, 2),
      ];
    }),
  );
}

function printDrifts(): void {
  console.log("\n### Drifts: maps contradicted\n");
  const drifted = createDriftedTruth(WATCHED, 0.1);
  const year = { quietWeeks: 52 };
  const now = { drifted, driftedWeeks: 12, perWeek: 25 };
  const later = { ...now, quietWeeks: 26 };
  const cases = [
    { name: "a year without drift, 25 labels a week", ...year, perWeek: 25 },
    { name: "a year without drift, 100 labels a week", ...year, perWeek: 100 },
    { name: "10 points fewer right, within 300 labels", ...now },
    { name: "the same after half a year without", ...later },
  ];
  const rows = cases.flatMap(({ name, ...options }) =>
    [500, 1_000].map((labels) => {
      const contradicted = simulateDrift(WATCHED, { ...options, labels, sets: DRIFT_SETS });
      return [name, `${labels}`, toPercent(contradicted)];
    })
  );
  printTable(["what comes", "labels of the fit", "contradicted"], rows);
}

function toLogistic(options: Parameters<typeof createLogisticTruth>[0]) {
  return { truth: createLogisticTruth(options), isLogistic: true };
}

function toPercent(share: number): string {
  return `${toText(100 * share)} %`;
}
