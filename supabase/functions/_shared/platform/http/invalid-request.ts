import { ApiError } from "./api-error.ts";

/** A body may have a problem in each of its bytes; a person reads few. */
const MAX_PROBLEMS = 20;
const MAX_NAME_LENGTH = 100;
const MAX_PROBLEM_LENGTH = 300;

/**
 * A request with wrong fields. Of many, twenty are told, each cut to a length that a person reads.
 *
 * @param details Path of each → its problem.
 */
export function invalidRequest(details: Record<string, string>): ApiError {
  const entries = Object.entries(details);
  const told = entries.slice(0, MAX_PROBLEMS).map(([path, problem]) =>
    [cut(path, MAX_NAME_LENGTH), cut(problem, MAX_PROBLEM_LENGTH)] as const
  );
  const list = told.map(([path, problem]) => `${path} ${problem}`).join("; ");
  const rest = entries.length - told.length;
  const more = rest > 0 ? `; and ${rest} more problems` : "";
  return new ApiError("INVALID_REQUEST", `The request is not valid: ${list}${more}`, {
    details: Object.fromEntries(told),
  });
}

/** The same with what a schema found wrong. */
export function invalidFields(
  { issues }: { issues: readonly { path: readonly PropertyKey[]; message: string }[] },
): ApiError {
  return invalidRequest(
    Object.fromEntries(issues.map(({ path, message }) => [path.join("."), message])),
  );
}

/** Not within a character of two code units. */
function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
