import { ApiError } from "../../_shared/platform/http/api-error.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherError,
  TogetherResponseError,
  TogetherStreamError,
  TogetherTimeoutError,
  TogetherUnavailableError,
} from "../../_shared/together-ai/errors.ts";
import type { Attempt } from "../../_shared/together-ai/spending.ts";

/**
 * Says in our codes what the provider's failure means for our caller, and whose it is. A bad key, an
 * empty account or a wrong address is the operator's business: the caller's own credentials and picture
 * are fine, so it is never a 401 or 403, nor a rejected picture.
 */
export function toUpstreamError(error: TogetherError): ApiError {
  const options = { cause: error, retryAfterMs: error.retryAfterMs };
  if (error instanceof TogetherTimeoutError) {
    return new ApiError("UPSTREAM_TIMEOUT", "The model did not answer in time", { cause: error });
  }
  if (error instanceof TogetherStreamError) {
    return new ApiError("UPSTREAM_UNAVAILABLE", FAILING, options);
  }
  if (error instanceof TogetherResponseError) {
    return error.isPage
      ? new ApiError("UPSTREAM_UNAVAILABLE", IN_FRONT, options)
      : new ApiError("UPSTREAM_INVALID_RESPONSE", "The model's answer could not be used", {
        cause: error,
      });
  }
  if (error instanceof TogetherUnavailableError) {
    // What has been failing all the time says more than that it isn't asked for now.
    const known = error.cause instanceof TogetherApiError ? toUpstreamError(error.cause) : null;
    const code = known?.code === "NOT_CONFIGURED" ? "NOT_CONFIGURED" : "UPSTREAM_UNAVAILABLE";
    const isTold = known?.code === code;
    return new ApiError(code, isTold ? known!.message : FAILING, options);
  }
  if (!(error instanceof TogetherApiError)) {
    const message = error instanceof TogetherConnectionError ? UNREACHABLE : FAILING;
    return new ApiError("UPSTREAM_UNAVAILABLE", message, options);
  }
  switch (error.kind) {
    case "model_unavailable":
      return new ApiError(
        "UPSTREAM_UNAVAILABLE",
        "None of the configured models is available at the provider",
        options,
      );
    case "too_large":
      return new ApiError("IMAGE_TOO_LARGE", "The picture is larger than the provider takes", {
        cause: error,
      });
    case "refusal":
      return new ApiError("UPSTREAM_REJECTED", "The provider rejected the picture or the request", {
        cause: error,
      });
    case "operator":
    case "account":
    case "spending":
      return toOperatorsError(error);
    case "transient":
    case "unknown":
      return error.status === 429
        ? new ApiError("UPSTREAM_RATE_LIMITED", "The provider's own limit is reached", options)
        : new ApiError("UPSTREAM_UNAVAILABLE", FAILING, options);
  }
}

function toOperatorsError(error: TogetherApiError): ApiError {
  const options = { cause: error, retryAfterMs: error.retryAfterMs };
  if (error.status === 402 || error.kind === "spending") {
    return new ApiError(
      "UPSTREAM_UNAVAILABLE",
      "This project's spending limit at the provider is reached",
      { ...options, retryAfterMs: error.retryAfterMs ?? SPEND_LIMIT_RETRY_AFTER_MS },
    );
  }
  if (error.isPage) return new ApiError("UPSTREAM_UNAVAILABLE", IN_FRONT, options);
  const message = error.status === 401 || error.kind === "account"
    ? "The provider refuses this project's key"
    : "The provider is not at the address that is set for it";
  return new ApiError("NOT_CONFIGURED", message, options);
}

const FAILING = "The model provider is failing";
const UNREACHABLE = "The model provider can't be reached";
const IN_FRONT = "Something in front of the model provider answers in its place";

/** Raised by hand, so not soon. */
const SPEND_LIMIT_RETRY_AFTER_MS = 600_000;

/** Why an operator must act, by an attempt's reason. */
const ALARMS: [reason: RegExp, alarm: string][] = [
  [/^(status_402|spending)$/, "The provider's spending limit is reached"],
  [/^(status_401|account)$/, "The provider refuses the key"],
  [/^status_(3\d\d|405|407)$/, "The provider is not at TOGETHER_BASE_URL"],
  [
    /^page_/,
    "Something in front of the provider answers in its place; see TOGETHER_BASE_URL and the key",
  ],
  [/^unreachable$/, "The provider can't be reached; see TOGETHER_BASE_URL"],
];

/**
 * Why an operator must act after these attempts; null where there is no reason. A model that is gone is
 * one only where the whole chain is.
 */
export function findProviderAlarm(attempts: readonly Attempt[]): string | null {
  const reasons = attempts.map(({ reason }) => reason);
  const alarm = ALARMS.find(([pattern]) => reasons.some((reason) => pattern.test(reason)))?.[1];
  if (alarm !== undefined) return alarm;
  const unbelieved = attempts.find((attempt) => attempt.unbelievedUsage)?.unbelievedUsage;
  if (unbelieved) {
    const { promptTokens, completionTokens } = unbelieved;
    return `The provider told a usage that can't be: ${promptTokens} and ${completionTokens} tokens`;
  }
  const isWholeChainGone = reasons.length > 0 &&
    reasons.every((reason) => reason === "model_unavailable");
  return isWholeChainGone ? "None of the configured models is available at the provider" : null;
}
