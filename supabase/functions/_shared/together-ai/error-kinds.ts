/** What a provider's status and its own codes mean for the next step; decided without its messages. */

/** What a body says about a failure beside its status. */
export interface ErrorDetails {
  /** The provider's own code, or its type where that is a short identifier; in lower case. */
  code?: string | undefined;
  /** The parameter that is refused, such as `response_format`. */
  param?: string | undefined;
  /** The body is a page of HTML, or of a 403 none in the API's form: something in front of it answers. */
  isPage?: boolean | undefined;
  retryAfterMs?: number | undefined;
  /** It came within a 2xx, so tokens may have been charged. */
  isWithinAnswer?: boolean | undefined;
}

/** `account` and `spending` are an operator's business as well, told by a code where the status says less. */
export type ApiErrorKind =
  | "model_unavailable"
  | "operator"
  | "account"
  | "spending"
  | "refusal"
  | "too_large"
  | "transient"
  | "unknown";

/** Codes that name the model … */
const NAMES_MODEL = /model|endpoint|deployment/;
/** … but for those that say what of the request it can't take. */
const NAMES_REQUEST =
  /context|length|token|input|content|image|param|size|large|limit|format|schema|logprob|reason/;

/** Codes that name what was paid, and what may be; of a 429 a quota alone may be one of a minute. */
const NAMES_SPENT =
  /billing|budget_?exceed|credit|balance|payment|arrear|overdue|unpurchased|(?:insufficient|current)_quota/;
const NAMES_SPENDING = new RegExp(`${NAMES_SPENT.source}|quota`);
/** Codes that name the key, and what it may; and another moment. */
const NAMES_ACCOUNT =
  /(?:api|expired|invalid)_?key|auth|permission|forbidden|access_?denied|account|organization|suspended|country|region|credential|service_disabled/;
const NAMES_LATER =
  /rate_?limit|too_many|overload|capacity|unavailable|server_error|internal|timeout/;

/** Transport faults and overload; 429 and 503 also say "not now". */
const TRANSIENT_STATUSES = new Set([408, 409, 423, 425, 429, 499]);

/** What an operator must see to: the key, the account, the address. */
const OPERATOR_STATUSES = new Set([401, 402, 405, 407]);

/** 403 is "prompt + max_tokens exceed the context" at Together. */
const REFUSAL_STATUSES = new Set([400, 403, 422]);

/** Statuses under which servers tell anything, so that a code says more. */
const BROAD_STATUSES = new Set([...REFUSAL_STATUSES, 412, 413]);

/** What an answer other than 2xx is. */
export function toErrorKind(
  status: number,
  { code = "", param, isPage }: ErrorDetails,
): ApiErrorKind {
  if (status < 400) return "operator";
  if (status === 404 || status === 410) return "model_unavailable";
  if (status === 429 && NAMES_SPENT.test(code)) return "spending";
  if (status >= 500 || TRANSIENT_STATUSES.has(status)) return "transient";
  // What is in front of the provider takes no such body, and a smaller picture passes.
  if (isPage && status === 413) return "too_large";
  if (isPage || OPERATOR_STATUSES.has(status)) return "operator";
  if (param === "model" || NAMES_MODEL.test(code) && !NAMES_REQUEST.test(code)) {
    return "model_unavailable";
  }
  if (BROAD_STATUSES.has(status)) {
    if (NAMES_LATER.test(code)) return "transient";
    if (NAMES_SPENDING.test(code)) return "spending";
    if (NAMES_ACCOUNT.test(code)) return "account";
  }
  if (status === 413) return "too_large";
  return REFUSAL_STATUSES.has(status) ? "refusal" : "unknown";
}
