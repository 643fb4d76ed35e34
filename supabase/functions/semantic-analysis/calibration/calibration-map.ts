/**
 * A calibration map: what turns the raw figure of one model, version and method into the share of
 * answers with such a figure that are right. Fitted by `deno task calibrate`, stored in Postgres,
 * applied when an analysis is shown.
 */

import * as z from "zod/mini";
import { lazily } from "../../_shared/platform/lazily.ts";

/** Methods that give a figure. */
export const FITTED_METHODS = ["token_logprob", "fused", "verbalized"] as const;

/** A method of which there can be a map: any with a raw figure. */
export type FittedMethod = (typeof FITTED_METHODS)[number];

/** The shares of right answers that can be promised, rising. */
export const PRECISIONS = [0.8, 0.9, 0.95, 0.99] as const;

/** More would not fit the 4 kB that a reservation brings for a whole chain. */
export const MAX_KNOTS = 24;

/** Raw figures have four decimals, and 0 and 1 have no logit. */
const MIN_RAW = 1e-4;

/** What makes a probability of a raw figure; rises with it, or stays. */
export type Fit =
  /** `1 / (1 + exp(−(a · logit(raw) + b)))`, raw within [0.0001, 0.9999]; a = 1, b = 0 changes nothing. */
  | { kind: "platt"; a: number; b: number }
  /** Straight lines between the knots (x, y), x rising strictly, y never falling; level outside. */
  | { kind: "isotonic"; x: number[]; y: number[] };

/** Which answers a map is for. */
export interface MapKey {
  /** The model's id, as it was asked. */
  model: string;
  /** Of the words that ask; `analysis.prompt_version` of `GET …/limits`. */
  prompt_version: string;
  /** Of the form of the answer and the rule that makes its raw figure; `analysis.schema_version` there. */
  schema_version: string;
  method: FittedMethod;
}

/** As it is stored, and as the reservation brings it. */
export interface CalibrationMap extends MapKey {
  /** null: the labels do not say that the raw figure is wrong, so it stays, with what can be promised of it. */
  fit: Fit | null;
  /** Labels that it was fitted on. */
  n: number;
  /** Expected calibration error, cross-validated and debiased: of the raw figure, and of the map's. */
  ece: { before: number; after: number };
  /** ISO 8601, UTC. */
  fitted_at: string;
  /**
   * For each of `PRECISIONS`, the least raw figure from which on at least that share is right, with 95 %
   * confidence over `n` labels of evaluations; null where none keeps the promise. null when none was
   * looked for.
   */
  thresholds: { n: number; raw: Record<Precision, number | null> } | null;
  /**
   * Split-conformal set at 1 − `alpha`: all families whose probability is at least 1 − `quantile`, fitted
   * on `n` labels of evaluations. null when there were too few.
   */
  conformal: { alpha: number; quantile: number; n: number } | null;
  /** ISO 8601, UTC: older labels contradicted a map before this one, and are of another time. */
  labels_from?: string | undefined;
}

/** A key of `thresholds.raw`. */
export type Precision = `${(typeof PRECISIONS)[number]}`;

const probability = () => z.number().check(z.gte(0), z.lte(1));
const count = () => z.int().check(z.gte(1));
const name = () => z.string().check(z.minLength(1), z.maxLength(200));
const version = () => z.string().check(z.regex(/^[0-9a-f]{16}$/));
const time = () => z.string().check(z.regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/));
const raw = () => z.nullable(probability());

const fitSchema = lazily(() =>
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("platt"),
      a: z.number().check(z.gte(0)),
      b: z.number(),
    }),
    z.object({
      kind: z.literal("isotonic"),
      x: z.array(probability()).check(z.minLength(1), z.maxLength(MAX_KNOTS)),
      y: z.array(probability()).check(z.minLength(1), z.maxLength(MAX_KNOTS)),
    }),
  ])
);

const mapSchema = lazily(() =>
  z.strictObject({
    model: name(),
    prompt_version: version(),
    schema_version: version(),
    method: z.enum(FITTED_METHODS),
    fit: z.nullable(fitSchema()),
    n: count(),
    ece: z.object({ before: probability(), after: probability() }),
    fitted_at: time(),
    thresholds: z.nullable(z.object({
      n: count(),
      raw: z.object({ "0.8": raw(), "0.9": raw(), "0.95": raw(), "0.99": raw() }),
    })),
    conformal: z.nullable(z.object({ alpha: probability(), quantile: probability(), n: count() })),
    labels_from: z.optional(time()),
  })
);

/** @returns null where it is no map that can be applied: knots out of order, a field too many. */
export function readCalibrationMap(value: unknown): CalibrationMap | null {
  const { success, data } = mapSchema().safeParse(value);
  return success && isMonotone(data.fit) ? data : null;
}

/** @returns the calibrated probability of a raw figure, both in [0, 1]. */
export function applyMap({ fit }: { fit: Fit }, rawFigure: number): number {
  switch (fit.kind) {
    case "platt":
      return toProbability(fit.a * toLogit(rawFigure) + fit.b);
    case "isotonic":
      return interpolate(fit.x, fit.y, rawFigure);
  }
}

/** Within [0.0001, 0.9999]. */
export function toBounded(probability: number): number {
  return Math.min(1 - MIN_RAW, Math.max(MIN_RAW, probability));
}

/** ln(p / (1 − p)), p within [0.0001, 0.9999]. */
export function toLogit(probability: number): number {
  const bounded = toBounded(probability);
  return Math.log(bounded / (1 - bounded));
}

/** 1 / (1 + e^−x). */
export function toProbability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  const next = x.findIndex((knot) => knot >= at);
  if (next === -1) return y.at(-1)!;
  if (next === 0) return y[0]!;
  const [left, right] = [x[next - 1]!, x[next]!];
  const share = (at - left) / (right - left);
  return y[next - 1]! + share * (y[next]! - y[next - 1]!);
}

function isMonotone(fit: Fit | null): boolean {
  if (fit === null || fit.kind === "platt") return true;
  const { x, y } = fit;
  return x.length === y.length &&
    x.every((knot, at) => at === 0 || knot > x[at - 1]!) &&
    y.every((value, at) => at === 0 || value >= y[at - 1]!);
}

/** To the four decimals that probabilities are shown with. */
export function roundProbability(probability: number): number {
  return Math.round(probability * 10_000) / 10_000;
}
