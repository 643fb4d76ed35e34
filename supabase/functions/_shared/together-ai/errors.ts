/**
 * What can go wrong between the client and a provider. What an error means for the next step is
 * decided here, once, when the error is made: whether the same model may be tried again, whether the
 * next one may, and whether anything may be billed. Nothing is decided by a message. No error holds a
 * request's or response's body, so neither a picture nor a key can leak through one.
 */

import { type ApiErrorKind, type ErrorDetails, toErrorKind } from "./error-kinds.ts";
import type { Usage } from "./models.ts";

interface TogetherErrorOptions {
  /** How often the same model may be tried again after this error. 0 = never. */
  retryLimit: number;
  /** The next model of the chain may succeed where this one did not. */
  isModelSpecific: boolean;
  /** Where there is a next model, it is likelier to answer in time than this one tried again. */
  prefersNextModel?: boolean;
  /** The model may have produced (and charged for) tokens although there is no usable completion. */
  mayBeBilled: boolean;
  /**
   * The failure can't depend on the picture or the prompt: every request to this model, or for
   * `provider` to any model, meets it.
   */
  concerns?: "request" | "model" | "provider";
  /** How long the provider asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/**
 * Base of every error the client throws, apart from the caller's own abort reason.
 *
 * @example
 * ```ts
 * try {
 *   await client.ask(request, { timeoutMs: 60_000 });
 * } catch (error) {
 *   if (error instanceof TogetherError) console.log(error.reason, error.retryAfterMs);
 *   else throw error;
 * }
 * ```
 */
export abstract class TogetherError extends Error {
  readonly retryLimit: number;
  readonly isModelSpecific: boolean;
  readonly prefersNextModel: boolean;
  readonly mayBeBilled: boolean;
  readonly concerns: "request" | "model" | "provider";
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: TogetherErrorOptions) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.retryLimit = options.retryLimit;
    this.isModelSpecific = options.isModelSpecific;
    this.prefersNextModel = options.prefersNextModel ?? false;
    this.mayBeBilled = options.mayBeBilled;
    this.concerns = options.concerns ?? "request";
    this.retryAfterMs = options.retryAfterMs;
  }

  /** A short, stable name of the reason, for logs and attempt records. */
  abstract get reason(): string;
}

/** The provider answered with a status other than 2xx, or reported one within its response. */
export class TogetherApiError extends TogetherError {
  readonly status: number;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly isPage: boolean;
  readonly kind: ApiErrorKind;

  constructor(status: number, details: ErrorDetails = {}) {
    const { code, param, isPage = false, retryAfterMs, isWithinAnswer = false } = details;
    const kind = toErrorKind(status, details);
    const isTransient = kind === "transient";
    super(`The provider answered status "${status}"${code ? ` with code "${code}"` : ""}`, {
      retryLimit: !isTransient ? 0 : status === 500 ? 1 : Infinity,
      // An account may have one model and lack another; what a status says holds for all of them.
      isModelSpecific: kind !== "operator" && kind !== "too_large",
      // 503 is a lack of capacity for this one model.
      prefersNextModel: status === 503,
      mayBeBilled: isWithinAnswer,
      concerns: kind === "model_unavailable"
        ? "model"
        : kind === "operator" && !isPage
        ? "provider"
        : "request",
      retryAfterMs,
    });
    this.status = status;
    this.code = code;
    this.param = param;
    this.isPage = isPage;
    this.kind = kind;
  }

  /** This model can't be had at all: retired, asleep, dedicated only, or misspelt. */
  get isModelUnavailable(): boolean {
    return this.kind === "model_unavailable";
  }

  /** This model refuses the request; whether the request or the model is at fault, another one tells. */
  get isRefusal(): boolean {
    return this.kind === "refusal";
  }

  get reason(): string {
    if (this.isModelUnavailable) return "model_unavailable";
    if (this.kind === "account" || this.kind === "spending") return this.kind;
    return this.isPage ? `page_${this.status}` : `status_${this.status}`;
  }
}

/** No response: the provider was never reached, or the connection was lost. */
export class TogetherConnectionError extends TogetherError {
  /** Nothing was sent: refused, unknown host, no TLS. */
  readonly isUnreachable: boolean;

  constructor(cause: unknown, { isUnreachable }: { isUnreachable: boolean }) {
    super(isUnreachable ? "The provider can't be reached" : "The connection was lost", {
      retryLimit: Infinity,
      // Every model is behind the same host, so another one would meet the same connection.
      isModelSpecific: false,
      mayBeBilled: !isUnreachable,
      concerns: isUnreachable ? "provider" : "request",
      cause,
    });
    this.isUnreachable = isUnreachable;
  }

  get reason(): string {
    return this.isUnreachable ? "unreachable" : "connection";
  }
}

/** The attempt's own time, or the whole call's, ran out: while connecting, waiting or reading. */
export class TogetherTimeoutError extends TogetherError {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`The provider did not answer completely within "${timeoutMs}" ms`, {
      retryLimit: 1,
      isModelSpecific: true,
      prefersNextModel: true,
      mayBeBilled: true,
    });
    this.timeoutMs = timeoutMs;
  }

  get reason(): string {
    return "timeout";
  }
}

/** What is known of a completion that can't be used. */
export interface UnusableCompletion {
  usage?: Usage | null | undefined;
  /** The model that answered, by its own account. */
  model?: string | null | undefined;
  isPage?: boolean;
}

/** A 2xx that isn't what the API promises: not JSON, no choices, no known end, no answer in it. */
export class TogetherResponseError extends TogetherError {
  /** Tokens that it cost all the same, where the provider told them. */
  readonly usage: Usage | null;
  readonly model: string | null;
  /** A page of HTML: not the API's word, but that of something in front of it. */
  readonly isPage: boolean;

  constructor(message: string, { usage, model, isPage }: UnusableCompletion = {}) {
    // The next model first: a retry of this one would spend what the next one needs.
    super(message, {
      retryLimit: 1,
      isModelSpecific: true,
      prefersNextModel: true,
      mayBeBilled: true,
    });
    this.usage = usage ?? null;
    this.model = model ?? null;
    this.isPage = isPage ?? false;
  }

  get reason(): string {
    return this.isPage ? "page_200" : "invalid_response";
  }
}

/** A 2xx without an answer in it. A prompt can ask for that, so it says nothing about the model. */
export class TogetherEmptyAnswerError extends TogetherResponseError {
  /** It was cut at `max_tokens`: with more there may be an answer. */
  readonly isTruncated: boolean;

  constructor(completion: UnusableCompletion & { isTruncated?: boolean } = {}) {
    super("The provider sent a completion without an answer", completion);
    this.isTruncated = completion.isTruncated ?? false;
  }

  override get reason(): string {
    return "empty";
  }
}

/** A response that broke off: a cut stream, or a failure that the provider reports within it. */
export class TogetherStreamError extends TogetherResponseError {
  override get reason(): string {
    return "stream";
  }
}

/** Nothing was sent: it could have cost more than was set aside for the request. */
export class TogetherBudgetError extends TogetherError {
  constructor() {
    super("Another attempt could cost more than was set aside", {
      retryLimit: 0,
      // A cheaper model may still fit.
      isModelSpecific: true,
      mayBeBilled: false,
    });
  }

  get reason(): string {
    return "budget";
  }
}

/** Nothing was sent: the model, or the provider, has failed so often lately that its circuit is open. */
export class TogetherUnavailableError extends TogetherError {
  constructor(retryAfterMs: number, options: { cause: unknown }) {
    super(`No model of the chain is tried for another "${retryAfterMs}" ms`, {
      retryLimit: 0,
      isModelSpecific: true,
      mayBeBilled: false,
      retryAfterMs,
      ...options,
    });
  }

  get reason(): string {
    return "circuit_open";
  }
}
