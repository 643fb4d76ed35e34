/** Reads the environment once and puts the parts together. */

import { createAuthenticate } from "../_shared/platform/auth/authenticate.ts";
import { BYTES_IN_FLIGHT } from "../_shared/platform/body/body-limits.ts";
import { createServiceDatabase } from "../_shared/platform/database/service-database.ts";
import { createBytesInFlight } from "../_shared/platform/body/bytes-in-flight.ts";
import { createEndpoint } from "../_shared/platform/http/endpoint.ts";
import { createLog } from "../_shared/platform/log.ts";
import { parsePlatform } from "../_shared/platform/settings/platform-variables.ts";
import { createRateLimiter } from "../_shared/platform/limits/rate-limiter.ts";
import { createTakeMinute } from "../_shared/platform/limits/take-minute.ts";
import { createGatewayAuthenticate } from "./envelope/authenticate.ts";
import { toFailure } from "./envelope/envelope.ts";
import { createHandler } from "./handler.ts";
import { parseSettings } from "./settings.ts";
import { createProbeSides } from "./actions/sides.ts";

const environment = Deno.env.toObject();
const platform = parsePlatform(environment);
const { settings, problems } = parseSettings(environment);
const log = createLog();
if (problems) log.error("not_configured", { problems });

const project = platform && createServiceDatabase(platform.supabaseUrl, platform.databaseKey);

const endpoint = createEndpoint({
  name: "mivaa-gateway",
  handle: createHandler({
    settings,
    authenticate: platform && settings && createGatewayAuthenticate(
      createAuthenticate({ ...platform, isAnonymousAllowed: settings.isAnonymousAllowed }),
      settings.gatewayKeys,
    ),
    bytesInFlight: createBytesInFlight(BYTES_IN_FLIGHT),
    takeMinute: project && settings &&
      createTakeMinute(createRateLimiter({ database: project }), settings.limits),
    client: project,
    probeSides: platform && settings && createProbeSides({
      supabaseUrl: platform.supabaseUrl,
      service: settings.service,
    }),
  }),
  allowedOrigins: settings?.allowedOrigins ?? "*",
  methods: "GET, POST, OPTIONS",
  log,
  toFailureResponse: toFailure,
});

export default { fetch: endpoint };
