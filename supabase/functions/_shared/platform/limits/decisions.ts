/** What the limiter tells: a decision, how a leader's request is getting on, a subject's state. */

import type { Denial, RateLimitState } from "./rate-limits.ts";

/** What was decided. A leader must settle; the others have taken a minute unit and no more. */
export type Reservation =
  & {
    state: RateLimitState;
    /** The calibration maps in force, as a JSON list; absent when there are none. */
    maps?: string;
  }
  & (
    | { outcome: "leader" }
    | { outcome: "hit"; answer: string; ageMs: number }
    | { outcome: "follower"; holder: string }
    | ({ outcome: "denied" } & Denial)
  );

/** The decision on a minute unit alone. */
export type MinuteDecision =
  & { state: RateLimitState }
  & (
    | { outcome: "minute" }
    | ({ outcome: "denied" } & Denial)
  );

/** Why a leader has no answer, for its followers. */
export interface AnswerFailure {
  code: string;
  message: string;
  retry_after_ms?: number;
}

/** How a leader's request is getting on. */
export type AwaitedAnswer =
  | { state: "ready"; answer: string }
  | { state: "pending" }
  | { state: "failed"; failure: AnswerFailure }
  /** The leader has gone: the key is free to be led. */
  | { state: "free" };

/** A subject's state, and what is spent of the budgets that it shares. */
export interface LimitsRead extends RateLimitState {
  /** Of all subjects together, in this UTC month. */
  projectSpentNanoUsd: number;
  /** Of all anonymous users together, in this UTC day. */
  anonymousSpentNanoUsd: number;
}
