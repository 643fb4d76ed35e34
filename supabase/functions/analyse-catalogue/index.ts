/** Reads the environment once and puts the parts together. */

import { analysePicture } from "../_shared/client/analyse-picture.ts";
import { createOwnFunctions } from "../_shared/platform/own-functions.ts";
import { startFunction } from "../_shared/platform/start-function.ts";
import { createHandler } from "./handler.ts";
import { createReadAnalysisFacts } from "./jobs/analysis-facts.ts";
import { createJobs } from "./jobs/jobs.ts";
import { parseSettings } from "./settings.ts";

const { platform, settings, problems, database, authenticate, serve } = startFunction({
  name: "analyse-catalogue",
  environment: Deno.env.toObject(),
  parseSettings,
});

export default {
  fetch: serve(createHandler({
    settings,
    problems,
    authenticate,
    jobs: database && createJobs(database),
    client: platform && createOwnFunctions(platform),
    analyse: analysePicture,
    readAnalysisFacts: platform && createReadAnalysisFacts({
      supabaseUrl: platform.supabaseUrl,
      secretKey: platform.databaseKey,
    }),
    now: () => performance.now(),
  })),
};
