import { ApiError } from "../_shared/http/api-error.ts";

/** @param details Path of each wrong field → its problem. */
export function invalidRequest(details: Record<string, string>): ApiError {
  const problems = Object.entries(details).map(([path, problem]) => `${path} ${problem}`);
  return new ApiError("INVALID_REQUEST", `The request is not valid: ${problems.join("; ")}`, {
    details,
  });
}
