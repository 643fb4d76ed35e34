import assert from "node:assert/strict";
import {
  ApiError,
  type ApiErrorCode,
} from "../../supabase/functions/_shared/platform/http/api-error.ts";

/** Asserts that `run` throws an ApiError with this code, and gives it back. */
export function assertRefused(run: () => unknown, code: ApiErrorCode): ApiError {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    return assertApiError(error, code);
  }
  return assert.fail(`Expected the code "${code}", got the value "${JSON.stringify(result)}"`);
}

/** Asserts that a promise rejects with an ApiError with this code, and gives it back. */
export async function assertRejected(
  promise: Promise<unknown>,
  code: ApiErrorCode,
): Promise<ApiError> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return assertApiError(error, code);
  }
  return assert.fail(`Expected the code "${code}", got the value "${JSON.stringify(result)}"`);
}

function assertApiError(error: unknown, code: ApiErrorCode): ApiError {
  if (!(error instanceof ApiError)) throw error;
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  return error;
}

/** The error in the body of a function's first answer, whose request id is given. */
export async function errorOf(response: Response) {
  const { error } = await response.json();
  assert.equal(error.request_id, "request-1");
  return error;
}
