import { parseErrorCode } from "./chat-completion.ts";
import type { Effects } from "./effects.ts";
import { TogetherApiError, TogetherError } from "./errors.ts";
import { exchange, type IncomingBody } from "./exchange.ts";
import { parseRetryAfterMs } from "./retry.ts";

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
