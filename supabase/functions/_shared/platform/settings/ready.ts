/** Whether a function has everything it needs to work. */

import { ApiError } from "../http/api-error.ts";

/** The same with nothing missing. */
export type Ready<Dependencies> = {
  [Key in keyof Dependencies]: NonNullable<Dependencies[Key]>;
};

/** Whether none of them is null, which stands for what the configuration doesn't allow for. */
export function isReady<Dependencies extends object>(
  dependencies: Dependencies,
): dependencies is Dependencies & Ready<Dependencies> {
  return Object.values(dependencies).every((dependency) => dependency !== null);
}

/**
 * @param name What is not configured, for the message.
 * @throws {ApiError} NOT_CONFIGURED when something is missing.
 */
export function requireReady<Dependencies extends object>(
  dependencies: Dependencies,
  name: string,
): Dependencies & Ready<Dependencies> {
  if (isReady(dependencies)) return dependencies;
  throw new ApiError(
    "NOT_CONFIGURED",
    `${name} is not configured; the log names what an operator must set`,
  );
}
