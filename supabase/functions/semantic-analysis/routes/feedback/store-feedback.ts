import type { FeedbackRequestBody } from "../../../_shared/client/contract.ts";
import { toNotConfigured } from "../../../_shared/platform/database/not-set-up.ts";
import type { ServiceDatabase } from "../../../_shared/platform/database/postgrest.ts";
import type { Pause } from "../../../_shared/platform/http/pause.ts";
import { ApiError } from "../../../_shared/platform/http/api-error.ts";
import { startTimeLimit } from "../../../_shared/platform/http/time-limit.ts";

/**
 * Keeps what a subject says of an answer.
 *
 * @returns false where the subject was given no such answer within the last 30 days.
 * @throws {ApiError} UPSTREAM_UNAVAILABLE without an answer of the database in time; NOT_CONFIGURED
 *   without the migration.
 */
export type StoreFeedback = (
  subject: string,
  feedback: Required<FeedbackRequestBody>,
) => Promise<boolean>;

/** The database, and the clock by which a second try waits. */
export interface StoreFeedbackOptions {
  database: ServiceDatabase;
  pause: Pause;
}

/** Longer than the database's own statement timeout of 1.5 s. */
const TIMEOUT_MS = 2_000;

/** An answer is in the ledger a moment after it was sent. */
const LEDGER_DELAY_MS = 500;

/** Stores by `semantic_analysis_give_feedback`. */
export function createStoreFeedback({ database, pause }: StoreFeedbackOptions): StoreFeedback {
  const store: StoreFeedback = async (subject, { request_id, verdict, correction }) => {
    const limit = startTimeLimit(TIMEOUT_MS);
    const { data, error } = await database.rpc("semantic_analysis_give_feedback", {
      p_subject: subject,
      p_request_id: request_id,
      p_verdict: verdict,
      p_correction: { ...correction },
    }).abortSignal(limit.signal);
    limit.stop();
    const notConfigured = error && toNotConfigured(error, "The function's");
    if (notConfigured) throw notConfigured;
    if (error || typeof data !== "boolean") {
      throw new ApiError("UPSTREAM_UNAVAILABLE", "The feedback could not be kept: try again", {
        cause: error,
      });
    }
    return data;
  };
  return async (subject, feedback) => {
    if (await store(subject, feedback)) return true;
    await pause(LEDGER_DELAY_MS);
    return await store(subject, feedback);
  };
}
