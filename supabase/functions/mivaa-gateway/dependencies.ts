/** What the routes work with. */

import type { Authenticate } from "../_shared/auth.ts";
import type { BytesInFlight } from "../_shared/http/bytes-in-flight.ts";
import type { Ready as AllOf } from "../_shared/ready.ts";
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
export type Ready = AllOf<Dependencies>;
