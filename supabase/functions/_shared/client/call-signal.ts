/** The end of a call's time: the caller's own signal, or `timeoutMs`. */

import type { AnalysePictureOptions } from "./call-options.ts";
import type { SemanticAnalysisError } from "./errors.ts";
import { callError } from "./read-error.ts";

export interface CallSignal {
  signal: AbortSignal;
  /** Settles as the promise does, or rejects once the signal has aborted. @throws as `check` */
  race<T>(promise: Promise<T>): Promise<T>;
  /** @throws {SemanticAnalysisError} ABORTED or TIMEOUT, once the signal has aborted. */
  check(): void;
  /** Lets go of the caller's signal and of the timer. */
  release(): void;
}

/**
 * Combines the two by hand: supabase-js (2.119.1) forgets its `timeout` beside a signal that has
 * aborted already, and waits for a session before it looks at a signal at all.
 */
export function createCallSignal({ signal, timeoutMs }: AnalysePictureOptions): CallSignal {
  const controller = new AbortController();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  let failure: SemanticAnalysisError | null = null;
  const end = (error: SemanticAnalysisError) => {
    failure ??= error;
    aborted.reject(failure);
    controller.abort(failure);
  };
  const onAbort = () =>
    end(callError("ABORTED", "The call was aborted by its caller", { cause: signal?.reason }));
  const onTimeout = () =>
    end(callError("TIMEOUT", `semantic-analysis did not answer within "${timeoutMs}" ms`));

  if (signal?.aborted) onAbort();
  else if (timeoutMs !== undefined && timeoutMs <= 0) onTimeout();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeoutMs === undefined || failure ? undefined : setTimeout(onTimeout, timeoutMs);
  return {
    signal: controller.signal,
    race: (promise) => Promise.race([aborted.promise, promise]),
    check() {
      if (failure) throw failure;
    },
    release() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}
