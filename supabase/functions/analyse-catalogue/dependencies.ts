/** What the routes work with. */

import type { analysePicture, FunctionsClient } from "../_shared/client/analyse-picture.ts";
import type { Authenticate } from "../_shared/platform/auth/authenticate.ts";
import type { Ready as AllOf } from "../_shared/platform/settings/ready.ts";
import type { SettingProblem } from "../_shared/platform/settings/variables.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { ReadAnalysisFacts } from "./jobs/analysis-facts.ts";
import type { Settings } from "./settings.ts";

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  problems: readonly SettingProblem[];
  authenticate: Authenticate | null;
  jobs: Jobs | null;
  /** With a project secret, to call semantic-analysis. */
  client: FunctionsClient | null;
  analyse: typeof analysePicture;
  readAnalysisFacts: ReadAnalysisFacts | null;
  /** Milliseconds on a monotonic clock. */
  now: () => number;
}

/** The same with everything there. */
export type Ready = AllOf<Dependencies>;
