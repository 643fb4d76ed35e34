/** From a reservation to an outcome: what is stored, what another request is asking, or the model. */

import { ApiError, isApiErrorCode } from "../../_shared/platform/http/api-error.ts";
import { setHeaders } from "../../_shared/platform/http/endpoint.ts";
import type { AnswerFailure, Reservation } from "../../_shared/platform/limits/decisions.ts";
import type { RateLimiter } from "../../_shared/platform/limits/rate-limiter.ts";
import { createSpending } from "../../_shared/together-ai/spending.ts";
import type { Analyse, Analysis, Keeping } from "../model/analysis.ts";
import { awaitAnswer } from "./await-answer.ts";
import { createDenials, type Denials } from "./denials.ts";
import { findAlarm, toOutcomeFields } from "./log-fields.ts";
import { analyseOpened, withChanged } from "./open-picture.ts";
import type { Failed, RequestOutcome } from "./outcome.ts";
import type { RequestUnderWay } from "./priced-request.ts";
import { reserve } from "./reserve.ts";
import { type SettleDependencies, settleInBackground, settleStored } from "./settle.ts";
import { toSettlement } from "./settlement.ts";

/** Who is told of the answer while it comes, and what ends it. */
export interface AnswerOptions {
  /** The caller's: it aborts when the caller has gone. */
  signal?: AbortSignal;
  /** Is told the prose as it comes; without it the analysis comes as a whole. */
  onText?: (text: string) => void;
}

/** The limiter, the model, and for how long an analysis is stored. */
export interface AnsweringOptions extends SettleDependencies {
  rateLimiter: Pick<RateLimiter, "reserve" | "readAnswer" | "settle" | "settleStored">;
  analyse: Analyse;
  /** How long an analysis is given again. */
  ttlSeconds: Record<Keeping, number>;
  /** Default: those of `createDenials`. */
  denials?: Denials;
}

/** Answers priced requests, within the limits. */
export interface Answering {
  /**
   * Asks the limiter. The decision is told in the headers.
   *
   * @throws {ApiError} UPSTREAM_TIMEOUT, with nothing taken, when there is no time left to ask a model;
   *   or as the limiter's `reserve`.
   */
  reserve(underWay: RequestUnderWay): Promise<Reservation>;
  /**
   * Sees a request to its end. Once this resolves, the outcome is logged; what was taken and what it cost
   * goes to the database behind the response. Never rejects.
   */
  answer(
    reservation: Reservation,
    underWay: RequestUnderWay,
    options?: AnswerOptions,
  ): Promise<RequestOutcome>;
}

/** Answers requests of all callers; what it knows of one of them is in the limiter alone. */
export function createAnswering(options: AnsweringOptions): Answering {
  const { rateLimiter, analyse, ttlSeconds, pause, denials = createDenials(options) } = options;

  async function lead(
    { priced, context: { timings }, deadline }: RequestUnderWay,
    { signal, onText }: AnswerOptions,
  ): Promise<RequestOutcome> {
    const spending = createSpending(priced.ceilingNanoUsd);
    let hasShownText = false;
    const onTextNoted = onText && ((text: string) => {
      hasShownText = true;
      onText(text);
    });
    try {
      const { analysis, keeping } = await timings.measure(
        "upstream",
        () =>
          analyseOpened(priced, {
            timeoutMs: Math.max(0, deadline.atMs - timings.totalMs()),
            signal,
            onText: onTextNoted,
            spending,
            callerKey: priced.caller.subject,
          }, analyse),
      );
      return {
        kind: "answered",
        role: "leader",
        spending,
        analysis,
        ttlSeconds: ttlSeconds[keeping],
      };
    } catch (thrown) {
      if (signal?.aborted) {
        return { kind: "disconnected", role: "leader", spending, reason: thrown };
      }
      return {
        kind: "failed",
        role: "leader",
        spending,
        thrown,
        hasShownText,
        isDeadlineShortened: deadline.isShortened,
      };
    }
  }

  /** Waits for the leader; takes over with a reservation of its own where there is none any more. */
  async function follow(
    holder: string,
    underWay: RequestUnderWay,
    answerOptions: AnswerOptions,
  ): Promise<RequestOutcome> {
    const { priced, context: { timings }, deadline } = underWay;
    const { signal } = answerOptions;
    const failed = (thrown: unknown): Failed => ({ kind: "failed", role: "follower", thrown });
    try {
      const awaited = await timings.measure("join", () =>
        awaitAnswer(priced.cacheKey!, holder, {
          rateLimiter,
          timeoutMs: deadline.atMs - timings.totalMs(),
          signal,
          now: timings.totalMs,
          pause,
        }));
      switch (awaited.state) {
        case "ready":
          return show("follower", awaited.answer, answerOptions);
        case "failed":
          return failed(toFollowersError(awaited.failure));
        case "pending":
          return failed(new ApiError("UPSTREAM_TIMEOUT", "The model did not answer in time"));
        case "free":
          return await proceed(await reserve(underWay, options), underWay, answerOptions);
      }
    } catch (thrown) {
      if (signal?.aborted) return { kind: "disconnected", role: "follower", reason: thrown };
      return failed(thrown);
    }
  }

  async function proceed(
    reservation: Reservation,
    underWay: RequestUnderWay,
    answerOptions: AnswerOptions,
  ): Promise<RequestOutcome> {
    switch (reservation.outcome) {
      case "denied": {
        const { limitedBy, retryAfterMs, state } = reservation;
        return { kind: "denied", role: "none", denial: { limitedBy, retryAfterMs }, state };
      }
      case "leader":
        return await lead(underWay, answerOptions);
      case "hit":
        setHeaders(underWay.context, { Age: String(Math.floor(reservation.ageMs / 1000)) });
        return show("hit", reservation.answer, answerOptions);
      case "follower":
        return await follow(reservation.holder, underWay, answerOptions);
    }
  }

  /** @returns the outcome as its caller is told it: settling tells whether a picture in Storage has changed. */
  async function settle(
    { priced, context: { timings } }: RequestUnderWay,
    outcome: RequestOutcome,
  ): Promise<RequestOutcome> {
    const settlement = toSettlement(priced, outcome, timings);
    const { picture } = priced.request;
    if (outcome.kind === "denied") {
      denials.count(settlement);
    } else if (
      outcome.kind === "answered" && outcome.role === "leader" && picture.kind === "stored"
    ) {
      const isUnchanged = await settleStored(settlement, picture.toAnswered(), options);
      if (!isUnchanged) return withChanged(outcome);
    } else {
      settleInBackground(settlement, options);
    }
    return outcome;
  }

  return {
    reserve: (underWay) => reserve(underWay, options),
    async answer(reservation, underWay, answerOptions = {}) {
      const { priced, context } = underWay;
      const outcome = await settle(
        underWay,
        await proceed(reservation, underWay, answerOptions),
      );
      context.note(toOutcomeFields(priced, outcome));
      const alarm = findAlarm(outcome);
      if (alarm !== null) context.raise(alarm);
      return outcome;
    },
  };
}

/** A stored answer: this project's own words, from the same version of this code. */
function show(
  role: "follower" | "hit",
  stored: string,
  { onText }: AnswerOptions,
): RequestOutcome {
  try {
    const analysis: Analysis = JSON.parse(stored);
    onText?.(analysis.analysis);
    return { kind: "answered", role, analysis };
  } catch (thrown) {
    return { kind: "failed", role, thrown };
  }
}

function toFollowersError(
  { code, message, retry_after_ms: retryAfterMs }: AnswerFailure,
): ApiError {
  return new ApiError(isApiErrorCode(code) ? code : "UPSTREAM_UNAVAILABLE", message, {
    retryAfterMs,
  });
}
