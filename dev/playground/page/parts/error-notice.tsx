import { useSignal } from "@preact/signals";
import { isAuthError } from "@supabase/supabase-js";
import { useEffect } from "preact/hooks";
import {
  describeError,
  SemanticAnalysisError,
} from "../../../../supabase/functions/_shared/client/client.ts";
import { describeAuthError } from "../project/session.ts";
import { isFinal } from "./is-final.ts";

/** An error as an app tells it to a person, with what a developer wants to know of it below. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div class="notice is-error" role="alert">
      <p class="notice-text">{describe(error)}</p>
      {onRetry && !isFinal(error) && <Retry waitMs={toWaitMs(error)} onRetry={onRetry} />}
      <details class="disclosure">
        <summary>What the app was told</summary>
        <ErrorFacts error={error} />
      </details>
    </div>
  );
}

/** The client's words for an error; of a sign-in that failed, why it did. */
function describe(error: unknown): string {
  const cause = error instanceof SemanticAnalysisError ? error.cause : undefined;
  return isAuthError(cause) ? describeAuthError(cause) : describeError(error);
}

/** Code, status, request id and details of an error. */
function ErrorFacts({ error }: { error: unknown }) {
  if (!(error instanceof SemanticAnalysisError)) {
    return (
      <p>
        <code>{String(error)}</code>
      </p>
    );
  }
  const { code, status, requestId, details, message, retryAfterMs } = error;
  const facts: [term: string, value: string | null][] = [
    ["code", code],
    ["status", status === null ? null : String(status)],
    ["message", message],
    ["details", details && JSON.stringify(details)],
    ["retry after", retryAfterMs === null ? null : `${Math.ceil(retryAfterMs / 1_000)} s`],
    ["request id", requestId],
  ];
  return (
    <dl class="facts is-code">
      {facts.map(([term, value]) =>
        value !== null && (
          <div>
            <dt>{term}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        )
      )}
    </dl>
  );
}

function toWaitMs(error: unknown): number {
  return error instanceof SemanticAnalysisError ? error.retryAfterMs ?? 0 : 0;
}

/** The way to try again, once the wait that the error names is over. */
function Retry({ waitMs, onRetry }: { waitMs: number; onRetry: () => void }) {
  const leftSeconds = useSignal(Math.ceil(waitMs / 1_000));
  useEffect(() => {
    const timer = setInterval(() => {
      leftSeconds.value = Math.max(0, leftSeconds.value - 1);
      if (leftSeconds.value === 0) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  const isLong = leftSeconds.value > 90;
  if (isLong) return null;
  return (
    <button
      class="button is-small"
      type="button"
      disabled={leftSeconds.value > 0}
      onClick={onRetry}
    >
      {leftSeconds.value > 0 ? `Try again in ${leftSeconds.value} s` : "Try again"}
    </button>
  );
}
