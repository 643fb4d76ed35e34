/**
 * A client for vision models behind Together's protocol: a chain of models, attempts, and one deadline
 * over all of it. Knows fetch and the wire; nothing of Supabase, Deno or this project's functions.
 */

import * as z from "zod/mini";
import { type AskKeys, createAskModel, MIN_ATTEMPT_MS } from "./ask-model.ts";
import {
  type Call,
  type CompletionReader,
  createMakeAttempt,
  createTrackRecord,
  type ModelRecord,
} from "./attempt.ts";
import { createBreaker } from "./breaker.ts";
import { type ChatRequest, createParameterMemory } from "./chat-request.ts";
import type { ChatCompletion } from "./completion/completion.ts";
import {
  TogetherApiError,
  TogetherBudgetError,
  TogetherError,
  TogetherResponseError,
  TogetherUnavailableError,
} from "./errors.ts";
import { createSend, type Effects, toEffects } from "./exchange.ts";
import type { Model, ModelCapabilities } from "./models.ts";
import { createSpending, type Spending } from "./spending.ts";

/** The provider, the chain of models, and how failures are met. */
export interface TogetherClientOptions {
  apiKey: string;
  /** e.g. `https://api.together.xyz/v1`; any server that speaks the same protocol will do. */
  baseUrl: string;
  /** Model ids in the order of preference, each once. */
  models: readonly [string, ...string[]];
  /** What the operator says of models and servers. */
  capabilities?: ModelCapabilities;
  /** Limit of one attempt; of a streamed one, until its first text. Default 30,000. */
  attemptTimeoutMs?: number;
  /**
   * A timeout after less than this says nothing about the model, so that a caller with a short deadline
   * can't make others find it failing. Default `attemptTimeoutMs`.
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

/** When a call ends at the latest, and what ends it before. */
export interface CallOptions {
  /** Limit of the whole call: every attempt, every wait, every byte. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** How one request is asked, and what its completions are read by. */
export interface AskOptions<Reading = unknown> extends CallOptions {
  /** The models to ask in place of the client's chain. */
  models?: readonly string[] | undefined;
  /** Asks for a streamed response. */
  isStreamed?: boolean;
  /**
   * Each attempt begins with a reader of its own, which judges it. Once one has shown something,
   * nothing is tried again. Without it every completion with text is an answer.
   */
  createReader?: ((model: Model) => CompletionReader<Reading>) | undefined;
  /** What a cut answer may be asked for again with, once in a call. */
  raisedMaxTokens?: number | null;
  /** Told of every attempt as it ends, and asked before each whether it may cost what it can cost. */
  spending?: Spending | undefined;
  /** Whose failures count together for the breaker; without it all callers are one. */
  callerKey?: string | undefined;
  /** Which picture it is, for the breaker; without it each attempt's is another one. */
  pictureKey?: string | undefined;
}

/** The completion that was taken, what it was read as, and which model gave it. */
export interface ChatResult<Reading = unknown> {
  completion: ChatCompletion;
  /** What the reader made of that completion. */
  reading: Reading;
  /** The model of the chain that was asked, which need not be the name it answers under. */
  askedModel: string;
}

/** Asks the models of a chain. Calls may run at the same time; they share the breaker. */
export interface TogetherClient {
  /**
   * Asks the first model of the chain that answers.
   *
   * @throws {TogetherError} once nothing more can be tried within `timeoutMs`.
   * @throws the reason of `signal`, at once, when the caller aborts.
   * @example
   * ```ts
   * const request = {
   *   systemPrompt: "You describe materials.",
   *   userPrompt: "What is it?",
   *   picture: { kind: "url", url: "https://example.com/oak.jpg" },
   *   temperature: 0.1,
   *   maxTokens: 300,
   * } as const;
   * const { completion, askedModel } = await client.ask(request, { timeoutMs: 60_000 });
   * console.log(askedModel, completion.text);
   * ```
   */
  ask<Reading = undefined>(
    request: ChatRequest,
    options: AskOptions<Reading>,
  ): Promise<ChatResult<Reading>>;
  /**
   * Ids of the models this key can see; one attempt, no tokens spent.
   *
   * @throws {TogetherError}
   */
  listModels(options: CallOptions): Promise<string[]>;
  /** What became of each model's last attempts, as far as this client remembers them. */
  readTrackRecord(): ModelRecord[];
}

/** So many models must refuse a request before it is the request's fault. */
const REFUSALS_TO_BELIEVE = 2;

/**
 * Makes a client. It remembers what it learns of the models, so one is kept for all requests.
 *
 * @throws {TypeError} when an option makes no sense.
 * @example
 * ```ts
 * const client = createTogetherClient({
 *   apiKey: "key",
 *   baseUrl: "https://api.together.xyz/v1",
 *   models: ["Qwen/Qwen3.5-9B", "zai-org/GLM-5.3-Flash"],
 * });
 * ```
 */
export function createTogetherClient(options: TogetherClientOptions): TogetherClient {
  const {
    apiKey,
    models,
    capabilities = {},
    attemptTimeoutMs = 30_000,
    slowAttemptMs = attemptTimeoutMs,
    idleTimeoutMs = 15_000,
    maxRetries = 2,
    maxRetryAfterMs = 10_000,
  } = options;
  checkOptions({ apiKey, models, attemptTimeoutMs, slowAttemptMs });
  const effects = toEffects(options.effects);
  const trackRecord = createTrackRecord();
  const send = createSend(options.baseUrl.replace(/\/+$/, ""), effects);
  const makeAttempt = createMakeAttempt({
    apiKey,
    attemptTimeoutMs,
    idleTimeoutMs,
    capabilities,
    effects,
    send,
    trackRecord,
  });
  const askModel = createAskModel({
    capabilities,
    slowAttemptMs,
    idleTimeoutMs,
    maxRetries,
    maxRetryAfterMs,
    breaker: createBreaker(effects.now),
    parameters: createParameterMemory(effects.now),
    makeAttempt,
    effects,
  });

  return {
    async ask<Reading>(
      request: ChatRequest,
      { timeoutMs, signal, isStreamed = false, createReader, ...rest }: AskOptions<Reading>,
    ) {
      const {
        models: asked = models,
        spending = createSpending(),
        callerKey,
        pictureKey,
        raisedMaxTokens = null,
      } = rest;
      const call: Call = {
        request,
        models: asked,
        deadlineMs: effects.now() + timeoutMs,
        signal,
        isStreamed,
        createReader,
        spending,
        hasText: false,
        hasShown: false,
        cut: null,
      };
      const keys: AskKeys = { callerKey, pictureKey, raisedMaxTokens };
      let failure: TogetherError | undefined;
      let refusals = 0;
      for (const model of asked) {
        if (failure && call.deadlineMs - effects.now() < MIN_ATTEMPT_MS) break;
        try {
          const { completion, reading } = await askModel(model, call, keys);
          return { completion, reading: reading as Reading, askedModel: model };
        } catch (error) {
          if (!(error instanceof TogetherError)) throw error;
          const isRefusal = error instanceof TogetherApiError && error.isRefusal;
          if (isRefusal && ++refusals === REFUSALS_TO_BELIEVE) throw error;
          failure = failure === undefined ? error : moreTelling(failure, error);
          if (!error.isModelSpecific || call.hasShown) break;
        }
      }
      if (call.cut === null || call.hasShown) throw failure;
      const { answered: { completion, reading }, model } = call.cut;
      return { completion, reading: reading as Reading, askedModel: model };
    },

    listModels: (call) =>
      send(
        "/models",
        { headers: { "Authorization": `Bearer ${apiKey}` } },
        async (body) => parseModelIds(await body.readAll()),
        call,
      ),

    readTrackRecord: trackRecord.read,
  };
}

function checkOptions(
  { apiKey, models, attemptTimeoutMs, slowAttemptMs }: Required<
    Pick<TogetherClientOptions, "apiKey" | "models" | "attemptTimeoutMs" | "slowAttemptMs">
  >,
): void {
  if (apiKey === "") throw new TypeError("Cannot create a Together client: apiKey is empty");
  if (models.length === 0) throw new TypeError("Cannot create a Together client: models is empty");
  if (slowAttemptMs > attemptTimeoutMs) {
    throw new TypeError(
      `Cannot create a Together client: slowAttemptMs is "${slowAttemptMs}", more than attemptTimeoutMs, "${attemptTimeoutMs}"`,
    );
  }
}

/** Together answers with a bare array, OpenAI-compatible servers with `{ data: [...] }`. */
function createModelsSchema() {
  const modelsSchema = z.array(z.object({ id: z.string() }));
  return z.union([modelsSchema, z.object({ data: modelsSchema })]);
}

/** @throws {TogetherResponseError} when it is not a list of models */
function parseModelIds(text: string): string[] {
  try {
    const response = createModelsSchema().parse(JSON.parse(text));
    return (Array.isArray(response) ? response : response.data).map((model) => model.id);
  } catch {
    throw new TogetherResponseError("The provider sent no list of models");
  }
}

/**
 * Of two models' failures the one to report: why one that exists did not answer, before an open circuit,
 * before a refusal that no other model could confirm, before a model that is gone. Of the same kind, the
 * later; of two waits, the shorter.
 */
function moreTelling(earlier: TogetherError, later: TogetherError): TogetherError {
  if (earlier instanceof TogetherUnavailableError && later instanceof TogetherUnavailableError) {
    return earlier.retryAfterMs! < later.retryAfterMs! ? earlier : later;
  }
  return tellingness(later) >= tellingness(earlier) ? later : earlier;
}

function tellingness(error: TogetherError): number {
  if (error instanceof TogetherBudgetError) return -1;
  if (error instanceof TogetherUnavailableError) return isGone(error.cause) ? 1 : 3;
  if (isGone(error)) return 0;
  return error instanceof TogetherApiError && error.isRefusal ? 2 : 4;
}

function isGone(error: unknown): boolean {
  return error instanceof TogetherApiError && error.isModelUnavailable;
}
