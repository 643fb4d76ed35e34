import type { FamilyProbabilities } from "../../../supabase/functions/_shared/client/contract.ts";
import type { Material } from "../../../supabase/functions/_shared/client/material.ts";
import type { CalibrationMap } from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import {
  toCandidates,
  toConformalScore,
} from "../../../supabase/functions/semantic-analysis/calibration/candidates.ts";

/** What a model's tokens told of a picture, and the family that it is of. */
export interface ToldPicture {
  told: FamilyProbabilities;
  family: Material["family"];
}

/** Sets hold the right family of at least 1 − this share of pictures. */
const ALPHA = 0.05;

/** Fewer would do for a set; its coverage would swing too far about what it promises. */
const LEAST_LABELS = 100;

/**
 * What a family's nonconformity may be to be in the set: the ⌈(n + 1)(1 − α)⌉-th least of the right
 * families'. Sets hold the right family of 1 − α of pictures, in the mean over all sets of labels.
 *
 * Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005), §4; Lei, G'Sell, Rinaldo,
 * Tibshirani & Wasserman, "Distribution-free predictive inference for regression", JASA 113 (2018), §2.
 *
 * A set that is too large is not shown, and would have held the family. So that those that are shown
 * keep the promise by themselves, the rank rises until as large a share of them holds the family.
 *
 * @param pictures one of each source.
 * @returns null where there are too few, or no rank does.
 */
export function fitConformalSet(pictures: readonly ToldPicture[]): CalibrationMap["conformal"] {
  const n = pictures.length;
  if (n < LEAST_LABELS) return null;
  const scores = pictures.map(({ told, family }) => toConformalScore(told, family))
    .sort((a, b) => a - b);
  for (let rank = toRank(n); rank <= n; rank++) {
    const quantile = scores[rank - 1]!;
    const shown = pictures.flatMap(({ told, family }) => {
      const candidates = toCandidates(told, { quantile });
      return candidates === null ? [] : [candidates.some((each) => each.family === family)];
    });
    const holding = shown.filter(Boolean).length;
    if (shown.length > 0 && holding >= Math.min(shown.length, toRank(shown.length))) {
      return { alpha: ALPHA, quantile, n };
    }
  }
  return null;
}

function toRank(count: number): number {
  return Math.ceil((count + 1) * (1 - ALPHA));
}
