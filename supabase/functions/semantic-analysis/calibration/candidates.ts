/**
 * The families that an answer may be of: a split-conformal set with the score 1 − probability of the right
 * family, which gives the smallest sets in the mean. Sadinle, Lei & Wasserman, "Least Ambiguous Set-Valued
 * Classifiers with Bounded Error Levels", JASA 114 (2019).
 */

import type { Candidate, FamilyProbabilities } from "../../_shared/client/contract.ts";
import { type Material, MATERIAL_VOCABULARY } from "../../_shared/client/material.ts";
import { type CalibrationMap, roundProbability } from "./calibration-map.ts";

type Family = Material["family"];

/** The families that a material can be of. */
export const FAMILIES: readonly Family[] = MATERIAL_VOCABULARY.family.filter((family) =>
  family !== "unknown"
);

/**
 * The probability of every family, the likeliest first: as the tokens told it, and what they left over
 * shared equally by the families that were not told.
 */
export function toProbabilities(told: FamilyProbabilities): Candidate[] {
  const sum = Object.values(told).reduce((total, each) => total + each, 0);
  const untold = FAMILIES.filter((family) => told[family] === undefined);
  const share = Math.max(0, 1 - sum) / Math.max(1, untold.length);
  return FAMILIES
    .map((family) => ({ family, probability: roundProbability(told[family] ?? share) }))
    .sort((left, right) => right.probability - left.probability);
}

/** The nonconformity of a family: what `conformal.quantile` is a quantile of, over right families. */
export function toConformalScore(told: FamilyProbabilities, family: Family): number {
  return 1 - toProbabilities(told).find((each) => each.family === family)!.probability;
}

/** @returns the set, its likeliest first and never empty; null where it has more than half the families. */
export function toCandidates(
  told: FamilyProbabilities,
  { quantile }: Pick<NonNullable<CalibrationMap["conformal"]>, "quantile">,
): Candidate[] | null {
  const all = toProbabilities(told);
  const set = all.filter(({ probability }) => 1 - probability <= quantile);
  if (set.length > FAMILIES.length / 2) return null;
  return set.length === 0 ? all.slice(0, 1) : set;
}
