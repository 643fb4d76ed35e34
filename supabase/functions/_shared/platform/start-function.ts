/** What the `index.ts` of every function begins and ends with. */

import { type Authenticate, createAuthenticate } from "./auth/authenticate.ts";
import { createUnauthorizedCounts, type UnauthorizedCounts } from "./auth/unauthorized.ts";
import { createPostgrest, type ServiceDatabase } from "./database/postgrest.ts";
import { createEndpoint, type EndpointOptions, type Handle } from "./http/endpoint.ts";
import { openConnection } from "./http/open-connection.ts";
import { createLog, type Log } from "./log.ts";
import { parsePlatform, type Platform } from "./settings/platform-variables.ts";
import type { RequestSettings } from "./settings/request-variables.ts";
import type { SettingProblem, SettingsResult, Variables } from "./settings/variables.ts";

/** A function's name, its environment and the parser of its settings. */
export interface StartOptions<Settings> {
  /** The function's name, as its log lines' `event`. */
  name: string;
  environment: Variables;
  parseSettings: (environment: Variables) => SettingsResult<Settings>;
}

/** A part is null where the configuration doesn't allow for it. */
export interface StartedFunction<Settings> {
  platform: Platform | null;
  settings: Settings | null;
  problems: readonly SettingProblem[];
  log: Log;
  /** With the project's own secret. */
  database: ServiceDatabase | null;
  authenticate: Authenticate | null;
  /** Of the credentials that `authenticate` did not take. */
  unauthorized: UnauthorizedCounts;
  /** Makes the fetch handler of the routes. */
  serve(
    handle: Handle,
    options?: Pick<EndpointOptions, "toFailureResponse">,
  ): (request: Request) => Promise<Response>;
}

/**
 * Parses the environment, and logs what can't be used of it: a function starts in any case. Opens a
 * connection to the project, which every request needs.
 */
export function startFunction<Settings extends RequestSettings>(
  { name, environment, parseSettings }: StartOptions<Settings>,
): StartedFunction<Settings> {
  const platform = parsePlatform(environment);
  if (platform) openConnection(platform.supabaseUrl);
  const { settings, problems } = parseSettings(environment);
  const log = createLog();
  if (problems) log.error("not_configured", { problems });
  if (settings && settings.wrongOrigins.length > 0) {
    log.error("wrong_origins", { wrong_origins: settings.wrongOrigins });
  }
  const unauthorized = createUnauthorizedCounts();
  return {
    platform,
    settings,
    problems: problems ?? [],
    log,
    database: platform && createPostgrest(platform.supabaseUrl, platform.databaseKey),
    authenticate: platform && unauthorized.counting(createAuthenticate({
      ...platform,
      isAnonymousAllowed: settings?.isAnonymousAllowed ?? false,
    })),
    unauthorized,
    serve: (handle, options = {}) =>
      createEndpoint({
        name,
        handle,
        allowedOrigins: settings?.allowedOrigins ?? "*",
        methods: "GET, POST, OPTIONS",
        log,
        ...options,
      }),
  };
}
