/** What a failed analysis means: for its job, for its user's jobs, for the whole run. */

import type { SemanticAnalysisError } from "../../_shared/client/errors.ts";

/** What is done about a failure. */
export type Consequence =
  /** The picture's own fault, or its user's: the job has failed. */
  | { kind: "reject" }
  /** A user's limit: that user's jobs wait. */
  | { kind: "owner_waits"; waitMs: number }
  /** The job waits, and fewer are done at a time: interactive users come first. */
  | { kind: "slow_down"; waitMs: number }
  /** Nothing is done until then. */
  | { kind: "stop"; waitMs: number; isBudget: boolean }
  /** The picture's fault or the provider's: what comes next will tell. */
  | { kind: "unsure" }
  /** No worker of semantic-analysis has begun it. */
  | { kind: "absent" }
  /** The worker of semantic-analysis ended without a word. */
  | { kind: "lost" };

/** Codes that another attempt with the same picture would meet again. */
const REJECTED = [
  "INVALID_REQUEST",
  "INVALID_IMAGE",
  "UNSUPPORTED_IMAGE_TYPE",
  "IMAGE_NOT_FOUND",
  "IMAGE_TOO_LARGE",
  "BODY_TOO_LARGE",
  "UPSTREAM_REJECTED",
];

/** Codes that the provider, or a picture that it chokes on, may be the reason of. */
const UNSURE = [
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
  "INTERNAL",
];

const LOST = [
  "NETWORK_ERROR",
  "PLATFORM_ERROR",
  "INVALID_RESPONSE",
  "TIMEOUT",
  "ABORTED",
];

const SLOW_DOWN = [
  "OVERLOADED",
  "UPSTREAM_RATE_LIMITED",
  "PLATFORM_RATE_LIMITED",
];

const DEFAULT_WAIT_MS = 10_000;

/**
 * A limit may be used up until the month ends, and be raised today. Asking once more takes nothing of it. A
 * month in milliseconds is also more than Postgres' integers and timers hold.
 */
const MOST_WAIT_MS = 3_600_000;

/** @param isOwners The job is done in a user's name. */
export function toConsequence(
  { code, status, retryAfterMs, details }: Pick<
    SemanticAnalysisError,
    "code" | "status" | "retryAfterMs" | "details"
  >,
  isOwners: boolean,
): Consequence {
  const waitMs = Math.min(retryAfterMs ?? DEFAULT_WAIT_MS, MOST_WAIT_MS);
  if (REJECTED.includes(code)) return { kind: "reject" };
  if (code === "RATE_LIMITED") {
    const isProjects = details?.limit === "project_month";
    if (isOwners && !isProjects) return { kind: "owner_waits", waitMs };
    return {
      kind: "stop",
      waitMs,
      isBudget: isProjects || details?.limit === "month",
    };
  }
  if (SLOW_DOWN.includes(code)) return { kind: "slow_down", waitMs };
  if (UNSURE.includes(code)) return { kind: "unsure" };
  // The user in whose name it is was deleted, or may use nothing here, as anonymous ones may not: that is
  // no reason for the others to wait. A secret that is not taken has another reason, and stops the run.
  if (isOwners && (code === "FORBIDDEN" || details?.reason === "deleted")) {
    return { kind: "reject" };
  }
  // The platform's answer where no worker boots, or none is deployed.
  if (code === "PLATFORM_ERROR" && (status === 503 || status === 404)) return { kind: "absent" };
  if (LOST.includes(code)) return { kind: "lost" };
  // The function is switched off, not set up, or refuses its own project: an operator must act.
  return {
    kind: "stop",
    waitMs: Math.max(waitMs, DEFAULT_WAIT_MS),
    isBudget: false,
  };
}
