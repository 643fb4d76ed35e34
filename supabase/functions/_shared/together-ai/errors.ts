/**
 * What can go wrong between us and Together AI. Whether another try can help is decided here, once,
 * when the error is made; nobody downstream looks at a message. No error holds a request or response
 * body, so neither an image nor a key can leak through one.
 */

interface TogetherErrorOptions {
  /** How often the same model may be tried again after this error. 0 = never. */
  retryLimit: number;
  /** The next model of the chain may succeed where this one did not. */
  isModelSpecific: boolean;
  /** Where there is a next model, it is likelier to answer in time than this one tried again. */
  prefersNextModel?: boolean;
  /** The model may have produced (and charged for) tokens although we got no usable answer. */
  mayBeBilled: boolean;
  /** How long Together asked us to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** Base of every error the client throws, apart from the caller's own abort reason. */
export abstract class TogetherError extends Error {
  readonly retryLimit: number;
  readonly isModelSpecific: boolean;
  readonly prefersNextModel: boolean;
  readonly mayBeBilled: boolean;
  readonly retryAfterMs: number | undefined;
  /** Every attempt of the call that failed, oldest first; empty until the call gives up. */
  attempts: readonly Attempt[] = [];

  constructor(message: string, options: TogetherErrorOptions) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.retryLimit = options.retryLimit;
    this.isModelSpecific = options.isModelSpecific;
    this.prefersNextModel = options.prefersNextModel ?? false;
    this.mayBeBilled = options.mayBeBilled;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The same request to the same model may succeed later. */
  get isRetryable(): boolean {
    return this.retryLimit > 0;
  }

  /** A short, stable name of the reason, for logs and attempt records. */
  abstract get reason(): string;
}

/** Together answered with a status other than 2xx. */
export class TogetherApiError extends TogetherError {
  readonly status: number;
  /** Together's own `error.code`, when it is a short identifier. */
  readonly code: string | undefined;
  /** This model can't be had at all: retired, dedicated only, or misspelt. */
  readonly isModelUnavailable: boolean;

  constructor(
    status: number,
    options: { code?: string | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    const isModelUnavailable = status === 404 || options.code === "model_not_available";
    super(
      `Together AI answered status "${status}"${
        options.code ? ` with code "${options.code}"` : ""
      }`,
      {
        retryLimit: isModelUnavailable ? 0 : retryLimitOf(status),
        isModelSpecific: isModelUnavailable || isModelSpecificStatus(status),
        // 503 is a lack of capacity for this one model.
        prefersNextModel: status === 503,
        mayBeBilled: false,
        retryAfterMs: options.retryAfterMs,
      },
    );
    this.status = status;
    this.code = options.code;
    this.isModelUnavailable = isModelUnavailable;
  }

  get reason(): string {
    return this.isModelUnavailable ? "model_unavailable" : `status_${this.status}`;
  }
}

/** No answer: the connection was refused, reset or lost. */
export class TogetherConnectionError extends TogetherError {
  constructor(cause: unknown, options: { mayBeBilled: boolean }) {
    super("Connection to Together AI failed", {
      retryLimit: Infinity,
      // Every model is behind the same host, so another one would meet the same connection.
      isModelSpecific: false,
      mayBeBilled: options.mayBeBilled,
      cause,
    });
  }

  get reason(): string {
    return "connection";
  }
}

/** The attempt's own time, or the whole call's, ran out: while connecting, waiting or reading. */
export class TogetherTimeoutError extends TogetherError {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`Together AI did not answer completely within "${timeoutMs}" ms`, {
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

/** A 2xx answer that isn't what the API promises: not JSON, no choices, no text. */
export class TogetherResponseError extends TogetherError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    // Retried once only: each such answer may have been billed in full.
    super(message, { retryLimit: 1, isModelSpecific: true, mayBeBilled: true, ...options });
  }

  get reason(): string {
    return "invalid_response";
  }
}

/** A 2xx answer without a word in it. A question can ask for that, so it says nothing about the model. */
export class TogetherEmptyAnswerError extends TogetherResponseError {
  constructor() {
    super("Together AI sent an empty answer");
  }
}

/** A stream that broke off: cut, or ended by an error that the provider reports in it. */
export class TogetherStreamError extends TogetherError {
  constructor(message: string) {
    super(message, {
      retryLimit: 1,
      isModelSpecific: true,
      prefersNextModel: true,
      mayBeBilled: true,
    });
  }

  get reason(): string {
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

/** Nothing was sent: every model of the chain has failed so often lately that it is left alone. */
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

/**
 * 403 at Together means "prompt + max_tokens exceed the context", not a matter of permission; rate
 * limits hold per organisation and model. https://docs.together.ai/docs/error-codes
 */
function isModelSpecificStatus(status: number): boolean {
  return status === 403 || status === 404 || status === 429 || status >= 500;
}

/** Transport faults and overload; 429 and 503 also say "not now". */
const RETRYABLE_STATUSES = new Set([408, 429, 502, 503, 504, 524, 529]);

function retryLimitOf(status: number): number {
  if (status === 500) return 1;
  return RETRYABLE_STATUSES.has(status) ? Infinity : 0;
}

/** What became of one attempt. */
export interface Attempt {
  model: string;
  /** HTTP status; null when none arrived. */
  status: number | null;
  durationMs: number;
  /** `ok`, or the reason of the error that ended it. */
  reason: string;
  /** Tokens may have been charged without their number being known to us. */
  mayBeBilled: boolean;
  /** Nano-dollars at list prices; the most that it can have cost where `mayBeBilled`. */
  costNanoUsd: number;
}

/**
 * Of two models' failures the one to report: why one that exists did not answer, before one being
 * left alone, before one being gone. Of the same kind, the later; of two waits, the shorter.
 */
export function moreTelling(earlier: TogetherError, later: TogetherError): TogetherError {
  if (earlier instanceof TogetherUnavailableError && later instanceof TogetherUnavailableError) {
    return earlier.retryAfterMs! < later.retryAfterMs! ? earlier : later;
  }
  return tellingness(later) >= tellingness(earlier) ? later : earlier;
}

function tellingness(error: TogetherError): number {
  if (error instanceof TogetherBudgetError) return -1;
  if (error instanceof TogetherApiError && error.isModelUnavailable) return 0;
  return error instanceof TogetherUnavailableError ? 1 : 2;
}
