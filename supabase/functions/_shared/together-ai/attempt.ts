/** One attempt: a request to one model, read by the caller's reader, charged and remembered. */

import { type ChatRequest, type OptionalParameter, toRequestBody } from "./chat-request.ts";
import type { ChatCompletion } from "./completion/completion.ts";
import {
  TogetherApiError,
  TogetherEmptyAnswerError,
  TogetherError,
  TogetherResponseError,
} from "./errors.ts";
import type { Effects, IncomingBody, Send } from "./exchange.ts";
import { findModel, type Model, type ModelCapabilities, type Usage } from "./models.ts";
import { type Attempt, boundNanoUsd, chargeUsage, type Spending } from "./spending.ts";
import { readCompletion } from "./completion/stream.ts";

/**
 * What a reader makes of a whole completion: an `answer`; `nothing` that answers the prompt; `cut` before
 * all of the answer was there; or `withdrawn`, because what was shown turned out not to be the answer.
 */
export type Judgement = "answer" | "nothing" | "cut" | "withdrawn";

/** Reads the completion of one attempt; `Reading` is what it makes of it. */
export interface CompletionReader<Reading = unknown> {
  /**
   * Takes the next piece, never an empty one.
   *
   * @returns whether any of the attempt was shown, so that it can't be taken back.
   */
  push(text: string): boolean;
  /** Judges the whole. */
  end(completion: ChatCompletion): { judgement: Judgement; reading: Reading };
}

/** What all attempts of a call share. */
export interface Call {
  request: ChatRequest;
  /** The models to ask, in this order. */
  models: readonly string[];
  deadlineMs: number;
  signal: AbortSignal | undefined;
  isStreamed: boolean;
  createReader: ((model: Model) => CompletionReader) | undefined;
  spending: Spending;
  /** Text of the attempt under way has come. */
  hasText: boolean;
  /** Something was shown, so this attempt is the last one. */
  hasShown: boolean;
  /** What to end with where nothing better comes. */
  cut: CutAnswer | null;
}

/** An answer that was cut, and the model that was asked for it. */
export interface CutAnswer {
  answered: Answered;
  model: string;
}

/** What all attempts of a client share: key, time limits, and where they are recorded. */
export interface AttemptOptions {
  apiKey: string;
  attemptTimeoutMs: number;
  idleTimeoutMs: number;
  capabilities: ModelCapabilities;
  effects: Effects;
  send: Send;
  trackRecord: TrackRecord;
}

/** How one attempt differs from the call it belongs to. */
export interface AttemptVariant {
  /** Instead of the request's; undefined for that one. */
  maxTokens: number | undefined;
  without: ReadonlySet<OptionalParameter>;
}

/**
 * Makes one attempt, and records it in the call's spending whatever becomes of it.
 *
 * @throws {TogetherError}
 * @throws the reason of the call's signal.
 */
export type MakeAttempt = (
  model: string,
  call: Call,
  variant: AttemptVariant,
) => Promise<Answered>;

/** A completion, and what the call's reader made of it; undefined without one. */
export interface Answered {
  completion: ChatCompletion;
  judgement: Judgement;
  reading: unknown;
}

/** A complete answer waits no longer for its usage, which usually comes with its last chunk. */
const USAGE_TIMEOUT_MS = 2_000;

/** For one client: what became of its attempts is in its track record, and in each call's spending. */
export function createMakeAttempt(options: AttemptOptions): MakeAttempt {
  const { apiKey, attemptTimeoutMs, idleTimeoutMs, capabilities, effects, send } = options;

  const timeLeftMs = (call: Call) => call.deadlineMs - effects.now();

  function complete(
    modelId: string,
    model: Model,
    request: ChatRequest,
    call: Call,
    { without, reader }: {
      without: ReadonlySet<OptionalParameter>;
      reader: CompletionReader | undefined;
    },
  ): Promise<ChatCompletion> {
    const { isStreamed } = call;
    const onText = (text: string, body: IncomingBody) => {
      call.hasText = true;
      if (isStreamed) body.extend(Math.min(idleTimeoutMs, timeLeftMs(call)));
      if (reader?.push(text)) call.hasShown = true;
    };
    return send("/chat/completions", {
      method: "POST",
      headers: {
        "Authorization": `Bearer ${apiKey}`,
        "Content-Type": "application/json",
        "Accept": isStreamed ? "text/event-stream" : "application/json",
      },
      body: toRequestBody(request, modelId, model, { isStreamed, without }),
    }, (body) =>
      readCompletion(body, {
        requestedModel: modelId,
        onText: (text) => onText(text, body),
        onFinish: () => body.extend(Math.min(USAGE_TIMEOUT_MS, timeLeftMs(call))),
        hasShown: () => call.hasShown,
      }), { timeoutMs: Math.min(attemptTimeoutMs, timeLeftMs(call)), signal: call.signal });
  }

  return async (modelId, call, { maxTokens, without }) => {
    const startedAtMs = effects.now();
    const request = maxTokens === undefined ? call.request : { ...call.request, maxTokens };
    const model = findModel(modelId, capabilities);
    const reader = call.createReader?.(model);
    call.hasText = false;

    const record = (attempt: Omit<Attempt, "model" | "durationMs">) => {
      const durationMs = effects.now() - startedAtMs;
      call.spending.attempts.push({ model: modelId, durationMs, ...attempt });
      options.trackRecord.add(modelId, attempt.reason);
    };
    /** Charges what was told, and says what of it can be believed. */
    const charge = (usage: Usage | null, answeredModel: string, hasText: boolean) => {
      const options = { request, askedModel: modelId, answeredModel, hasText, capabilities };
      const charged = chargeUsage(usage, options);
      return { ...charged, mayBeBilled: charged.usage === null };
    };

    let completion: ChatCompletion;
    let judged: Omit<Answered, "completion">;
    try {
      completion = await complete(modelId, model, request, call, { without, reader });
      judged = reader?.end(completion) ?? { judgement: "answer", reading: undefined };
      const { judgement } = judged;
      if (judgement === "withdrawn") {
        throw new TogetherResponseError("What was shown is not the answer", completion);
      }
      if (judgement === "nothing") {
        const isTruncated = completion.end === "truncated";
        throw new TogetherEmptyAnswerError({ ...completion, isTruncated });
      }
    } catch (error) {
      const charged = error instanceof TogetherResponseError && error.usage !== null
        ? charge(error.usage, error.model ?? modelId, call.hasText)
        : toFullCharge(error, boundNanoUsd(request, modelId, capabilities));
      const { reason, status } = describe(error);
      record({ status, reason, ...charged });
      throw error;
    }
    const charged = charge(completion.usage, completion.model, true);
    record({ status: 200, reason: "ok", ...charged });
    return { completion: { ...completion, usage: charged.usage }, ...judged };
  };
}

function toFullCharge(error: unknown, boundNano: number) {
  const mayBeBilled = !(error instanceof TogetherError) || error.mayBeBilled;
  return { mayBeBilled, costNanoUsd: mayBeBilled ? boundNano : 0, usage: null };
}

function describe(error: unknown): { reason: string; status: number | null } {
  if (!(error instanceof TogetherError)) return { reason: "aborted", status: null };
  const status = error instanceof TogetherApiError
    ? error.status
    : error instanceof TogetherResponseError
    ? 200
    : null;
  return { reason: error.reason, status };
}

/** Attempts that are remembered of each model. */
const REMEMBERED_ATTEMPTS = 30;

/** What became of a model's last attempts in this worker, for the operator. */
export interface ModelRecord {
  model: string;
  /** At most 30. */
  attempts: number;
  /** Those that brought a completion. */
  answered: number;
  /** Why the last one that failed did, as an attempt's reason; null when none did. */
  lastFailure: string | null;
}

/** What became of each model's last attempts, of one worker. */
export interface TrackRecord {
  add(model: string, reason: string): void;
  read(): ModelRecord[];
}

/** Bounded by the chain: 30 reasons a model. */
export function createTrackRecord(): TrackRecord {
  const reasonsOf = new Map<string, string[]>();
  return {
    add(model, reason) {
      // A caller who leaves says nothing about the model.
      if (reason === "aborted") return;
      const reasons = [...reasonsOf.get(model) ?? [], reason].slice(-REMEMBERED_ATTEMPTS);
      reasonsOf.set(model, reasons);
    },

    read: () =>
      [...reasonsOf].map(([model, reasons]) => ({
        model,
        attempts: reasons.length,
        answered: reasons.filter((reason) => reason === "ok").length,
        lastFailure: reasons.findLast((reason) => reason !== "ok") ?? null,
      })),
  };
}
