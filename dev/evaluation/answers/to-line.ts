import type { Question } from "../project/plan-evaluation.ts";
import type { AnsweredLine, FailedLine } from "./answer-line.ts";
import type { KeptAnswer } from "./kept-answers.ts";
import { rateAnswer } from "./rate-answer.ts";
import { toAnswered } from "./response-body.ts";

/** The line of an answer. @param isKept nothing was paid for it now */
export function toAnsweredLine(
  question: Question,
  { response, latency_ms, answered_at }: KeptAnswer,
  isKept: boolean,
): AnsweredLine {
  const answered = toAnswered(response);
  return {
    outcome: "answered",
    ...toPictureFields(question),
    answered_at,
    ...answered,
    right: rateAnswer(question.picture.labels, answered.answered),
    is_kept: isKept,
    latency_ms,
  };
}

/** The line of a picture without an answer. */
export function toFailedLine(
  question: Question,
  { code, message, failedAt }: { code: string; message: string; failedAt: string },
): FailedLine {
  return {
    outcome: "failed",
    ...toPictureFields(question),
    answered_at: failedAt,
    code,
    message,
  };
}

function toPictureFields({ picture, facts }: Question) {
  return {
    file: picture.file,
    source: picture.source,
    content_hash: picture.contentHash,
    labels: picture.labels,
    model_asked: facts.modelAsked,
    prompt_version: facts.promptVersion,
    schema_version: facts.schemaVersion,
  };
}
