import { ApiError } from "../../_shared/platform/http/api-error.ts";
import {
  TogetherApiError,
  TogetherError,
  TogetherResponseError,
  TogetherTimeoutError,
  TogetherUnavailableError,
} from "../../_shared/together-ai/errors.ts";

/**
 * Says in our codes what the provider's failure means for our caller. A bad key or an empty account
 * is the operator's business: our caller's own credentials are fine, so it is never a 401 or 403.
 */
export function toUpstreamError(error: TogetherError): ApiError {
  const options = { cause: error, retryAfterMs: error.retryAfterMs };
  if (error instanceof TogetherTimeoutError) {
    return new ApiError("UPSTREAM_TIMEOUT", "The model did not answer in time", { cause: error });
  }
  if (error instanceof TogetherResponseError) {
    return new ApiError("UPSTREAM_INVALID_RESPONSE", "The model's answer could not be used", {
      cause: error,
    });
  }
  if (error instanceof TogetherUnavailableError) {
    // What has been failing all the time says more than that it isn't asked for now.
    const known = error.cause instanceof TogetherApiError ? toUpstreamError(error.cause) : null;
    const message = known?.code === "UPSTREAM_UNAVAILABLE" ? known.message : FAILING;
    return new ApiError("UPSTREAM_UNAVAILABLE", message, options);
  }
  if (!(error instanceof TogetherApiError)) {
    return new ApiError("UPSTREAM_UNAVAILABLE", "The model provider can't be reached", options);
  }
  if (error.isModelUnavailable) {
    return new ApiError(
      "UPSTREAM_UNAVAILABLE",
      "None of the configured models is available at the provider",
      options,
    );
  }
  switch (error.status) {
    case 401:
      return new ApiError("NOT_CONFIGURED", "The provider refuses this project's key", options);
    case 402:
      return new ApiError(
        "UPSTREAM_UNAVAILABLE",
        "This project's spending limit at the provider is reached",
        { ...options, retryAfterMs: error.retryAfterMs ?? SPEND_LIMIT_RETRY_AFTER_MS },
      );
    case 403:
      return new ApiError(
        "UPSTREAM_REJECTED",
        "The picture, the prompt and max_tokens together are more than the model takes",
        { cause: error },
      );
    case 413:
      return new ApiError("IMAGE_TOO_LARGE", "The image is larger than the provider takes", {
        cause: error,
      });
    case 429:
      return new ApiError("UPSTREAM_RATE_LIMITED", "The provider's own limit is reached", options);
  }
  return error.status >= 500 || error.isRetryable
    ? new ApiError("UPSTREAM_UNAVAILABLE", FAILING, options)
    : new ApiError("UPSTREAM_REJECTED", "The provider rejected the picture or the request", {
      cause: error,
    });
}

const FAILING = "The model provider is failing";

/** Raised by hand, so not soon. */
const SPEND_LIMIT_RETRY_AFTER_MS = 600_000;
