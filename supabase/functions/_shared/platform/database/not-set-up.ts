/** What PostgREST says where an operator has to act before a call can be answered. */

import { ApiError } from "../http/api-error.ts";

/** An error of PostgREST's, or what stands for one. */
interface DatabaseError {
  code?: unknown;
}

/** No such function: the migration has not been applied, or PostgREST's cache is older. */
const MISSING_FUNCTION = "PGRST202";

/** The project exposes other schemas than the one that was asked for, or none. */
const SCHEMA_NOT_EXPOSED = "PGRST106";

/** What to do about a schema that is not exposed. */
export const EXPOSE_PUBLIC =
  'Switch the Data API on and add public to its "Exposed schemas", in the project\'s settings; ' +
  "it need not be the first";

/** Whether the project exposes other schemas than public. */
export function isSchemaNotExposed({ code }: DatabaseError): boolean {
  return code === SCHEMA_NOT_EXPOSED;
}

/**
 * The error of a call that needs an operator; null for every other.
 *
 * @param owner Whose migration is missing, where it is that: such as `The search's`
 */
export function toNotConfigured(error: DatabaseError, owner: string): ApiError | null {
  const message = error.code === MISSING_FUNCTION
    ? `${owner} database migration is missing`
    : isSchemaNotExposed(error)
    ? "The project's Data API does not expose the schema public"
    : null;
  return message === null ? null : new ApiError("NOT_CONFIGURED", message, { cause: error });
}
