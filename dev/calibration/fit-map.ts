import type {
  CalibrationMap,
  MapKey,
} from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { measureEce } from "../evaluation/statistics/reliability.ts";
import type { EvaluationLabel } from "./labels/evaluation-labels.ts";
import { type Label, toColumns } from "./labels/label.ts";
import type { FeedbackLabel } from "./labels/select-feedback.ts";
import { drawOneOfEachSource } from "./labels/sources.ts";
import { chooseFit, type FitChoice } from "./maps/choose-fit.ts";
import { fitConformalSet } from "./promise/conformal-set.ts";
import { findThresholds } from "./promise/thresholds.ts";

/** What the labels of a group come to. */
export interface FittedMap {
  /** null under 100 labels, and where the labels bear neither a fit nor a promise. */
  map: CalibrationMap | null;
  choice: Pick<FitChoice, "kind" | "gain" | "pValue"> | null;
}

/** The map of a group; what it promises rests on its evaluations alone. */
export function fitMap(
  key: MapKey,
  { evaluations, feedback, random, now, labelsFrom, testDraws }: {
    evaluations: readonly EvaluationLabel[];
    feedback: readonly FeedbackLabel[];
    random: () => number;
    now: Date;
    /** Since when the labels are of the model as it is now; undefined: all are. */
    labelsFrom?: string | undefined;
    testDraws?: number;
  },
): FittedMap {
  const labels: Label[] = [...evaluations, ...feedback];
  const columns = toColumns(labels);
  const chosen = chooseFit(columns, { random, ...(testDraws && { draws: testDraws }) });
  if (chosen === null) return { map: null, choice: null };
  const { fit, kind, gain, pValue, heldOut } = chosen;
  const thresholds = findThresholds(toColumns(evaluations), random);
  const conformal = fitConformalSet(toPictures(evaluations, random));
  const isPromised = conformal !== null ||
    Object.values(thresholds?.raw ?? {}).some((threshold) => threshold !== null);
  const before = measureEce(columns.raw, columns.right, columns.source);
  const after = fit ? measureEce(heldOut, columns.right, columns.source) : before;
  const map: CalibrationMap = {
    ...key,
    fit: fit?.kind === "platt" ? { ...fit, a: round(fit.a), b: round(fit.b) } : fit,
    n: labels.length,
    ece: { before: round(before), after: round(after) },
    fitted_at: now.toISOString(),
    thresholds,
    conformal: conformal && { ...conformal, quantile: round(conformal.quantile) },
    ...(labelsFrom !== undefined && { labels_from: labelsFrom }),
  };
  return { map: fit || isPromised ? map : null, choice: { kind, gain, pValue } };
}

function toPictures(evaluations: readonly EvaluationLabel[], random: () => number) {
  const told = evaluations.filter(({ picture }) => picture !== null);
  const drawn = drawOneOfEachSource(toColumns(told).source, random);
  return Array.from(drawn, (place) => told[place]!.picture!);
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
