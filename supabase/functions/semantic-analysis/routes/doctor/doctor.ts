/** What an operator needs to know when it doesn't work, each with what to do about it. */

import type { UnauthorizedCounts } from "../../../_shared/platform/auth/unauthorized.ts";
import type { ServiceDatabase } from "../../../_shared/platform/database/postgrest.ts";
import type { RateLimiter } from "../../../_shared/platform/limits/rate-limiter.ts";
import type { Platform } from "../../../_shared/platform/settings/platform-variables.ts";
import type { SettingProblem } from "../../../_shared/platform/settings/variables.ts";
import type { TogetherClient } from "../../../_shared/together-ai/client.ts";
import type { Settings } from "../../settings.ts";
import { checkCalibration } from "./calibration-check.ts";
import type { Check } from "./check.ts";
import { checkChain, checkDatabase, checkMigrations, checkSearch } from "./database-checks.ts";
import { checkFunctions, checkSigningKeys } from "./project-checks.ts";
import { checkAttempts, checkProvider } from "./provider-checks.ts";
import { readProjectState } from "./read-project-state.ts";
import {
  checkCeiling,
  checkConfiguration,
  checkCredentials,
  describeStorage,
} from "./settings-checks.ts";

/** null where the configuration doesn't allow for it. */
export interface DoctorOptions {
  settings: Settings | null;
  problems: readonly SettingProblem[];
  platform: Platform | null;
  unauthorized: Pick<UnauthorizedCounts, "read">;
  rateLimiter: Pick<RateLimiter, "read"> | null;
  database: ServiceDatabase | null;
  client: Pick<TogetherClient, "listModels" | "readTrackRecord"> | null;
  /** null where the platform tells no project. */
  storage: { isReachable: boolean } | null;
  /** For the project's own addresses. Default `globalThis.fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** Runs every check that can be run; spends no tokens and takes nothing from any limit. */
export type RunDoctor = () => Promise<Check[]>;

/** Makes all checks at once. A check that can't be made is told as skipped or failed, never thrown. */
export function createDoctor(options: DoctorOptions): RunDoctor {
  const { settings, problems, platform, unauthorized, rateLimiter, database, client } = options;
  const project = { platform, fetch: options.fetch ?? globalThis.fetch };
  return async () => {
    const [limiter, signingKeys, functions, state, provider] = await Promise.all([
      checkDatabase(rateLimiter),
      checkSigningKeys(project),
      checkFunctions(project),
      readProjectState(database),
      checkProvider(settings, client),
    ]);
    return [
      checkConfiguration(settings, problems),
      checkCeiling(settings),
      signingKeys,
      checkCredentials(unauthorized),
      functions.check,
      limiter,
      checkMigrations(state, functions.deployed),
      checkSearch(state.search),
      checkChain(state.chain),
      checkCalibration(state.calibration),
      ...provider,
      checkAttempts(client),
      ...describeStorage(settings, options.storage),
    ];
  };
}
