import type { AnswerLine } from "../answers/answer-line.ts";
import type { KeptAnswers } from "../answers/kept-answers.ts";
import { toAnsweredLine, toFailedLine } from "../answers/to-line.ts";
import { type AskOptions, askQuestion } from "./ask-question.ts";
import type { Question } from "./plan-evaluation.ts";

/** How an evaluation is made. */
export interface EvaluationOptions extends AskOptions {
  questions: readonly Question[];
  kept: KeptAnswers;
  /** No question is begun that might cost more than is left of this, in US dollars. */
  budgetUsd: number;
  /** Questions at a time. */
  concurrency: number;
  /** Told after each question that was asked. */
  onProgress: (progress: EvaluationProgress) => void;
  /** Ends it; what is under way is waited for and kept. */
  signal: AbortSignal;
  /** Unix time in milliseconds. */
  now: () => number;
}

/** How far it is. */
export interface EvaluationProgress {
  /** Questions to be asked, without the kept ones. */
  questions: number;
  answered: number;
  failed: number;
  /** A question that failed and may have cost something counts with its ceiling. */
  spentUsd: number;
}

/** How it ended. */
export interface EvaluationResult extends EvaluationProgress {
  ended: "done" | "budget" | "interrupted" | "stopped";
  /** Why it was stopped, in words; null where it wasn't. */
  reason: string | null;
  /** Of the questions that have been asked, and of the kept ones, in the order of the questions. */
  lines: AnswerLine[];
}

/** So many in a row are no accident of one picture. */
const MAX_FAILURES_IN_A_ROW = 10;

/** Sums of dollars are not exact to the last bit. */
const ROUNDING_USD = 1e-9;

/** Asks what isn't kept, and keeps each answer before the next question of the same worker. */
export async function runEvaluation(options: EvaluationOptions): Promise<EvaluationResult> {
  const { questions, kept, budgetUsd, concurrency, onProgress, signal, now } = options;
  const lines = new Map<Question, AnswerLine>();
  const left = questions.filter((question) => {
    if (question.kept) lines.set(question, toAnsweredLine(question, question.kept, true));
    return question.kept === null;
  });
  const progress: EvaluationProgress = {
    questions: left.length,
    answered: 0,
    failed: 0,
    spentUsd: 0,
  };
  let underWayUsd = 0;
  let failuresInARow = 0;
  let ended: EvaluationResult["ended"] = "done";
  let reason: string | null = null;

  /** A worker that finds no room leaves the rest to those that are under way. */
  const work = async (): Promise<void> => {
    while (left.length > 0 && ended === "done") {
      if (signal.aborted) {
        ended = "interrupted";
        return;
      }
      const { ceilingUsd } = left[0]!.facts;
      if (progress.spentUsd + underWayUsd + ceilingUsd > budgetUsd + ROUNDING_USD) {
        if (underWayUsd === 0) ended = "budget";
        return;
      }
      const question = left.shift()!;
      underWayUsd += ceilingUsd;
      await ask(question);
      underWayUsd = Math.max(0, underWayUsd - ceilingUsd);
      if (underWayUsd < ROUNDING_USD) underWayUsd = 0;
      onProgress({ ...progress });
    }
  };

  const ask = async (question: Question): Promise<void> => {
    const asked = await askQuestion(question, options);
    if (asked.outcome === "stop") return stop(asked.reason);
    if (asked.outcome === "failed") {
      const { code, message, isFree } = asked;
      progress.failed++;
      progress.spentUsd += isFree ? 0 : question.facts.ceilingUsd;
      const failedAt = new Date(now()).toISOString();
      lines.set(question, toFailedLine(question, { code, message, failedAt }));
      if (++failuresInARow === MAX_FAILURES_IN_A_ROW) {
        stop(`${MAX_FAILURES_IN_A_ROW} questions in a row failed, the last one: ${message}`);
      }
      return;
    }
    failuresInARow = 0;
    await kept.write(question.key, asked.answer);
    progress.answered++;
    progress.spentUsd += asked.answer.response.usage.cost_usd ?? question.facts.ceilingUsd;
    lines.set(question, toAnsweredLine(question, asked.answer, false));
  };

  const stop = (why: string): void => {
    ended = "stopped";
    reason ??= why;
  };

  await Promise.all(Array.from({ length: concurrency }, work));
  return {
    ...progress,
    ended,
    reason,
    lines: questions.flatMap((question) => lines.get(question) ?? []),
  };
}
