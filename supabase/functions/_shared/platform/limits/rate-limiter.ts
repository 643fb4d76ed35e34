/**
 * Limits, cache and cost, decided in Postgres so that they hold over any number of workers: reserve
 * before anything is spent, settle once it is known what was. Without a decision nothing is let
 * through: a limiter that fails open protects no bill.
 */

import type { PostgrestError } from "@supabase/postgrest-js";
import type { ServiceDatabase } from "../database/postgrest.ts";
import type { Database, Json } from "../database/database.types.ts";
import { toNotConfigured } from "../database/not-set-up.ts";
import type { ApiError } from "../http/api-error.ts";
import type { Warning } from "../../client/contract.ts";
import type { ObjectPlace } from "../storage/object-place.ts";
import { startTimeLimit, type StartTimer } from "../http/time-limit.ts";
import type {
  AnswerFailure,
  AwaitedAnswer,
  LimitsRead,
  MinuteDecision,
  Reservation,
} from "./decisions.ts";
import {
  parseAwaited,
  parseLimits,
  parseMinute,
  parseReservation,
  parseSettled,
  toParameters,
  unavailable,
} from "./rate-limiter-wire.ts";
import type { Anonymity, Limits } from "./rate-limits.ts";

/** What is taken from the limits before a model is asked, and of whom. */
export interface ReserveRequest {
  subject: string;
  /** A UUID, the request's own. Settling it again and again changes nothing more. */
  id: string;
  limits: Limits;
  anonymity: Anonymity;
  /** The most that the request can cost. */
  ceilingNanoUsd: number;
  /** SHA-256 as hex of all that the answer depends on; null to neither look it up nor share it. */
  cacheKey: string | null;
  /** Whose calibration maps are wanted with the decision. Default null: none. */
  mapsOf?: { models: readonly string[]; promptVersion: string; schemaVersion: string } | null;
}

/** What a request came to: what it cost, what is stored of it, and its row in the ledger. */
export interface Settlement {
  subject: string;
  id: string;
  /** What a leading request cost; null for one that held nothing. */
  actualNanoUsd: number | null;
  /** The day's unit was taken for nothing. */
  givesBackDay?: boolean;
  cacheKey?: string | null;
  /** For the followers, and to be given again for so long. */
  answer?: { body: string; ttlSeconds: number };
  failure?: AnswerFailure;
  /** Columns of the ledger. */
  entry: Record<string, Json | undefined>;
}

/** The object of Storage that an answer is about, as it was when it was looked up. */
export interface AnsweredObject {
  place: ObjectPlace;
  /** The only user whose object it may be; null for any. */
  ownerId: string | null;
  id: string;
  /** Empty where Storage told none. */
  version: string;
  /** What is believed where the object's row can't be read again. */
  isUnchanged: boolean;
}

/** The limiter in Postgres. A call is one RPC, which the database decides in one transaction. */
export interface RateLimiter {
  /**
   * Decides on all limits at once, or answers from what is known.
   *
   * @throws {ApiError} RATE_LIMITER_UNAVAILABLE without an answer in time, although it may have been
   *   decided; NOT_CONFIGURED without the migration, or where the schema is not exposed; UNAUTHORIZED for a
   *   user who was deleted.
   */
  reserve(request: ReserveRequest): Promise<Reservation>;
  /** Takes a minute unit and nothing else. @throws {ApiError} as `reserve` */
  takeMinute(subject: string, limits: Limits, anonymity: Anonymity): Promise<MinuteDecision>;
  /** @returns whether the request was still held. @throws {ApiError} as `reserve` */
  settle(settlement: Settlement): Promise<boolean>;
  /**
   * The same of an answer about a picture in Storage. Where that has changed, the answer gets the warning,
   * and is not kept.
   *
   * @returns whether the object is unchanged. @throws {ApiError} as `reserve`
   */
  settleStored(
    settlement: Settlement,
    object: AnsweredObject,
    changed: Warning,
  ): Promise<boolean>;
  /** @throws {ApiError} as `reserve` */
  readAnswer(cacheKey: string, holder: string): Promise<AwaitedAnswer>;
  /** The same state as `reserve`, taking nothing. @throws {ApiError} as `reserve` */
  read(subject: string, limits: Limits, anonymity: Anonymity): Promise<LimitsRead>;
}

/** The database, the budgets that many subjects share, and how long an answer is waited for. */
export interface RateLimiterOptions {
  database: ServiceDatabase;
  /** What all subjects together may spend per UTC month. Default null: no such limit. */
  projectNanoUsdPerMonth?: number | null;
  /** What all anonymous users together may spend per UTC day. Default null: no such limit. */
  anonymousNanoUsdPerDay?: number | null;
  /** Answers that are kept at most. Default 100,000. */
  maxAnswers?: number;
  /** Longer than the database's own statement timeout of 1.5 s. Default 2,000. */
  timeoutMs?: number;
  /** For the timeout. Default `startTimer`. */
  startTimer?: StartTimer;
}

type RpcName = Extract<keyof Database["public"]["Functions"], `semantic_analysis_${string}`>;

/** Calls the limiter's functions with the project's secret, each bounded by `timeoutMs`. */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { database, projectNanoUsdPerMonth = null, anonymousNanoUsdPerDay = null } = options;
  const { maxAnswers = 100_000, timeoutMs = 2_000, startTimer } = options;

  async function call<Name extends RpcName, Answer>(
    parse: (answer: unknown) => Answer,
    name: Name,
    parameters: Database["public"]["Functions"][Name]["Args"],
  ): Promise<Answer> {
    const limit = startTimeLimit(timeoutMs, { startTimer });
    const { data, error } = await database
      .rpc(name as RpcName, parameters as never)
      .abortSignal(limit.signal);
    limit.stop();
    if (error) throw toLimiterError(error);
    return parse(data);
  }

  const toSettled = ({ subject, id, actualNanoUsd, cacheKey, answer, entry }: Settlement) => ({
    p_subject: subject,
    p_id: id,
    ...(actualNanoUsd !== null && { p_actual_nano: actualNanoUsd }),
    ...(cacheKey && { p_key: cacheKey, p_max_answers: maxAnswers }),
    ...(answer && { p_answer: answer.body, p_ttl_s: answer.ttlSeconds }),
    p_entry: entry,
  });

  return {
    reserve: ({ subject, id, limits, anonymity, ceilingNanoUsd, cacheKey, mapsOf = null }) =>
      call(parseReservation, "semantic_analysis_reserve", {
        p_subject: subject,
        p_id: id,
        ...toParameters(limits, anonymity),
        ...(anonymity.kind === "anonymous" && { p_is_anonymous: true }),
        ...(anonymity.kind !== "signed_in" && anonymousNanoUsdPerDay !== null && {
          p_anonymous_nano_per_day: anonymousNanoUsdPerDay,
        }),
        ...(projectNanoUsdPerMonth !== null && {
          p_project_nano_per_month: projectNanoUsdPerMonth,
        }),
        p_ceiling_nano: ceilingNanoUsd,
        ...(cacheKey !== null && { p_key: cacheKey }),
        ...(mapsOf !== null && {
          p_models: [...mapsOf.models],
          p_prompt_version: mapsOf.promptVersion,
          p_schema_version: mapsOf.schemaVersion,
        }),
      }),

    takeMinute: (subject, limits, anonymity) =>
      call(parseMinute, "semantic_analysis_reserve", {
        p_subject: subject,
        p_id: crypto.randomUUID(),
        ...toParameters(limits, anonymity),
      }),

    settle: ({ givesBackDay, failure, ...settlement }) =>
      call(parseSettled, "semantic_analysis_settle", {
        ...toSettled(settlement),
        ...(givesBackDay && { p_gives_back_day: true }),
        ...(failure && { p_failure: { ...failure } }),
      }),

    settleStored: (settlement, { place, ownerId, id, version, isUnchanged }, changed) =>
      call(parseSettled, "semantic_analysis_settle_stored", {
        ...toSettled(settlement),
        p_object: { ...place, ...(ownerId !== null && { owner_id: ownerId }), id, version },
        p_is_unchanged: isUnchanged,
        p_warning: { ...changed },
      }),

    readAnswer: (cacheKey, holder) =>
      call(parseAwaited, "semantic_analysis_read_answer", {
        p_key: cacheKey,
        p_holder: holder,
      }),

    read: (subject, limits, anonymity) =>
      call(parseLimits, "semantic_analysis_read_limits", {
        p_subject: subject,
        ...toParameters(limits, anonymity),
      }),
  };
}

function toLimiterError(error: PostgrestError): ApiError {
  return toNotConfigured(error, "The function's") ?? unavailable({ cause: error });
}
