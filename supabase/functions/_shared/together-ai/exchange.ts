/** One HTTP exchange with the provider: from the connection to the last byte, inside one time limit. */

import { parseErrorDetails } from "./completion/completion.ts";
import type { ErrorDetails } from "./error-kinds.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherError,
  TogetherStreamError,
  TogetherTimeoutError,
} from "./errors.ts";
import { parseRetryAfterMs } from "./retry.ts";

/** The outside effects of the client; every one can be replaced in a test. */
export interface Effects {
  fetch: typeof fetch;
  /** Epoch milliseconds. */
  now: () => number;
  /** Resolves after `ms`; when the signal aborts, rejects with its reason and frees its timer. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Calls `end` after `ms`, unless what it returns is called before. */
  startTimer: (ms: number, end: () => void) => () => void;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** The real ones, but for those that are given. */
export function toEffects(effects: Partial<Effects> = {}): Effects {
  return {
    fetch: globalThis.fetch,
    now: Date.now,
    sleep,
    startTimer,
    random: Math.random,
    ...effects,
  };
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

function startTimer(ms: number, end: () => void): () => void {
  const timer = setTimeout(end, ms);
  return () => clearTimeout(timer);
}

/** The body of a response while it comes in. */
export interface IncomingBody {
  /** Pieces of the text, UTF-8 decoded, never an empty one. */
  read(): Promise<string | null>;
  /** The rest of it. */
  readAll(): Promise<string>;
  /** Starts the time limit anew: from now on this many milliseconds. */
  extend(timeoutMs: number): void;
}

/** The time limit of an exchange, and its outside effects. */
export interface ExchangeOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  effects: Effects;
}

/** More than any chat completion; a body beyond it is a fault. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Sends one request and gives its response to `consume`. The time limit runs until `consume` is done,
 * so that a server which stalls after its headers, or between two chunks, is a timeout as well.
 *
 * @throws {TogetherTimeoutError} when the time limit passed first.
 * @throws {TogetherConnectionError} when the connection failed at any point.
 * @throws {TogetherStreamError} when the body is too large.
 * @throws the reason of `signal`, at once, when the caller aborted; or what `consume` throws.
 */
export async function exchange<T>(
  url: string,
  init: RequestInit,
  consume: (response: Response, body: IncomingBody) => Promise<T>,
  { timeoutMs, signal, effects }: ExchangeOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onCallerAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onCallerAbort, { once: true });
  const startLimit = (ms: number) =>
    effects.startTimer(ms, () => controller.abort(new TogetherTimeoutError(ms)));
  let stopTimer = startLimit(timeoutMs);
  const limitTo = (ms: number) => {
    stopTimer();
    stopTimer = startLimit(ms);
  };

  let response: Response | undefined;
  let body: ReturnType<typeof openBody> | undefined;
  try {
    response = await lostConnection(
      effects.fetch(url, {
        ...init,
        // "manual" never follows a redirect (the key would travel with it), and unlike "error" it
        // shows the status instead of a TypeError that looks like a lost connection.
        redirect: "manual",
        signal: controller.signal,
      }),
      controller.signal,
    );
    body = openBody(response, controller.signal, limitTo);
    return await consume(response, body);
  } finally {
    stopTimer();
    // Frees the connection when reading stopped early; nothing to wait for.
    body?.cancel();
    signal?.removeEventListener("abort", onCallerAbort);
  }
}

function openBody(response: Response, signal: AbortSignal, extend: (timeoutMs: number) => void) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let byteCount = 0;

  async function read(): Promise<string | null> {
    while (reader !== undefined) {
      const { done, value } = await lostConnection(reader.read(), signal);
      if (done) return decoder.decode() || null;
      byteCount += value.byteLength;
      if (byteCount > MAX_RESPONSE_BYTES) {
        throw new TogetherStreamError("The provider sent more than any completion");
      }
      const text = decoder.decode(value, { stream: true });
      if (text !== "") return text;
    }
    return null;
  }

  return {
    read,
    async readAll() {
      let text = "";
      for (let part = await read(); part !== null; part = await read()) text += part;
      return text;
    },
    extend,
    cancel: () => reader?.cancel().catch(() => {}),
  };
}

/**
 * Settles with the promise, or rejects with the signal's reason as soon as it aborts, whichever
 * comes first; any other rejection is a lost connection.
 */
function lostConnection<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const onFailure = (error: unknown) => {
      const isUnreachable = isNeverConnected(error);
      reject(
        signal.aborted ? signal.reason : new TogetherConnectionError(error, { isUnreachable }),
      );
    };
    promise.then(resolve, onFailure).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** System calls that fail before a byte of the request has left. */
const NEVER_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH"]);

/**
 * Nothing was sent, so nothing can be billed: refused, unknown host, or no TLS. Deno 2.1 and Node tell a
 * code for some of it, in different places. Newer Deno tells none at all: there, and for TLS, the phase
 * is only in the words of the HTTP library below `fetch` ("client error (Connect)"), which a test on both
 * levels holds to account.
 */
function isNeverConnected(error: unknown): boolean {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return [error, cause].some((each) => {
    const { code, message } = (each ?? {}) as { code?: unknown; message?: unknown };
    return NEVER_CONNECTED.has(String(code)) || String(message).includes("client error (Connect)");
  });
}

/**
 * Sends one request and has a 2xx response read by `consume`.
 *
 * @throws {TogetherApiError} for any other status.
 * @throws as `exchange`.
 */
export type Send = <T>(
  path: string,
  init: RequestInit,
  consume: (body: IncomingBody) => Promise<T>,
  options: Omit<ExchangeOptions, "effects">,
) => Promise<T>;

/** The body of a refusal holds a code at best: worth a moment, and not the deadline. */
const REFUSAL_BODY_MS = 1_000;

/**
 * Sends to paths below a base URL.
 *
 * @throws {TogetherApiError} from `send`, for a response that is not 2xx
 */
export function createSend(baseUrl: string, effects: Effects): Send {
  return (path, init, consume, { timeoutMs, signal }) =>
    exchange(`${baseUrl}${path}`, init, async (response, body) => {
      if (response.ok) return await consume(body);
      body.extend(Math.min(REFUSAL_BODY_MS, timeoutMs));
      throw new TogetherApiError(response.status, {
        ...await readErrorDetails(response.status, body),
        retryAfterMs: parseRetryAfterMs(response.headers, effects.now()),
      });
    }, { timeoutMs, signal, effects });
}

/** The status has said what matters: a body that stalls, breaks off or has no end changes nothing. */
async function readErrorDetails(status: number, body: IncomingBody): Promise<ErrorDetails> {
  try {
    return parseErrorDetails(await body.readAll(), status);
  } catch (error) {
    if (error instanceof TogetherError) return {};
    throw error;
  }
}
