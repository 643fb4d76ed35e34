/** One HTTP exchange with Together: from the connection to the last byte, inside one time limit. */

import { parseErrorCode } from "./chat-completion.ts";
import type { Effects } from "./effects.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherError,
  TogetherTimeoutError,
} from "./errors.ts";
import { parseRetryAfterMs } from "./retry.ts";

/** The body of an answer while it comes in. */
export interface IncomingBody {
  /** Pieces of the text, UTF-8 decoded, never an empty one. */
  read(): Promise<string | null>;
  /** The rest of it. */
  readAll(): Promise<string>;
  /** Starts the time limit anew: from now on this many milliseconds. */
  extend(timeoutMs: number): void;
}

export interface ExchangeOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  effects: Effects;
}

/** Some reason: without one it would be an exception, whose stack is gathered for nobody. */
const TIMER_STOPPED = "stopped";

/** More than any chat completion; a body beyond it is a fault, not an answer. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Sends one request and gives its answer to `consume`. The time limit runs until `consume` is done,
 * so that a server which stalls after its headers, or between two chunks, is a timeout as well.
 *
 * @throws {TogetherTimeoutError} when the time limit passed first.
 * @throws {TogetherConnectionError} when the connection failed at any point, or the body is too large.
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
  let timer = new AbortController();
  const limitTo = (ms: number) => {
    timer.abort(TIMER_STOPPED);
    timer = new AbortController();
    effects.sleep(ms, timer.signal)
      .then(() => controller.abort(new TogetherTimeoutError(ms)), () => {});
  };
  limitTo(timeoutMs);

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
      { hasConnected: false },
    );
    body = openBody(response, controller.signal, limitTo);
    return await consume(response, body);
  } finally {
    timer.abort(TIMER_STOPPED);
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
      const { done, value } = await lostConnection(reader.read(), signal, { hasConnected: true });
      if (done) return decoder.decode() || null;
      byteCount += value.byteLength;
      if (byteCount > MAX_RESPONSE_BYTES) {
        throw new TogetherConnectionError(new Error("Response body is too large"), {
          mayBeBilled: true,
        });
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
function lostConnection<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  { hasConnected }: { hasConnected: boolean },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const onFailure = (error: unknown) => {
      const mayBeBilled = hasConnected || !isConnectionRefused(error);
      reject(signal.aborted ? signal.reason : new TogetherConnectionError(error, { mayBeBilled }));
    };
    promise.then(resolve, onFailure).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/**
 * No byte left this machine, so nothing can have been billed. Deno 2.1 and Node put the code in different
 * places; newer versions of Deno tell none, and there it counts as sent.
 */
function isConnectionRefused(error: unknown): boolean {
  const codeOf = (value: unknown) => (value as { code?: unknown } | null | undefined)?.code;
  const cause = (error as { cause?: unknown } | null)?.cause;
  return codeOf(error) === "ECONNREFUSED" || codeOf(cause) === "ECONNREFUSED";
}

export interface SendOptions {
  /** Of the whole exchange. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Sends one request and has a 2xx answer read by `consume`.
 *
 * @throws {TogetherApiError} for any other status.
 * @throws as `exchange`.
 */
export type Send = <T>(
  path: string,
  init: RequestInit,
  consume: (response: Response, body: IncomingBody) => Promise<T>,
  options: SendOptions,
) => Promise<T>;

/** The body of a refusal holds a code at best: worth a moment, and not the deadline. */
const REFUSAL_BODY_MS = 1_000;

export function createSend(baseUrl: string, effects: Effects): Send {
  return (path, init, consume, { timeoutMs, signal }) =>
    exchange(`${baseUrl}${path}`, init, async (response, body) => {
      if (response.ok) return await consume(response, body);
      body.extend(Math.min(REFUSAL_BODY_MS, timeoutMs));
      throw new TogetherApiError(response.status, {
        code: await readErrorCode(body),
        retryAfterMs: parseRetryAfterMs(response.headers, effects.now()),
      });
    }, { timeoutMs, signal, effects });
}

/** The status has said what matters: a body that stalls, breaks off or has no end changes nothing. */
async function readErrorCode(body: IncomingBody): Promise<string | undefined> {
  try {
    return parseErrorCode(await body.readAll());
  } catch (error) {
    if (error instanceof TogetherError) return undefined;
    throw error;
  }
}
