/** Reads the environment once and puts the parts together. */

import { createAuthenticate } from "../_shared/platform/auth/authenticate.ts";
import { createRunInBackground } from "../_shared/platform/background.ts";
import { BYTES_IN_FLIGHT } from "../_shared/platform/body/body-limits.ts";
import { createServiceDatabase } from "../_shared/platform/database/service-database.ts";
import { createBytesInFlight } from "../_shared/platform/body/bytes-in-flight.ts";
import { createEndpoint } from "../_shared/platform/http/endpoint.ts";
import { pause } from "../_shared/platform/http/pause.ts";
import { createLog } from "../_shared/platform/log.ts";
import { parsePlatform } from "../_shared/platform/settings/platform-variables.ts";
import { createRateLimiter } from "../_shared/platform/limits/rate-limiter.ts";
import { createTogetherClient } from "../_shared/together-ai/client.ts";
import { createAnalyse } from "./model/analysis.ts";
import { createHandler } from "./handler.ts";
import { createAnswering } from "./answer/answer.ts";
import { parseSettings } from "./settings.ts";

const environment = Deno.env.toObject();
const platform = parsePlatform(environment);
const { settings, problems } = parseSettings(environment);
const log = createLog();
if (problems) log.error("not_configured", { problems });

const rateLimiter = platform && createRateLimiter({
  database: createServiceDatabase(platform.supabaseUrl, platform.databaseKey),
  projectNanoUsdPerMonth: settings?.limits.projectNanoUsdPerMonth ?? null,
  ...(settings && { maxAnswers: settings.cache.maxEntries }),
});
const client = settings && createTogetherClient(settings.together);

const endpoint = createEndpoint({
  name: "semantic-analysis",
  handle: createHandler({
    settings,
    problems: problems ?? [],
    authenticate: platform && createAuthenticate({
      ...platform,
      isAnonymousAllowed: settings?.isAnonymousAllowed ?? false,
    }),
    bytesInFlight: createBytesInFlight(BYTES_IN_FLIGHT),
    rateLimiter,
    client,
    answering: settings && rateLimiter && client && createAnswering({
      rateLimiter,
      analyse: createAnalyse({ client, preferredModel: settings.together.models[0] }),
      ttlSeconds: settings.cache.ttlSeconds,
      runInBackground: createRunInBackground(globalThis.EdgeRuntime),
      sleep: pause,
      log,
    }),
  }),
  allowedOrigins: settings?.allowedOrigins ?? "*",
  methods: "GET, POST, OPTIONS",
  log,
});

export default { fetch: endpoint };
