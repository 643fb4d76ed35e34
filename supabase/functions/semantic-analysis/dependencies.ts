/** What the routes work with. */

import type { Authenticate } from "../_shared/platform/auth/authenticate.ts";
import type { ByteSemaphore } from "../_shared/platform/body/byte-semaphore.ts";
import type { BadRequests } from "../_shared/platform/limits/bad-requests.ts";
import type { Platform } from "../_shared/platform/settings/platform-variables.ts";
import type { StoredObjects } from "../_shared/platform/storage/stored-objects.ts";
import type { RateLimiter } from "../_shared/platform/limits/rate-limiter.ts";
import type { Ready as AllOf } from "../_shared/platform/settings/ready.ts";
import type { Answering } from "./answer/answer.ts";
import type { RunDoctor } from "./routes/doctor/doctor.ts";
import type { StoreFeedback } from "./routes/feedback/store-feedback.ts";
import type { Settings } from "./settings.ts";

/** Where pictures are that callers only name. */
export interface Storage {
  objects: StoredObjects;
  keys: Pick<Platform, "databaseKey" | "secretKeys">;
  /** The project's URL can be reached from outside. */
  isReachable: boolean;
}

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  authenticate: Authenticate | null;
  badRequests: BadRequests;
  byteSemaphore: ByteSemaphore;
  rateLimiter: RateLimiter | null;
  runDoctor: RunDoctor;
  answering: Answering | null;
  storage: Storage | null;
  storeFeedback: StoreFeedback | null;
}

/** The same with everything there. */
export type Ready = AllOf<Dependencies>;
