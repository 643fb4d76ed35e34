/** Reads the environment once and puts the parts together. */

import { createAuthenticate } from "../_shared/auth.ts";
import { createServiceDatabase } from "../_shared/database.ts";
import { parsePlatform, parseSettings } from "../_shared/env.ts";
import { createEndpoint } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/log.ts";
import { createRateLimiter } from "../_shared/rate-limiter.ts";
import { createTogetherClient } from "../_shared/together-ai/client.ts";
import { createAnalyse } from "./analysis.ts";
import { createHandler } from "./handler.ts";

const environment = Deno.env.toObject();
const platform = parsePlatform(environment);
const { settings, problems } = parseSettings(environment);
const log = createLog();
if (problems) log.error("not_configured", { problems });

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
    rateLimiter: platform && createRateLimiter({
      database: createServiceDatabase(platform.supabaseUrl, platform.databaseKey),
    }),
    client,
    analyse: settings && client && createAnalyse({
      client,
      preferredModel: settings.together.models[0],
      maxTokens: settings.together.maxTokens,
    }),
  }),
  allowedOrigins: settings?.allowedOrigins ?? "*",
  methods: "GET, POST, OPTIONS",
  log,
});

export default { fetch: endpoint };
