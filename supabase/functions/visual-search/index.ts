/** Reads the environment once and puts the parts together. */

import { createAuthenticate } from "../_shared/platform/auth/authenticate.ts";
import { createRunInBackground } from "../_shared/platform/background.ts";
import { BYTES_IN_FLIGHT } from "../_shared/platform/body/body-limits.ts";
import { createServiceDatabase } from "../_shared/platform/database/service-database.ts";
import { createBytesInFlight } from "../_shared/platform/body/bytes-in-flight.ts";
import { createEndpoint } from "../_shared/platform/http/endpoint.ts";
import { createLog } from "../_shared/platform/log.ts";
import {
  parsePlatform,
  parsePublishableKey,
} from "../_shared/platform/settings/platform-variables.ts";
import { analysePicture } from "../_shared/client/analyse-picture.ts";
import { createSearchCatalogue } from "./search/catalogue.ts";
import { createHandler } from "./handler.ts";
import { createWriteHistory } from "./search/history.ts";
import { parseSettings } from "./settings.ts";

const environment = Deno.env.toObject();
const platform = parsePlatform(environment);
const publishableKey = parsePublishableKey(environment);
const { settings, problems } = parseSettings(environment);
const log = createLog();
if (problems) log.error("not_configured", { problems });

const project = platform && createServiceDatabase(platform.supabaseUrl, platform.databaseKey);

const endpoint = createEndpoint({
  name: "visual-search",
  handle: createHandler({
    settings,
    authenticate: platform && settings && createAuthenticate({
      ...platform,
      isAnonymousAllowed: settings.isAnonymousAllowed,
    }),
    secrets: Object.values(platform?.secretKeys ?? {}),
    bytesInFlight: createBytesInFlight(BYTES_IN_FLIGHT),
    client: project,
    analyse: analysePicture,
    searchCatalogue: platform && publishableKey !== null
      ? createSearchCatalogue({ supabaseUrl: platform.supabaseUrl, publishableKey })
      : null,
    writeHistory: project && createWriteHistory(project, log),
    runInBackground: createRunInBackground(globalThis.EdgeRuntime),
  }),
  allowedOrigins: settings?.allowedOrigins ?? "*",
  methods: "GET, POST, OPTIONS",
  log,
});

export default { fetch: endpoint };
