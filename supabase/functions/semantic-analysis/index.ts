/** Reads the environment once and puts the parts together. */

import { createRunInBackground } from "../_shared/platform/background.ts";
import { toByteBounds } from "../_shared/platform/body/body-limits.ts";
import { createByteSemaphore } from "../_shared/platform/body/byte-semaphore.ts";
import { createBadRequests } from "../_shared/platform/limits/bad-requests.ts";
import { openConnection } from "../_shared/platform/http/open-connection.ts";
import { pause } from "../_shared/platform/http/pause.ts";
import { createRateLimiter } from "../_shared/platform/limits/rate-limiter.ts";
import { startFunction } from "../_shared/platform/start-function.ts";
import { createStoredObjects } from "../_shared/platform/storage/stored-objects.ts";
import { createTogetherClient } from "../_shared/together-ai/client.ts";
import { createAnswering } from "./answer/answer.ts";
import { createHandler } from "./handler.ts";
import { createAnalyse } from "./model/analysis.ts";
import { createDoctor } from "./routes/doctor/doctor.ts";
import { createStoreFeedback } from "./routes/feedback/store-feedback.ts";
import { isPublicUrl } from "./request/picture-url.ts";
import { parseSettings } from "./settings.ts";

const started = startFunction({
  name: "semantic-analysis",
  environment: Deno.env.toObject(),
  parseSettings,
});
const { platform, settings, log, database, authenticate, serve } = started;

/** Where pictures in Storage are read. */
const storage = platform && {
  objects: createStoredObjects(platform),
  keys: platform,
  isReachable: isPublicUrl(platform.supabaseUrl),
};

const rateLimiter = database && createRateLimiter({
  database,
  projectNanoUsdPerMonth: settings?.limits.projectNanoUsdPerMonth ?? null,
  anonymousNanoUsdPerDay: settings?.limits.anonymousNanoUsdPerDay ?? null,
  ...(settings && { maxAnswers: settings.cache.maxEntries }),
});
const client = settings && createTogetherClient(settings.together);
if (settings?.isAnalysisEnabled) openConnection(settings.together.baseUrl);

export default {
  fetch: serve(createHandler({
    settings,
    authenticate,
    badRequests: createBadRequests(),
    byteSemaphore: createByteSemaphore(toByteBounds(settings?.maxImageBytes)),
    rateLimiter,
    storage,
    storeFeedback: database && createStoreFeedback({ database, pause }),
    runDoctor: createDoctor({ ...started, rateLimiter, client, storage }),
    answering: settings && rateLimiter && client && createAnswering({
      rateLimiter,
      analyse: createAnalyse({
        client,
        capabilities: settings.together.capabilities,
      }),
      ttlSeconds: settings.cache.ttlSeconds,
      runInBackground: createRunInBackground(globalThis.EdgeRuntime),
      pause,
      log,
    }),
  })),
};
