/** What the routes work with, and the steps that they share. */

import type { Authenticate } from "../_shared/auth.ts";
import type { RunInBackground } from "../_shared/background.ts";
import type { SettingProblem } from "../_shared/env.ts";
import { ApiError } from "../_shared/http/api-error.ts";
import type { BytesInFlight } from "../_shared/http/bytes-in-flight.ts";
import type { RateLimiter } from "../_shared/rate-limiter.ts";
import type { TogetherClient } from "../_shared/together-ai/client.ts";
import type { Analyse } from "./analysis.ts";
import type { Refusals } from "./refusals.ts";
import type { Settings } from "./settings.ts";

/** null where the configuration doesn't allow for it. */
export interface Dependencies {
  settings: Settings | null;
  problems: readonly SettingProblem[];
  authenticate: Authenticate | null;
  bytesInFlight: BytesInFlight;
  rateLimiter: RateLimiter | null;
  refusals: Refusals | null;
  client: TogetherClient | null;
  analyse: Analyse | null;
  runInBackground: RunInBackground;
  /** Resolves after `ms`, or when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The same with everything there. */
export type Ready = { [Key in keyof Dependencies]: NonNullable<Dependencies[Key]> };

/** Whether nothing is missing. */
export function isReady(dependencies: Dependencies): dependencies is Ready {
  return Object.values(dependencies).every((dependency) => dependency !== null);
}

/** @throws {ApiError} NOT_CONFIGURED when something is missing. */
export function requireReady(dependencies: Dependencies): Ready {
  if (isReady(dependencies)) return dependencies;
  throw new ApiError(
    "NOT_CONFIGURED",
    "This function is not configured; its log and its /health name what an operator must set",
  );
}
