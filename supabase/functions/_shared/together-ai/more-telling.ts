import {
  TogetherApiError,
  TogetherBudgetError,
  type TogetherError,
  TogetherUnavailableError,
} from "./errors.ts";

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
