/**
 * Which accepted feedback takes part in a fit. The database gives one label an answer, and none of
 * anonymous users; here no user gets more than a twentieth, and what is wrong more or less often than
 * the evaluations' answers is of other pictures, or of no good will, and left out.
 */
import { toNormalLowerTail } from "../statistics/distributions.ts";
import type { DatedLabel } from "./evaluation-labels.ts";
import { type Label, toColumns } from "./label.ts";

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
 * Two-sided, that two shares are equal, each with its variance over clusters: Liang & Zeger,
 * "Longitudinal data analysis using generalized linear models", Biometrika 73 (1986). Where a share is 0
 * or 1 its variance is that of one more label of each kind: Agresti & Coull, The American Statistician 52
 * (1998).
 */
function toDifferencePValue(left: readonly Label[], right: readonly Label[]): number {
  const [leftShare, rightShare] = [left, right].map(toShare);
  const distance = Math.abs(leftShare!.share - rightShare!.share);
  return 2 * (1 - toNormalLowerTail(
    distance / Math.sqrt(leftShare!.variance + rightShare!.variance),
  ));
}

function toShare(labels: readonly Label[]): { share: number; variance: number } {
  const { right, source } = toColumns(labels);
  const n = right.length;
  const share = right.reduce((sum, each) => sum + each, 0) / n;
  const residuals = new Map<number, number>();
  right.forEach((each, place) => {
    residuals.set(source[place]!, (residuals.get(source[place]!) ?? 0) + each - share);
  });
  const squares = residuals.values().reduce((sum, each) => sum + each ** 2, 0);
  const careful = (share * n + 1) / (n + 2);
  return { share, variance: Math.max(squares / n ** 2, careful * (1 - careful) / (n + 2)) };
}
