/** What the routes work with. */

import type { Authenticate } from "../_shared/auth.ts";
import { ApiError } from "../_shared/http/api-error.ts";
import type { BytesInFlight } from "../_shared/http/bytes-in-flight.ts";
import type { FunctionsClient } from "../_shared/semantic-analysis/analyse-picture.ts";
import type { TakeMinute } from "../_shared/take-minute.ts";
import type { Settings } from "./settings.ts";
import type { ProbeSides } from "./sides.ts";

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  authenticate: Authenticate | null;
  bytesInFlight: BytesInFlight;
  takeMinute: TakeMinute | null;
  /** With a project secret. */
  client: FunctionsClient | null;
  probeSides: ProbeSides | null;
  /** For the MIVAA service. Default `globalThis.fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** The same with everything there. */
export type Ready = { [Key in keyof Dependencies]: NonNullable<Dependencies[Key]> };

export function isReady(dependencies: Dependencies): dependencies is Ready {
  return Object.values(dependencies).every((dependency) => dependency !== null);
}

/** @throws {ApiError} NOT_CONFIGURED when something is missing. */
export function requireReady(dependencies: Dependencies): Ready {
  if (isReady(dependencies)) return dependencies;
  throw new ApiError(
    "NOT_CONFIGURED",
    "The gateway is not configured; its log names what an operator must set",
  );
}
