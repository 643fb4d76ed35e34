import { ApiError } from "./api-error.ts";

/** A request with wrong fields. @param details Path of each → its problem. */
export function invalidRequest(details: Record<string, string>): ApiError {
  const problems = Object.entries(details).map(([path, problem]) => `${path} ${problem}`);
  return new ApiError("INVALID_REQUEST", `The request is not valid: ${problems.join("; ")}`, {
    details,
  });
}
