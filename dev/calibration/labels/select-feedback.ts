/**
 * Which accepted feedback takes part in a fit. The database gives one label an answer, and none of
 * anonymous users; here no user gets more than a twentieth, and what is wrong more or less often than
 * the evaluations' answers is of other pictures, or of no good will, and left out.
 */
import { toNormalLowerTail } from "../../evaluation/statistics/distributions.ts";
import type { DatedLabel } from "./evaluation-labels.ts";
import type { Label } from "./label.ts";

/** Feedback that an operator has accepted; its source is its giver. */
export type FeedbackLabel = DatedLabel;

/** What of the feedback is used, and why the rest is not. */
export interface FeedbackSelection {
  used: FeedbackLabel[];
  /** Beyond a twentieth of the fit by one user. */
  beyondShare: number;
  /** All of it: there is nothing to compare it with, or it differs. */
  leftOut: "no_evaluations" | "other_share_of_wrong" | null;
}

/** The most of a fit that is from one user. */
const MOST_OF_ONE_USER = 0.05;

/** Of the test whether the shares of wrong answers differ. */
const LEVEL = 0.05;

/** @param feedback the oldest first; the newest of a user count */
export function selectFeedback(
  feedback: readonly FeedbackLabel[],
  evaluations: readonly Label[],
): FeedbackSelection {
  const used = boundUsers(feedback, evaluations.length);
  const beyondShare = feedback.length - used.length;
  const leaveOut = (leftOut: FeedbackSelection["leftOut"]) => ({ used: [], beyondShare, leftOut });
  if (used.length === 0) return { used, beyondShare, leftOut: null };
  if (evaluations.length === 0) return leaveOut("no_evaluations");
  if (toDifferencePValue(used, evaluations) < LEVEL) return leaveOut("other_share_of_wrong");
  return { used, beyondShare, leftOut: null };
}

/** What is left of one user lowers what the others may have, so it is done until nothing changes. */
function boundUsers(feedback: readonly FeedbackLabel[], others: number): FeedbackLabel[] {
  let used = [...feedback];
  while (true) {
    const most = Math.floor(MOST_OF_ONE_USER * (others + used.length));
    const counts = new Map<string, number>();
    const bounded = used.toReversed().filter(({ source }) => {
      const count = (counts.get(source) ?? 0) + 1;
      counts.set(source, count);
      return count <= most;
    }).reverse();
    if (bounded.length === used.length) return used;
    used = bounded;
  }
}

/**
 * Two-sided, that two shares are equal: the score test of two proportions, each with its variance over
 * clusters, or that of independent labels where that is larger. Rao & Scott, "A simple method for the
 * analysis of clustered binary data", Biometrics 48 (1992).
 */
function toDifferencePValue(left: readonly Label[], right: readonly Label[]): number {
  const pooled = toShare([...left, ...right]);
  const variance = toVariance(left, pooled) + toVariance(right, pooled);
  if (variance === 0) return 1;
  const distance = Math.abs(toShare(left) - toShare(right));
  return 2 * (1 - toNormalLowerTail(distance / Math.sqrt(variance)));
}

function toShare(labels: readonly Label[]): number {
  return labels.filter(({ isRight }) => isRight).length / labels.length;
}

function toVariance(labels: readonly Label[], share: number): number {
  const sums = new Map<string, number>();
  for (const { source, isRight } of labels) {
    sums.set(source, (sums.get(source) ?? 0) + Number(isRight) - share);
  }
  const squares = sums.values().reduce((sum, each) => sum + each ** 2, 0);
  return Math.max(squares / labels.length ** 2, share * (1 - share) / labels.length);
}
