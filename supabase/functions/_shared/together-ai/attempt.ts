/** One HTTP exchange with Together: from the connection to the last byte, inside one time limit. */

import { TogetherConnectionError, TogetherTimeoutError } from "./errors.ts";

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
}

/** The outside effects of the client; every one can be replaced in a test. */
export interface Effects {
  fetch: typeof fetch;
  /** Epoch milliseconds. */
  now: () => number;
  /** Resolves after `ms`; when the signal aborts, rejects with its reason and frees its timer. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Uniform in [0, 1). */
  random: () => number;
}

export interface Exchange {
  status: number;
  headers: Headers;
  /** The whole body. */
  text: string;
}

interface ExchangeOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  effects: Effects;
}

/** More than any chat completion; a body beyond it is a fault, not an answer. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Sends one request and reads the whole answer. The time limit runs until the last byte of the
 * body has been read, so that a server which stalls after its headers is a timeout as well.
 *
 * @throws {TogetherTimeoutError} when `timeoutMs` passed first.
 * @throws {TogetherConnectionError} when the connection failed at any point, or the body is too large.
 * @throws the reason of `signal`, at once, when the caller aborted.
 */
export async function exchange(
  url: string,
  init: RequestInit,
  { timeoutMs, signal, effects }: ExchangeOptions,
): Promise<Exchange> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onCallerAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onCallerAbort, { once: true });
  const timer = new AbortController();
  effects.sleep(timeoutMs, timer.signal)
    .then(() => controller.abort(new TogetherTimeoutError(timeoutMs)), () => {});

  let hasConnected = false;
  try {
    const response = await orAbort(
      // "manual" never follows a redirect (the key would travel with it), and unlike "error" it
      // shows the status instead of a TypeError that looks like a lost connection.
      effects.fetch(url, { ...init, redirect: "manual", signal: controller.signal }),
      controller.signal,
    );
    hasConnected = true;
    const text = await readText(response, controller.signal);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw new TogetherConnectionError(error, {
      mayBeBilled: hasConnected || !isConnectionRefused(error),
    });
  } finally {
    timer.abort();
    signal?.removeEventListener("abort", onCallerAbort);
  }
}

async function readText(response: Response, signal: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  try {
    while (true) {
      const { done, value } = await orAbort(reader.read(), signal);
      if (done) return text + decoder.decode();
      byteCount += value.byteLength;
      if (byteCount > MAX_RESPONSE_BYTES) throw new Error("Response body is too large");
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    // Frees the connection when reading stopped early; nothing to wait for.
    reader.cancel().catch(() => {});
  }
}

/** Settles with the promise, or rejects as soon as the signal aborts, whichever comes first. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** No byte left this machine, so nothing can have been billed. Deno and Node put the code in different places. */
function isConnectionRefused(error: unknown): boolean {
  const codeOf = (value: unknown) => (value as { code?: unknown } | null | undefined)?.code;
  const cause = (error as { cause?: unknown } | null)?.cause;
  return codeOf(error) === "ECONNREFUSED" || codeOf(cause) === "ECONNREFUSED";
}
