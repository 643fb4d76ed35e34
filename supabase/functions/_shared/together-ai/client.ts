/**
 * A client for vision questions to Together AI: a chain of models, attempts, and one deadline over
 * all of it. Knows fetch and Together's wire; nothing of Supabase, Deno or this project's functions.
 */

import { type Attempt, type Effects, exchange } from "./attempt.ts";
import {
  parseCompletion,
  parseErrorCode,
  toRequestBody,
  type VisionCompletion,
  type VisionRequest,
} from "./chat-completion.ts";
import { TogetherApiError, TogetherError, TogetherTimeoutError } from "./errors.ts";
import { parseModelIds } from "./model-list.ts";
import { parseRetryAfterMs, toBackoffMs } from "./retry.ts";

export interface TogetherClientOptions {
  apiKey: string;
  /** e.g. `https://api.together.xyz/v1`; any server that speaks the same protocol will do. */
  baseUrl: string;
  /** Model ids in the order of preference. */
  models: readonly [string, ...string[]];
  /** Limit of one attempt. Default 30,000. */
  attemptTimeoutMs?: number;
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

export interface VisionResult {
  completion: VisionCompletion;
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
  askAboutImage(request: VisionRequest, options: CallOptions): Promise<VisionResult>;
  /**
   * Ids of the models this key can see; one attempt, no tokens spent.
   *
   * @throws {TogetherError}
   */
  listModels(options: CallOptions): Promise<string[]>;
}

/** An attempt with less time than this can't bring an answer and is not begun. */
const MIN_ATTEMPT_MS = 1_000;

/** @throws {TypeError} when an option makes no sense. */
export function createTogetherClient(options: TogetherClientOptions): TogetherClient {
  const {
    apiKey,
    models,
    attemptTimeoutMs = 30_000,
    maxRetries = 2,
    maxRetryAfterMs = 10_000,
  } = options;
  if (apiKey === "") throw new TypeError("Cannot create a Together client: apiKey is empty");
  if (models.length === 0) throw new TypeError("Cannot create a Together client: models is empty");
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const effects: Effects = {
    fetch: globalThis.fetch,
    now: Date.now,
    sleep,
    random: Math.random,
    ...options.effects,
  };
  const headers = { "Authorization": `Bearer ${apiKey}`, "Accept": "application/json" };

  async function send(path: string, init: RequestInit, { timeoutMs, signal }: CallOptions) {
    const answer = await exchange(`${baseUrl}${path}`, init, { timeoutMs, signal, effects });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new TogetherApiError(answer.status, {
      code: parseErrorCode(answer.text),
      retryAfterMs: parseRetryAfterMs(answer.headers, effects.now()),
    });
  }

  async function attemptModel(
    model: string,
    request: VisionRequest,
    attempts: Attempt[],
    call: CallOptions,
  ): Promise<VisionCompletion> {
    const startedAt = effects.now();
    const record = (status: number | null, reason: string, mayBeBilled: boolean) =>
      attempts.push({ model, status, durationMs: effects.now() - startedAt, reason, mayBeBilled });
    let status: number | null = null;
    try {
      const answer = await send("/chat/completions", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: toRequestBody(request, model),
      }, call);
      status = answer.status;
      const completion = parseCompletion(answer.text, model);
      record(status, "ok", completion.usage === null);
      return completion;
    } catch (error) {
      if (error instanceof TogetherApiError) status = error.status;
      if (error instanceof TogetherError) record(status, error.reason, error.mayBeBilled);
      else record(status, "aborted", true);
      throw error;
    }
  }

  /** Asks one model until it answers, or trying it again makes no sense. */
  async function askModel(
    model: string,
    request: VisionRequest,
    { attempts, deadlineMs, isLastModel, signal }: {
      attempts: Attempt[];
      deadlineMs: number;
      isLastModel: boolean;
      signal: AbortSignal | undefined;
    },
  ): Promise<VisionCompletion> {
    for (let retry = 0;; retry++) {
      const timeLeftMs = deadlineMs - effects.now();
      if (timeLeftMs < MIN_ATTEMPT_MS) throw new TogetherTimeoutError(timeLeftMs);
      try {
        return await attemptModel(model, request, attempts, {
          timeoutMs: Math.min(attemptTimeoutMs, timeLeftMs),
          signal,
        });
      } catch (error) {
        if (!(error instanceof TogetherError)) throw error;
        if (retry >= Math.min(maxRetries, error.retryLimit)) throw error;
        if (error.prefersNextModel && !isLastModel) throw error;
        const waitMs = error.retryAfterMs ?? toBackoffMs(retry, effects.random);
        const isInTime = effects.now() + waitMs + MIN_ATTEMPT_MS <= deadlineMs;
        if (waitMs > maxRetryAfterMs || !isInTime) throw error;
        await effects.sleep(waitMs, signal ?? NEVER_ABORTED);
      }
    }
  }

  return {
    async askAboutImage(request, { timeoutMs, signal }) {
      const deadlineMs = effects.now() + timeoutMs;
      const attempts: Attempt[] = [];
      let failure: TogetherError | undefined;
      for (const model of models) {
        if (failure && deadlineMs - effects.now() < MIN_ATTEMPT_MS) break;
        try {
          const isLastModel = model === models.at(-1);
          const completion = await askModel(model, request, {
            attempts,
            deadlineMs,
            isLastModel,
            signal,
          });
          return { completion, askedModel: model, attempts };
        } catch (error) {
          if (!(error instanceof TogetherError)) throw error;
          failure = moreTelling(failure, error);
          if (!error.isModelSpecific) break;
        }
      }
      failure!.attempts = attempts;
      throw failure;
    },

    async listModels(call) {
      const answer = await send("/models", { headers }, call);
      return parseModelIds(answer.text);
    },
  };
}

const NEVER_ABORTED = new AbortController().signal;

/** That a model is gone matters less than why one that exists did not answer. */
function moreTelling(earlier: TogetherError | undefined, later: TogetherError): TogetherError {
  const isGone = later instanceof TogetherApiError && later.isModelUnavailable;
  return isGone && earlier !== undefined ? earlier : later;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
