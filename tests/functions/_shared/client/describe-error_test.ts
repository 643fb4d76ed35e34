import assert from "node:assert/strict";
import { describeError } from "../../../../supabase/functions/_shared/client/describe-error.ts";
import {
  ERROR_CODES,
  type FunctionErrorCode,
  SemanticAnalysisError,
} from "../../../../supabase/functions/_shared/client/errors.ts";
import {
  type ApiErrorCode,
  isApiErrorCode,
} from "../../../../supabase/functions/_shared/platform/http/api-error.ts";

const describe = (
  code: string,
  options: Partial<ConstructorParameters<typeof SemanticAnalysisError>[1]> = {},
) => describeError(new SemanticAnalysisError("As the function says it", { ...options, code }));

Deno.test("describeError() has a sentence for each code, without our names in it", () => {
  for (const code of ERROR_CODES) {
    const text = describe(code);
    assert.match(text, /^[A-Z].+[.!]$|^As the function says it$/, code);
    assert.doesNotMatch(text, /[A-Z]{2,}_|semantic-analysis|null|undefined|NaN|\d{3} /, code);
    assert.doesNotMatch(describe(code, { retryAfterMs: 1 }), /null|undefined|NaN/, code);
  }
});

Deno.test("describeError() says for a limit which one it is, and when it is over", () => {
  const cases: [limit: string, retryAfterMs: number | null, text: RegExp][] = [
    ["minute", 2_100, /in a short time.+in 3 seconds\.$/],
    ["concurrent", 900, /at once.+in 1 second\.$/],
    ["day", 36_000_000, /for today.+in 10 hours\.$/],
    ["month", 172_800_001, /this month.+in 3 days\.$/],
    ["project_month", null, /All that may be spent.+Try again later\.$/],
    ["search_minute", 900, /^That was a lot of searches in a short time\..+in 1 second\.$/],
    ["new_limit", 120_000, /in 2 minutes\.$/],
  ];
  for (const [limit, retryAfterMs, text] of cases) {
    assert.match(describe("RATE_LIMITED", { details: { limit }, retryAfterMs }), text);
  }
});

Deno.test("describeError() tells the size that is allowed in MB", () => {
  const details = { max_image_bytes: 6 * 2 ** 20 };
  assert.match(describe("IMAGE_TOO_LARGE", { details }), /at most 6 MB/);
  assert.match(describe("IMAGE_TOO_LARGE"), /too large\. Make it smaller/);
});

Deno.test("describeError() takes an app's own words first", () => {
  const messages = {
    ABORTED: "Abgebrochen.",
    RATE_LIMITED: ({ retryAfterMs }: SemanticAnalysisError) => `Noch ${retryAfterMs} ms.`,
  };
  const describe = (code: string) =>
    describeError(new SemanticAnalysisError("", { code, retryAfterMs: 5 }), { messages });
  assert.equal(describe("ABORTED"), "Abgebrochen.");
  assert.equal(describe("RATE_LIMITED"), "Noch 5 ms.");
  assert.match(describe("UNAUTHORIZED"), /^Sign in/);
});

Deno.test("describeError() tells anything else that was thrown as a bug, without its text", () => {
  for (const thrown of [new TypeError("x is not a function"), "text", null, undefined]) {
    assert.equal(describeError(thrown), describe("INTERNAL"));
  }
});

Deno.test("SemanticAnalysisError: a code that is not known becomes UNKNOWN_ERROR", () => {
  const error = new SemanticAnalysisError("A newer one", { code: "BRAND_NEW", status: 409 });
  assert.deepEqual([error.code, error.status], ["UNKNOWN_ERROR", 409]);
  assert.equal(describeError(error), "A newer one");
});

/** Those of the gateway's envelope reach no caller of semantic-analysis. */
type Unknown = Exclude<ApiErrorCode, FunctionErrorCode | "INVALID_REQUEST_BODY" | "MISSING_ACTION">;

Deno.test("ERROR_CODES names every code that the functions send", () => {
  // A code of the functions that the client lacks makes this line fail to compile.
  const isComplete: [Unknown] extends [never] ? true : Unknown = true;
  assert.ok(isComplete);
  const known: readonly string[] = ERROR_CODES;
  assert.ok(known.filter(isApiErrorCode).length > 15);
});
