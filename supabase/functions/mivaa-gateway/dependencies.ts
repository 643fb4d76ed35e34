/** What the routes work with. */

import type { Authenticate } from "../_shared/platform/auth/authenticate.ts";
import type { ByteSemaphore } from "../_shared/platform/body/byte-semaphore.ts";
import type { StartTimer } from "../_shared/platform/http/time-limit.ts";
import type { Ready as AllOf } from "../_shared/platform/settings/ready.ts";
import type { FunctionsClient } from "../_shared/client/analyse-picture.ts";
import type { BadRequests } from "../_shared/platform/limits/bad-requests.ts";
import type { TakeMinute } from "../_shared/platform/limits/take-minute.ts";
import type { Settings } from "./settings.ts";
import type { ProbeSides } from "./actions/sides.ts";

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  authenticate: Authenticate | null;
  badRequests: BadRequests;
  byteSemaphore: ByteSemaphore;
  takeMinute: TakeMinute | null;
  /** With a project secret. */
  client: FunctionsClient | null;
  probeSides: ProbeSides | null;
  /** For the MIVAA service. Default `globalThis.fetch`. */
  fetch?: typeof globalThis.fetch;
  /** For the time limit on the MIVAA service. Default `startTimer`. */
  startTimer?: StartTimer;
}

/** The same with everything there. */
export type Ready = AllOf<Dependencies>;
