/**
 * Thresholds with a promise: of the answers whose raw figure is at least the threshold, at least this
 * share is right, with 95 % confidence over the labels.
 *
 * Learn-then-Test with a fixed sequence: the hypotheses "the precision from this threshold on is below
 * the target" are tested from the highest threshold down by exact binomial p-values, until the first
 * that can't be rejected. Angelopoulos, Bates, Candès, Jordan & Lei, "Learn then Test: calibrating
 * predictive algorithms to achieve risk control", Annals of Applied Statistics 19 (2025), §2 and
 * Algorithm 1, with several starts, which share the level.
 */
import { toBinomialLowerTail } from "../statistics/distributions.ts";

/** The shares of right answers that can be promised. */
export const TARGETS = [0.8, 0.9, 0.95, 0.99] as const;

export const STARTS = { list: [0.1, 0.2, 0.4], step: 0.05 };

/** The promise fails for at most this share of all sets of labels. */
const LEVEL = 0.05;

export function findThreshold(
  raw: Float64Array,
  right: Float64Array,
  order: Int32Array,
  target: number,
): number | null {
  const n = raw.length;
  // descending
  const cumWrong = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) cumWrong[i + 1] = cumWrong[i]! + (1 - right[order[n - 1 - i]!]!);
  let best: number | null = null;
  let bestKept = 0;
  const level = LEVEL / STARTS.list.length;
  for (const start of STARTS.list) {
    for (let share = start; share <= 1.0001; share += STARTS.step) {
      let kept = Math.min(n, Math.round(share * n));
      if (kept < 1) continue;
      const t = raw[order[n - kept]!]!;
      while (kept < n && raw[order[n - kept - 1]!] === t) kept++;
      const wrong = cumWrong[kept]!;
      const p = toBinomialLowerTail(wrong, kept, 1 - target);
      if (p > level) break;
      if (kept > bestKept) {
        bestKept = kept;
        best = t;
      }
    }
  }
  return best;
}
