/** What the routes work with. */

import type { Authenticate } from "../_shared/platform/auth/authenticate.ts";
import type { RunInBackground } from "../_shared/platform/background.ts";
import type { ByteSemaphore } from "../_shared/platform/body/byte-semaphore.ts";
import type { BadRequests } from "../_shared/platform/limits/bad-requests.ts";
import type { Ready as AllOf } from "../_shared/platform/settings/ready.ts";
import type { analysePicture, FunctionsClient } from "../_shared/client/analyse-picture.ts";
import type { SearchCatalogue } from "./search/catalogue.ts";
import type { WriteHistory } from "./search/history.ts";
import type { Settings } from "./settings.ts";

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  authenticate: Authenticate | null;
  /** The project's own, to tell them from users' tokens. */
  secrets: readonly string[];
  badRequests: BadRequests;
  byteSemaphore: ByteSemaphore;
  /** With a project secret, to call semantic-analysis. */
  client: FunctionsClient | null;
  analyse: typeof analysePicture;
  searchCatalogue: SearchCatalogue | null;
  writeHistory: WriteHistory | null;
  runInBackground: RunInBackground;
}

/** The same with everything there. */
export type Ready = AllOf<Dependencies>;
