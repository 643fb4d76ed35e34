/** Fits, watches and stores the maps of a project: what `deno task calibrate` does. */
import { createHash } from "node:crypto";
import type {
  CalibrationMap,
  MapKey,
} from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { readCalibrationMap } from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import type { AnswerLine } from "../evaluation/answers/answer-line.ts";
import { createRandom } from "../random.ts";
import { fitMap, type FittedMap } from "./fit-map.ts";
import {
  type DatedLabel,
  type EvaluationLabel,
  toEvaluationLabels,
  toGroupName,
} from "./labels/evaluation-labels.ts";
import { countSources, toColumns } from "./labels/label.ts";
import {
  type FeedbackLabel,
  type FeedbackSelection,
  selectFeedback,
} from "./labels/select-feedback.ts";
import type { CalibratedProject, StoredMap } from "./project.ts";
import { type Drift, measureDrift } from "./promise/drift.ts";

/** What became of one model, version and method. */
export interface GroupReport extends MapKey {
  /** Labels of evaluations, and the sources that they are of. */
  evaluations: number;
  sources: number;
  feedback: { used: number; beyond_share: number; left_out: FeedbackSelection["leftOut"] };
  /** What newer labels say of the map that is stored; null without one. */
  drift: Drift | null;
  /**
   * `stored`: a new map is in force. `kept`: the old one is, too few labels are new. `withdrawn`: newer
   * labels contradict the old one, and bear no new one yet. `none`: there is none.
   */
  action: "stored" | "kept" | "withdrawn" | "none";
  /** Of the new fit; null where nothing was fitted. */
  fit: FittedMap["choice"];
  /** In force now: the new map, or the kept one. */
  map: CalibrationMap | null;
}

/** What is calibrated, by what. */
export interface CalibrateOptions {
  project: CalibratedProject;
  lines: readonly AnswerLine[];
  now: Date;
  /** Nothing is stored or withdrawn. */
  isDry?: boolean;
  /** Fit anew even where few labels are. */
  isRefit?: boolean;
  /** Of the test of one fit; default 999. */
  testDraws?: number;
}

/** A map is fitted anew once there are so many times its labels: until then newer labels watch it. */
const REFIT_GROWTH = 1.5;

const MS_PER_WEEK = 7 * 24 * 3_600_000;

/** @throws {CalibrationError} where the project can't be asked */
export async function calibrate(options: CalibrateOptions): Promise<GroupReport[]> {
  const { project, lines } = options;
  const evaluations = toEvaluationLabels(lines);
  const stored = await project.readMaps();
  const feedback = await readFeedback(project, [
    ...evaluations.map(({ key }) => key),
    ...stored.map(({ map }) => map),
  ]);
  const keys = new Map(
    [...evaluations, ...feedback].map(({ key }) => [toGroupName(key), key]),
  );
  const reports: GroupReport[] = [];
  for (const [name, key] of [...keys].sort(([a], [b]) => a < b ? -1 : 1)) {
    const isOfGroup = (label: DatedLabel) => toGroupName(label.key) === name;
    reports.push(
      await calibrateGroup(key, {
        ...options,
        evaluations: evaluations.filter(isOfGroup),
        feedback: feedback.filter(isOfGroup),
        stored: stored.find(({ map }) => toGroupName(map) === name) ?? null,
      }),
    );
  }
  return reports;
}

async function readFeedback(project: CalibratedProject, keys: MapKey[]): Promise<FeedbackLabel[]> {
  const versions = new Map(keys.map(({ prompt_version, schema_version }) => [
    `${prompt_version} ${schema_version}`,
    { prompt_version, schema_version },
  ]));
  const feedback = await Promise.all([...versions.values()].map(project.readFeedback));
  return feedback.flat();
}

async function calibrateGroup(
  key: MapKey,
  { project, evaluations, feedback, stored, now, isDry = false, isRefit = false, testDraws }:
    & CalibrateOptions
    & { evaluations: EvaluationLabel[]; feedback: FeedbackLabel[]; stored: StoredMap | null },
): Promise<GroupReport> {
  const map = stored && readCalibrationMap(stored.map);
  const fittedAtMs = map === null ? 0 : Date.parse(map.fitted_at);
  const isNewer = ({ answeredAtMs }: DatedLabel) => answeredAtMs > fittedAtMs;
  const drift = map && watchMap(map, [
    ...evaluations.filter((label) => isNewer(label) && !label.isCached),
    ...feedback.filter(isNewer),
  ]);
  const isInForce = map !== null && stored?.withdrawn_at === null;
  const isContradicted = isInForce && drift!.isContradicted;
  if (isContradicted && !isDry) await project.withdrawMap(key, describeContradiction(drift!));

  // What contradicts a map is not mixed with what it was fitted on.
  const labelsFrom = isInForce && !isContradicted ? map.labels_from : map?.fitted_at;
  const isUsable = ({ answeredAtMs }: DatedLabel) =>
    labelsFrom === undefined || answeredAtMs > Date.parse(labelsFrom);
  const usable = evaluations.filter(isUsable);
  const selection = selectFeedback(feedback.filter(isUsable), usable);
  const report = {
    ...key,
    evaluations: usable.length,
    sources: countSources(toColumns(usable).source),
    feedback: {
      used: selection.used.length,
      beyond_share: selection.beyondShare,
      left_out: selection.leftOut,
    },
    drift,
  };
  const count = usable.length + selection.used.length;
  if (isInForce && !isContradicted && !isRefit && count < REFIT_GROWTH * map.n) {
    return { ...report, action: "kept", fit: null, map };
  }
  const fitted = fitMap(key, {
    evaluations: usable,
    feedback: selection.used,
    random: createRandom(toSeed(key)),
    now,
    labelsFrom,
    ...(testDraws && { testDraws }),
  });
  if (fitted.map !== null && !isDry) await project.storeMap(fitted.map);
  // A new fit that bears no map says nothing against the old one.
  const isKept = fitted.map === null && isInForce && !isContradicted;
  return {
    ...report,
    action: fitted.map ? "stored" : isKept ? "kept" : isContradicted ? "withdrawn" : "none",
    fit: fitted.choice,
    map: fitted.map ?? (isKept ? map : null),
  };
}

function watchMap(map: CalibrationMap, newer: DatedLabel[]): Drift {
  const labels = newer.toSorted((a, b) => a.answeredAtMs - b.answeredAtMs);
  const fittedAtMs = Date.parse(map.fitted_at);
  const week = Int32Array.from(
    labels,
    ({ answeredAtMs }) => Math.floor((answeredAtMs - fittedAtMs) / MS_PER_WEEK),
  );
  return measureDrift(map, { ...toColumns(labels), week });
}

/** The reason that the operator reads, in the doctor as well. */
export function describeContradiction({ n, expected, observed, evidence }: Drift): string {
  const [wanted, got] = [expected, observed].map((share) => `${(100 * share).toFixed(1)} %`);
  return `${n} newer labels contradict it: ${got} of their answers are right, it gives them ${wanted} ` +
    `(evidence ${evidence.toFixed(0)}, of which a true map has 20 in one of twenty years)`;
}

/** The same lots for the same group. */
function toSeed(key: MapKey): number {
  return createHash("sha256").update(toGroupName(key)).digest().readInt32LE();
}
