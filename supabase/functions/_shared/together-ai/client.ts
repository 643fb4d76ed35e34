/**
 * A client for questions to Together AI's vision models: a chain of models, attempts, and one
 * deadline over all of it. Knows fetch and Together's wire; nothing of Supabase, Deno or this
 * project's functions.
 */

import type { Attempt } from "./errors.ts";
import { type Breaker, createBreaker, type Permit } from "./breaker.ts";
import {
  type ChatCompletion,
  type ChatRequest,
  parseCompletion,
  toRequestBody,
} from "./chat-completion.ts";
import { type Effects, toEffects } from "./effects.ts";
import {
  TogetherApiError,
  TogetherBudgetError,
  TogetherEmptyAnswerError,
  TogetherError,
  TogetherTimeoutError,
  TogetherUnavailableError,
} from "./errors.ts";
import type { IncomingBody } from "./exchange.ts";
import { parseModelIds } from "./models.ts";
import { findModel, findPricedModel, toCostNanoUsd, type Usage } from "./models.ts";
import { moreTelling } from "./errors.ts";
import { toBackoffMs } from "./retry.ts";
import { createSend } from "./exchange.ts";
import { boundUsage, createSpending, type Spending, spentNanoUsd } from "./spending.ts";
import { readStream } from "./stream.ts";

export interface TogetherClientOptions {
  apiKey: string;
  /** e.g. `https://api.together.xyz/v1`; any server that speaks the same protocol will do. */
  baseUrl: string;
  /** Model ids in the order of preference, each once. */
  models: readonly [string, ...string[]];
  /** Limit of one attempt; of a streamed one, until its first text. Default 30,000. */
  attemptTimeoutMs?: number;
  /**
   * With less time than this for an attempt, its timeout says nothing about the model: whoever has a
   * short deadline must not make others find it failing. Default `attemptTimeoutMs`.
   */
  slowAttemptMs?: number;
  /** The longest silence within a stream. Default 15,000. */
  idleTimeoutMs?: number;
  /** Further attempts with the same model. Default 2. */
  maxRetries?: number;
  /** A longer wait asked for by the server is not waited out. Default 10,000. */
  maxRetryAfterMs?: number;
  effects?: Partial<Effects>;
}

export interface CallOptions {
  /** Limit of the whole call: every attempt, every wait, every byte. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Takes the text of one attempt piece by piece, never an empty one.
 *
 * @returns whether any of it was shown to somebody, so that the attempt can't be taken back.
 */
export type TextReader = (text: string) => boolean;

export interface AskOptions extends CallOptions {
  /**
   * Asks for a streamed answer; each attempt begins with a reader of its own. Once one has shown
   * something, nothing is tried again.
   */
  createTextReader?: (() => TextReader) | undefined;
  /** Told of every attempt as it ends, and asked before each whether it may cost what it can cost. */
  spending?: Spending | undefined;
}

export interface ChatResult {
  completion: ChatCompletion;
  /** The model of the chain that was asked, which need not be the name it answers under. */
  askedModel: string;
  /** Oldest first; the last one is `ok`. */
  attempts: readonly Attempt[];
}

export interface TogetherClient {
  /**
   * Asks the first model of the chain that answers.
   *
   * @throws {TogetherError} with `attempts`, once nothing more can be tried within `timeoutMs`.
   * @throws the reason of `signal`, at once, when the caller aborts.
   */
  ask(request: ChatRequest, options: AskOptions): Promise<ChatResult>;
  /**
   * Ids of the models this key can see; one attempt, no tokens spent.
   *
   * @throws {TogetherError}
   */
  listModels(options: CallOptions): Promise<string[]>;
}

/** An attempt with less time than this can't bring an answer and is not begun. */
export const MIN_ATTEMPT_MS = 1_000;

/** A complete answer waits no longer for its usage, which usually comes with its last chunk. */
const USAGE_TIMEOUT_MS = 2_000;

/** One call: what all its attempts share. */
interface Call {
  request: ChatRequest;
  attempts: Attempt[];
  deadlineMs: number;
  signal: AbortSignal | undefined;
  createTextReader: (() => TextReader) | undefined;
  spending: Spending;
  /** The most that one attempt can take. */
  mostUsage: Usage;
  /** Text of the attempt under way has come. */
  hasText: boolean;
  /** Something was shown, so this attempt is the last one. */
  hasShown: boolean;
}

/** @throws {TypeError} when an option makes no sense. */
export function createTogetherClient(options: TogetherClientOptions): TogetherClient {
  const {
    apiKey,
    models,
    attemptTimeoutMs = 30_000,
    slowAttemptMs = attemptTimeoutMs,
    idleTimeoutMs = 15_000,
    maxRetries = 2,
    maxRetryAfterMs = 10_000,
  } = options;
  if (apiKey === "") throw new TypeError("Cannot create a Together client: apiKey is empty");
  if (models.length === 0) throw new TypeError("Cannot create a Together client: models is empty");
  if (slowAttemptMs > attemptTimeoutMs) {
    throw new TypeError(
      `Cannot create a Together client: slowAttemptMs is "${slowAttemptMs}", more than attemptTimeoutMs, "${attemptTimeoutMs}"`,
    );
  }
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const effects = toEffects(options.effects);
  const breaker: Breaker = createBreaker(effects.now);
  const headers = { "Authorization": `Bearer ${apiKey}` };
  const send = createSend(baseUrl, effects);

  const timeLeftMs = (call: Call) => call.deadlineMs - effects.now();

  const mostNanoUsd = (model: string, { mostUsage }: Call) =>
    toCostNanoUsd(mostUsage, findModel(model));

  const mayCost = (model: string, call: Call) =>
    spentNanoUsd(call.spending) + mostNanoUsd(model, call) <= call.spending.ceilingNanoUsd;

  /** A model can't be blamed for too little time, nor for having been asked for nothing. */
  function isCallersDoing(error: TogetherError, { hasText }: Call): boolean {
    if (error instanceof TogetherEmptyAnswerError) return true;
    if (!(error instanceof TogetherTimeoutError)) return false;
    return error.timeoutMs < (hasText ? idleTimeoutMs : slowAttemptMs);
  }

  function complete(model: string, call: Call): Promise<ChatCompletion> {
    const readText = call.createTextReader?.();
    const isStreamed = readText !== undefined;
    call.hasText = false;
    const onText = (text: string, body: IncomingBody) => {
      call.hasText = true;
      body.extend(Math.min(idleTimeoutMs, timeLeftMs(call)));
      if (readText?.(text)) call.hasShown = true;
    };
    return send("/chat/completions", {
      method: "POST",
      headers: {
        ...headers,
        "Content-Type": "application/json",
        "Accept": isStreamed ? "text/event-stream" : "application/json",
      },
      body: toRequestBody(call.request, model, { isStreamed }),
    }, async (response, body) => {
      if (isStreamed && response.headers.get("content-type")?.startsWith("text/event-stream")) {
        return await readStream(body, {
          requestedModel: model,
          onText: (text) => onText(text, body),
          onFinish: () => body.extend(Math.min(USAGE_TIMEOUT_MS, timeLeftMs(call))),
        });
      }
      const completion = parseCompletion(await body.readAll(), model);
      // A server that doesn't stream has sent all of it as one piece.
      if (isStreamed) onText(completion.text, body);
      return completion;
    }, { timeoutMs: Math.min(attemptTimeoutMs, timeLeftMs(call)), signal: call.signal });
  }

  async function attempt(model: string, permit: Permit, call: Call): Promise<ChatCompletion> {
    const startedAtMs = effects.now();
    const record = (
      outcome: Pick<Attempt, "status" | "reason" | "mayBeBilled">,
      costNanoUsd = outcome.mayBeBilled ? mostNanoUsd(model, call) : 0,
    ) => {
      const durationMs = effects.now() - startedAtMs;
      const attempt: Attempt = { model, ...outcome, durationMs, costNanoUsd };
      call.attempts.push(attempt);
      call.spending.attempts.push(attempt);
    };
    try {
      const completion = await complete(model, call);
      const { usage } = completion;
      record(
        { status: 200, reason: "ok", mayBeBilled: usage === null },
        usage ? toCostNanoUsd(usage, findPricedModel(model, completion.model)) : undefined,
      );
      permit.recordSuccess();
      return completion;
    } catch (error) {
      if (error instanceof TogetherError) {
        const { reason, mayBeBilled } = error;
        record({ status: statusOf(error), reason, mayBeBilled });
        if (isCallersDoing(error, call)) permit.release();
        else permit.recordFailure(error);
      } else {
        record({ status: null, reason: "aborted", mayBeBilled: true });
        permit.release();
      }
      throw error;
    }
  }

  /** Asks one model until it answers, or trying it again makes no sense. */
  async function askModel(model: string, call: Call): Promise<ChatCompletion> {
    const isLastModel = model === models.at(-1);
    let failure: TogetherError | undefined;
    for (let retry = 0;; retry++) {
      // Before anything is admitted or recorded: nothing is sent that could be billed.
      call.signal?.throwIfAborted();
      if (timeLeftMs(call) < MIN_ATTEMPT_MS) throw new TogetherTimeoutError(timeLeftMs(call));
      if (!mayCost(model, call)) throw new TogetherBudgetError();
      const admission = breaker.admit(model);
      if (!admission.isAdmitted) {
        const { retryAfterMs, lastError } = admission;
        throw failure ?? new TogetherUnavailableError(retryAfterMs, { cause: lastError });
      }
      try {
        return await attempt(model, admission.permit, call);
      } catch (error) {
        if (!(error instanceof TogetherError) || call.hasShown) throw error;
        failure = error;
        if (retry >= Math.min(maxRetries, error.retryLimit)) throw error;
        if (error.prefersNextModel && !isLastModel) throw error;
        if (!mayCost(model, call)) throw error;
        const { retryAfterMs = 0 } = error;
        // Others were told to come back at the same moment, so the jitter is added.
        const waitMs = retryAfterMs + toBackoffMs(retry, effects.random);
        const isInTime = waitMs + MIN_ATTEMPT_MS <= timeLeftMs(call);
        if (retryAfterMs > maxRetryAfterMs || !isInTime) throw error;
        await effects.sleep(waitMs, call.signal ?? NEVER_ABORTED);
      }
    }
  }

  return {
    async ask(request, { timeoutMs, signal, createTextReader, spending = createSpending() }) {
      const call: Call = {
        request,
        attempts: [],
        deadlineMs: effects.now() + timeoutMs,
        signal,
        createTextReader,
        spending,
        mostUsage: boundUsage(request),
        hasText: false,
        hasShown: false,
      };
      let failure: TogetherError | undefined;
      for (const model of models) {
        if (failure && timeLeftMs(call) < MIN_ATTEMPT_MS) break;
        try {
          const completion = await askModel(model, call);
          return { completion, askedModel: model, attempts: call.attempts };
        } catch (error) {
          if (!(error instanceof TogetherError)) throw error;
          failure = failure === undefined ? error : moreTelling(failure, error);
          if (!error.isModelSpecific || call.hasShown) break;
        }
      }
      failure!.attempts = call.attempts;
      throw failure;
    },

    listModels: (call) =>
      send("/models", { headers }, async (_, body) => parseModelIds(await body.readAll()), call),
  };
}

const NEVER_ABORTED = new AbortController().signal;

function statusOf(error: TogetherError): number | null {
  return error instanceof TogetherApiError ? error.status : null;
}
