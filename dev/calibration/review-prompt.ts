import { describeCorrection } from "./describe.ts";
import type { WaitingFeedback } from "./project.ts";
import type { ReviewDecision } from "./review.ts";

/** A terminal. */
export interface ReviewTerminal {
  /** @returns null at the end of the input, and where the operator breaks off */
  ask: (question: string) => string | null;
  say: (lines: string[]) => void;
}

/** Asks an operator about each piece of feedback, until the answer is `q`; what follows waits. */
export function createReviewPrompt(
  count: number,
  { ask, say }: ReviewTerminal,
): (feedback: WaitingFeedback) => ReviewDecision {
  let isOver = false;
  let place = 0;
  return (feedback) => {
    if (isOver) return { kind: "later" };
    say(describeForReview(feedback, ++place, count));
    const isTold = feedback.is_family_right !== null;
    const accept = `Accept${isTold ? " (y)," : ""} as right (r), as wrong (w)`;
    const question = `${accept}; reject (n), later (enter), end (q):`;
    while (true) {
      const answer = ask(question)?.trim().toLowerCase() ?? "q";
      if (answer === "y" && isTold) return { kind: "accept", isFamilyRight: null };
      if (answer === "r" || answer === "w") {
        return { kind: "accept", isFamilyRight: answer === "r" };
      }
      if (answer === "n") return { kind: "reject" };
      if (answer === "" || answer === "q") {
        isOver = answer === "q";
        return { kind: "later" };
      }
      say([
        answer === "y"
          ? "It does not tell whether the family is right: r or w says so"
          : `"${answer}" is none of the answers`,
      ]);
    }
  };
}

function describeForReview(feedback: WaitingFeedback, place: number, count: number): string[] {
  const { model, method, raw_confidence: raw, family, is_family_right: isRight } = feedback;
  const verdict = isRight === null ? "it does not tell" : isRight ? "right" : "wrong";
  return [
    "",
    `${place} of ${count}: request ${feedback.request_id}`,
    `  answer  ${family}, raw figure ${raw.toFixed(2)} (${method}), by ${model}`,
    `  says    ${describeCorrection(feedback)}`,
    `  family  ${verdict}`,
    `  given   ${feedback.given_at.slice(0, 16).replace("T", " ")} UTC by ${feedback.subject}`,
    `  waiting ${feedback.of_this_subject} of this user, ${feedback.of_this_answer} of this answer`,
  ];
}
