/** An error as Together reports it; thrown anywhere, turned into a response in one place. */
export class TogetherError extends Error {
  override readonly name = "TogetherError";
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;

  constructor(
    status: number,
    message: string,
    { type = toErrorType(status), param = null, code = null }: {
      type?: string;
      param?: string | null;
      code?: string | null;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }
}

/** Together's error body. */
export interface ErrorBody {
  id: string;
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** Puts an error into Together's body. */
export function toErrorBody(error: TogetherError, id: string): ErrorBody {
  const { message, type, param, code } = error;
  return { id, error: { message, type, param, code } };
}

/** The error Together sends with a status when nothing more is known about it. */
export function createDefaultError(status: number): TogetherError {
  return new TogetherError(status, DEFAULT_MESSAGES[status] ?? `Answered with status "${status}"`);
}

const DEFAULT_MESSAGES: Record<number, string> = {
  400: "The request is malformed",
  401: "Invalid API key provided",
  402: "Credit limit exceeded, add credit to continue",
  403: "Input token count plus max_tokens exceeds the model's context length",
  404: "Not found",
  408: "The request timed out",
  413: "The request is too large",
  422: "Input validation error",
  429: "You have reached your rate limit for this model",
  500: "Internal server error",
  502: "Bad gateway",
  503: "The server is overloaded, try again later",
  504: "Gateway timeout",
  524: "A timeout occurred",
  529: "The server is overloaded, try again later",
};

function toErrorType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 402) return "credit_limit";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit";
  if (status === 503 || status === 529) return "overloaded_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
