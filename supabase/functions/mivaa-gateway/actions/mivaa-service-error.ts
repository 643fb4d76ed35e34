import { ApiError } from "../../_shared/platform/http/api-error.ts";

/** A failure of the MIVAA service, with the place that was asked. */
export class MivaaServiceError extends ApiError {
  /** Its path, e.g. `/api/search/vector`. */
  readonly mivaaEndpoint: string;

  constructor(mivaaEndpoint: string, failure: ApiError) {
    const { code, message, details, retryAfterMs, headers, cause } = failure;
    super(code, message, { details, retryAfterMs, headers, cause });
    this.mivaaEndpoint = mivaaEndpoint;
  }
}
