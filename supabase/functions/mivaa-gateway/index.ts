/** Reads the environment once and puts the parts together. */

import { toByteBounds } from "../_shared/platform/body/body-limits.ts";
import { createByteSemaphore } from "../_shared/platform/body/byte-semaphore.ts";
import { createBadRequests } from "../_shared/platform/limits/bad-requests.ts";
import { createRateLimiter } from "../_shared/platform/limits/rate-limiter.ts";
import { createTakeMinute } from "../_shared/platform/limits/take-minute.ts";
import { createOwnFunctions } from "../_shared/platform/own-functions.ts";
import { startFunction } from "../_shared/platform/start-function.ts";
import { createProbeSides } from "./actions/sides.ts";
import { createGatewayAuthenticate } from "./envelope/authenticate.ts";
import { toFailure } from "./envelope/envelope.ts";
import { createHandler } from "./handler.ts";
import { parseSettings } from "./settings.ts";

const { platform, settings, database, authenticate, serve } = startFunction({
  name: "mivaa-gateway",
  environment: Deno.env.toObject(),
  parseSettings,
});

export default {
  fetch: serve(
    createHandler({
      settings,
      authenticate: authenticate && settings &&
        createGatewayAuthenticate(authenticate, settings.gatewayKeys),
      badRequests: createBadRequests(),
      byteSemaphore: createByteSemaphore(toByteBounds(settings?.maxImageBytes)),
      takeMinute: database && settings &&
        createTakeMinute(createRateLimiter({ database }), settings.limits),
      client: platform && createOwnFunctions(platform),
      probeSides: platform && settings && createProbeSides({
        supabaseUrl: platform.supabaseUrl,
        service: settings.service,
      }),
    }),
    { toFailureResponse: toFailure },
  ),
};
