/** The whole function in process: everything real but the caller, the database and Together. */
import type { Caller } from "../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { parseSettings } from "../../supabase/functions/semantic-analysis/settings.ts";
import { ApiError } from "../../supabase/functions/_shared/platform/http/api-error.ts";
import { createByteSemaphore } from "../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { createBadRequests } from "../../supabase/functions/_shared/platform/limits/bad-requests.ts";
import { createEndpoint } from "../../supabase/functions/_shared/platform/http/endpoint.ts";
import type { Log } from "../../supabase/functions/_shared/platform/log.ts";
import type { AwaitedAnswer } from "../../supabase/functions/_shared/platform/limits/decisions.ts";
import type { StoredObjects } from "../../supabase/functions/_shared/platform/storage/stored-objects.ts";
import { createTogetherClient } from "../../supabase/functions/_shared/together-ai/client.ts";
import { createAnalyse } from "../../supabase/functions/semantic-analysis/model/analysis.ts";
import { createAnswering } from "../../supabase/functions/semantic-analysis/answer/answer.ts";
import { createDoctor } from "../../supabase/functions/semantic-analysis/routes/doctor/doctor.ts";
import type { StoreFeedback } from "../../supabase/functions/semantic-analysis/routes/feedback/store-feedback.ts";
import { createHandler } from "../../supabase/functions/semantic-analysis/handler.ts";
import { watch } from "./watched-fetch.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeLimiter, type Decision, LEAD } from "./fake-limiter.ts";
import { type Answer, createFakeTogether, OAK, saying } from "./fake-together.ts";

/** A 3 × 3 GIF. */
export const IMAGE = "R0lGODlhAwADAIAAAExpcaBQICH5BAUAAAAALAAAAAADAAMAAAIDjH8FADs=";

/** The first model of the chain where the settings name none. */
export const DEFAULT_MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo";

/** A signed-in user. */
export const USER: Caller = { subject: "user:u", kind: "user", userId: "u", hasSecret: false };

/** A caller with a project secret. */
export const SERVICE: Caller = {
  subject: "service:default",
  kind: "service",
  userId: null,
  hasSecret: true,
};

const NO_OBJECTS: StoredObjects = {
  find: () => Promise.resolve(null),
  sign: () => Promise.resolve(null),
  toPublicUrl: ({ bucket, path }) => `https://project.example/public/${bucket}/${path}`,
  download: () => Promise.resolve(null),
};

/** What differs from a function in which all goes well. */
export interface Setup {
  answers?: Answer[];
  caller?: Caller | ApiError;
  /** In turn; the last one again and again. */
  decisions?: Decision[];
  /** What becomes of another caller's requests, in turn. */
  awaitedAnswers?: AwaitedAnswer[];
  variables?: Record<string, string>;
  /** For the jitter. */
  random?: () => number;
  /** Pictures in Storage; by default there are none. */
  objects?: Partial<StoredObjects>;
  /** Whether pictures in Storage are when it is settled, or what that fails with. Default true. */
  isUnchanged?: boolean | ApiError;
  /** The project's URL can be reached from outside. Default true. */
  isStorageReachable?: boolean;
  /** Base64 that all requests may hold at a time. */
  maxBytesInFlight?: number;
  /** Default: keeps nothing, and knows every answer. */
  storeFeedback?: StoreFeedback;
}

/** Sets it up; by default an allowed user gets a structured answer about oak. */
export function createFunction({
  answers = [saying(OAK)],
  caller = USER,
  decisions = [LEAD],
  awaitedAnswers,
  variables = {},
  random = () => 0,
  objects = {},
  isUnchanged,
  isStorageReachable = true,
  maxBytesInFlight = 16 * 1024 * 1024,
  storeFeedback = () => Promise.resolve(true),
}: Setup = {}) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const lines: string[] = [];
  const limiter = createFakeLimiter(decisions, awaitedAnswers, isUnchanged);
  const { settings, problems } = parseSettings({ TOGETHER_API_KEY: "tgp_v1_secret", ...variables });
  const client = settings && createTogetherClient({
    ...settings.together,
    effects: { ...clock, fetch: together.fetch, random },
  });
  const log: Log = {
    info: (...line) => lines.push(JSON.stringify(line)),
    error: (...line) => lines.push(JSON.stringify(line)),
  };
  const endpoint = createEndpoint({
    name: "semantic-analysis",
    handle: createHandler({
      settings,
      authenticate: () =>
        caller instanceof ApiError ? Promise.reject(caller) : Promise.resolve(caller),
      badRequests: createBadRequests(clock.now),
      byteSemaphore: createByteSemaphore({
        maxBytes: maxBytesInFlight,
        now: clock.now,
        pause: clock.sleep,
      }),
      rateLimiter: limiter,
      storage: {
        objects: { ...NO_OBJECTS, ...objects },
        keys: { databaseKey: "sb_secret_x", secretKeys: { default: "sb_secret_x" } },
        isReachable: isStorageReachable,
      },
      storeFeedback,
      runDoctor: createDoctor({
        settings,
        problems: problems ?? [],
        platform: null,
        unauthorized: { read: () => ({}) },
        rateLimiter: limiter,
        database: null,
        client,
        storage: { isReachable: isStorageReachable },
      }),
      answering: settings && client && createAnswering({
        rateLimiter: limiter,
        analyse: createAnalyse({
          client,
          now: clock.now,
        }),
        ttlSeconds: settings.cache.ttlSeconds,
        denials: { count: (settlement) => void limiter.settled.push(settlement) },
        runInBackground: (work) => void work(),
        pause: clock.sleep,
        log,
      }),
    }),
    allowedOrigins: "*",
    methods: "GET, POST, OPTIONS",
    log,
    now: clock.now,
    createRequestId: () => "request-1",
  });
  const call = async (path: string, init?: RequestInit) => {
    const request = new Request(`http://localhost${path}`, init);
    return watch(await clock.run(endpoint(request)), request);
  };
  const post = (body: unknown, headers: Record<string, string> = {}, path = "/semantic-analysis") =>
    call(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { call, post, together, lines, limiter, clock };
}
