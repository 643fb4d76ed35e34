import { SemanticAnalysisError } from "../../../supabase/functions/_shared/client/errors.ts";
import type { KeptAnswer } from "../answers/kept-answers.ts";
import type { Question } from "./plan-evaluation.ts";
import type { EvaluatedProject } from "./project.ts";

/** What became of a question. */
export type Asked =
  | { outcome: "answered"; answer: KeptAnswer }
  /** `isFree`: surely nothing was spent on it. */
  | { outcome: "failed"; code: string; message: string; isFree: boolean }
  /** No other question will do better before an operator acts or a limit is whole again. */
  | { outcome: "stop"; reason: string };

/** What asking needs. */
export interface AskOptions {
  project: EvaluatedProject;
  isFresh: boolean;
  pause: (ms: number) => Promise<void>;
}

const MAX_ATTEMPTS = 6;

/** A limit that denies for longer is that of a day or a month. */
const MAX_WAIT_MS = 120_000;

/** These are the project's, not the picture's. */
const STOPPING_CODES = ["UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "NOT_CONFIGURED", "DISABLED"];

/** The request was refused before a model was asked, or by a provider that bills no refusal. */
const FREE_CODES = [
  "INVALID_REQUEST",
  "INVALID_IMAGE",
  "UNSUPPORTED_IMAGE_TYPE",
  "IMAGE_TOO_LARGE",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "RATE_LIMITED",
  "RATE_LIMITER_UNAVAILABLE",
  "OVERLOADED",
  "PLATFORM_RATE_LIMITED",
  "UPSTREAM_RATE_LIMITED",
];

/** Asks about one picture, and again after as long as the function says; the function itself has retried. */
export async function askQuestion(
  { picture, facts }: Question,
  { project, isFresh, pause }: AskOptions,
): Promise<Asked> {
  const bytes = await Deno.readFile(picture.path);
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await project.ask(bytes, { modelAsked: facts.modelAsked, isFresh });
      return { outcome: "answered", answer };
    } catch (error) {
      if (!(error instanceof SemanticAnalysisError)) throw error;
      const { code, message, retryAfterMs } = error;
      if (STOPPING_CODES.includes(code)) return { outcome: "stop", reason: message };
      if (code === "RATE_LIMITED" && (retryAfterMs ?? 0) > MAX_WAIT_MS) {
        return { outcome: "stop", reason: message };
      }
      // Only what cost nothing is asked again: the ceiling of a question is set aside once.
      const isFree = FREE_CODES.includes(code);
      if (!isFree || retryAfterMs === null || attempt === MAX_ATTEMPTS) {
        return { outcome: "failed", code, message, isFree };
      }
      await pause(Math.min(retryAfterMs, MAX_WAIT_MS));
    }
  }
}
