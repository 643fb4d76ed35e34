/** Reads the environment once and puts the parts together. */

import { createRunInBackground } from "../_shared/platform/background.ts";
import { toByteBounds } from "../_shared/platform/body/body-limits.ts";
import { createByteSemaphore } from "../_shared/platform/body/byte-semaphore.ts";
import { createBadRequests } from "../_shared/platform/limits/bad-requests.ts";
import { parsePublishableKey } from "../_shared/platform/settings/platform-variables.ts";
import { createOwnFunctions } from "../_shared/platform/own-functions.ts";
import { startFunction } from "../_shared/platform/start-function.ts";
import { analysePicture } from "../_shared/client/analyse-picture.ts";
import { createHandler } from "./handler.ts";
import { createSearchCatalogue } from "./search/catalogue.ts";
import { createWriteHistory } from "./search/history.ts";
import { parseSettings } from "./settings.ts";

const environment = Deno.env.toObject();
const publishableKey = parsePublishableKey(environment);
const { platform, settings, log, database, authenticate, serve } = startFunction({
  name: "visual-search",
  environment,
  parseSettings,
});

export default {
  fetch: serve(createHandler({
    settings,
    authenticate,
    secrets: Object.values(platform?.secretKeys ?? {}),
    badRequests: createBadRequests(),
    byteSemaphore: createByteSemaphore(toByteBounds(settings?.maxImageBytes)),
    client: platform && createOwnFunctions(platform),
    analyse: analysePicture,
    searchCatalogue: platform && publishableKey !== null
      ? createSearchCatalogue({ supabaseUrl: platform.supabaseUrl, publishableKey })
      : null,
    writeHistory: database && createWriteHistory(database, log),
    runInBackground: createRunInBackground(globalThis.EdgeRuntime),
  })),
};
