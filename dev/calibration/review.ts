import { type CalibratedProject, CalibrationError, type WaitingFeedback } from "./project.ts";

/** What an operator says of one piece of feedback; `later` leaves it waiting. */
export type ReviewDecision =
  | { kind: "accept"; isFamilyRight: boolean | null }
  | { kind: "reject" }
  | { kind: "later" };

/** How many were what. */
export interface ReviewResult {
  accepted: number;
  rejected: number;
  waiting: number;
}

/**
 * Takes a decision on each piece of feedback that waits, and has it stored.
 *
 * @throws {CalibrationError} when the project can't be asked
 */
export async function reviewFeedback(
  project: CalibratedProject,
  decide: (feedback: WaitingFeedback) => ReviewDecision,
): Promise<ReviewResult> {
  const result: ReviewResult = { accepted: 0, rejected: 0, waiting: 0 };
  for (const feedback of await project.readWaiting()) {
    const decision = decide(feedback);
    const isStored = decision.kind !== "later" &&
      await project.review(feedback.request_id, {
        isAccepted: decision.kind === "accept",
        isFamilyRight: decision.kind === "accept" ? decision.isFamilyRight : null,
      });
    if (!isStored) result.waiting++;
    else if (decision.kind === "accept") result.accepted++;
    else result.rejected++;
  }
  return result;
}

/**
 * Decisions of a command line: request ids separated by commas, or `all`; an id may say whether the
 * family is right: `<id>=right`, `<id>=wrong`. What feedback does not tell by itself, `all` leaves.
 *
 * @throws {CalibrationError} for a text that is none
 */
export function parseDecisions(
  { accept, reject }: { accept?: string; reject?: string },
): (feedback: WaitingFeedback) => ReviewDecision {
  const accepted = parseIds(accept);
  const rejected = parseIds(reject);
  return (feedback) => {
    const isFamilyRight = accepted.get(feedback.request_id) ?? feedback.is_family_right;
    if (rejected.has(feedback.request_id)) return { kind: "reject" };
    if (accepted.has(feedback.request_id)) return { kind: "accept", isFamilyRight };
    if (rejected.has("all")) return { kind: "reject" };
    if (accepted.has("all") && isFamilyRight !== null) return { kind: "accept", isFamilyRight };
    return { kind: "later" };
  };
}

function parseIds(text = ""): Map<string, boolean | null> {
  const parts = text.split(",").map((part) => part.trim()).filter(Boolean);
  return new Map(parts.map((part) => {
    const [, id, family] = /^(all|[0-9a-f-]{36})(?:=(right|wrong))?$/.exec(part) ?? [];
    if (id === undefined) {
      throw new CalibrationError(`"${part}" is not a request's id, <id>=right, <id>=wrong or all`);
    }
    return [id, family === undefined ? null : family === "right"];
  }));
}
