/** The whole gateway in process: everything real but the caller, the two sides and the limiter. */
import assert from "node:assert/strict";
import type { Caller } from "../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { ApiError } from "../../supabase/functions/_shared/platform/http/api-error.ts";
import { createByteSemaphore } from "../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { createBadRequests } from "../../supabase/functions/_shared/platform/limits/bad-requests.ts";
import { createEndpoint } from "../../supabase/functions/_shared/platform/http/endpoint.ts";
import { createGatewayAuthenticate } from "../../supabase/functions/mivaa-gateway/envelope/authenticate.ts";
import { toFailure } from "../../supabase/functions/mivaa-gateway/envelope/envelope.ts";
import { createHandler } from "../../supabase/functions/mivaa-gateway/handler.ts";
import { parseSettings } from "../../supabase/functions/mivaa-gateway/settings.ts";
import type { StartTimer } from "../../supabase/functions/_shared/platform/http/time-limit.ts";
import { createProbeSides } from "../../supabase/functions/mivaa-gateway/actions/sides.ts";
import { ANALYSIS, type Answer, createFakeClient } from "./analysis-client.ts";
import { USER } from "./function.ts";

/** The second of the keys that are built into clients. */
export const STATIC_KEY = "mivaa-static-key-of-2024";

/** The key of the MIVAA service. */
export const SERVICE_KEY = "key-of-the-service";

/** The settings of a gateway with a service behind it. */
export const MIVAA_VARIABLES = {
  MIVAA_GATEWAY_KEYS: `another-static-key-1, ${STATIC_KEY}`,
  MIVAA_SERVICE_URL: "https://mivaa.example.com/v2/",
  MIVAA_API_KEY: SERVICE_KEY,
};

/** What a minute unit that was taken tells. */
export const MINUTE_HEADERS = { RateLimit: '"minute";r=19;t=3' };

// deno-lint-ignore no-explicit-any
type Json = any;

/** What differs from a gateway in which all goes well. */
export interface GatewaySetup {
  variables?: Record<string, string>;
  caller?: Caller | ApiError;
  /** semantic-analysis. */
  analysis?: Answer;
  /** The MIVAA service. */
  service?: Answer;
  minute?: ApiError;
  /** For the time limit on the service, which by default never ends. */
  startTimer?: StartTimer;
}

/** Sets it up; by default a user is let in and both sides answer. */
export function createGateway({
  variables = MIVAA_VARIABLES,
  caller = USER,
  analysis = () => Response.json(ANALYSIS),
  service = () => Response.json({ embedding: [0.1] }),
  minute,
  startTimer = () => () => {},
}: GatewaySetup = {}) {
  const { settings, problems } = parseSettings(variables);
  const { client, requests: analysisRequests } = createFakeClient(analysis);
  const serviceRequests: Request[] = [];
  const minutes: string[] = [];
  const lines: Json[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    serviceRequests.push(request);
    return await service(request);
  };
  const log = (event: string, fields = {}) => void lines.push({ event, ...fields });
  const endpoint = createEndpoint({
    name: "mivaa-gateway",
    handle: createHandler({
      settings,
      authenticate: settings && createGatewayAuthenticate(
        () => caller instanceof ApiError ? Promise.reject(caller) : Promise.resolve(caller),
        settings.gatewayKeys,
      ),
      badRequests: createBadRequests(),
      byteSemaphore: createByteSemaphore({ maxBytes: 24 * 1024 * 1024 }),
      takeMinute: ({ subject }) => {
        minutes.push(subject);
        return minute ? Promise.reject(minute) : Promise.resolve(MINUTE_HEADERS);
      },
      client,
      probeSides: settings && createProbeSides({
        supabaseUrl: "https://project.example.com",
        service: settings.service,
        fetch: (input, init) =>
          String(input).startsWith("https://project.example.com/")
            ? Promise.resolve(analysis(new Request(input, init)))
            : fetch(input, init),
      }),
      fetch,
      startTimer,
    }),
    allowedOrigins: "*",
    methods: "GET, POST, OPTIONS",
    log: { info: log, error: log },
    toFailureResponse: toFailure,
    createRequestId: () => "gateway-request-1",
  });
  const call = async (path: string, init?: RequestInit) => {
    const response = await endpoint(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    const body: Json = text === "" ? null : JSON.parse(text);
    // Of every error in every test: existing clients would take it for one about their key.
    assert.doesNotMatch(body?.error?.message ?? "", /401|403/);
    return { status: response.status, headers: response.headers, body };
  };
  const post = (body: unknown, headers: Record<string, string> = {}, path = "/mivaa-gateway") =>
    call(path, {
      method: "POST",
      headers: { Authorization: "Bearer a.user.token", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { call, post, analysisRequests, serviceRequests, minutes, lines, problems };
}
