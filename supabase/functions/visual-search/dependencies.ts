/** What the routes work with. */

import type { Authenticate } from "../_shared/auth.ts";
import type { RunInBackground } from "../_shared/background.ts";
import type { BytesInFlight } from "../_shared/http/bytes-in-flight.ts";
import type { Ready as AllOf } from "../_shared/ready.ts";
import type {
  analysePicture,
  FunctionsClient,
} from "../_shared/semantic-analysis/analyse-picture.ts";
import type { SearchCatalogue } from "./catalogue.ts";
import type { WriteHistory } from "./history.ts";
import type { Settings } from "./settings.ts";

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  authenticate: Authenticate | null;
  /** The project's own, to tell them from users' tokens. */
  secrets: readonly string[];
  bytesInFlight: BytesInFlight;
  /** With a project secret, to call semantic-analysis. */
  client: FunctionsClient | null;
  analyse: typeof analysePicture;
  searchCatalogue: SearchCatalogue | null;
  writeHistory: WriteHistory | null;
  runInBackground: RunInBackground;
}

/** The same with everything there. */
export type Ready = AllOf<Dependencies>;
