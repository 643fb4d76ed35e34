/** The settings of this function, parsed once. They are those of semantic-analysis that hold here too. */

import {
  flag,
  integer,
  origins,
  parseVariables,
  type SettingProblem,
  type Variable,
  type Variables,
} from "../_shared/env.ts";
import type { AllowedOrigins } from "../_shared/http/cors.ts";

export interface Settings {
  /** The largest picture as base64, and what else a search may say. */
  maxBodyBytes: number;
  allowedOrigins: AllowedOrigins;
  isAnonymousAllowed: boolean;
}

export type SettingsResult =
  | { settings: Settings; problems: null }
  | { settings: null; problems: SettingProblem[] };

const VARIABLES = {
  MAX_IMAGE_BYTES: integer(1_024, 20_971_520),
  ALLOWED_ORIGINS: origins,
  ALLOW_ANONYMOUS: flag,
} satisfies Record<string, Variable<unknown>>;

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(VARIABLES);

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult {
  const { values, problems } = parseVariables(VARIABLES, variables);
  if (problems.length > 0) return { settings: null, problems };
  const maxImageBytes = values.MAX_IMAGE_BYTES ?? 6 * 1024 * 1024;
  return {
    settings: {
      maxBodyBytes: Math.ceil(maxImageBytes / 3) * 4 + 64 * 1024,
      allowedOrigins: values.ALLOWED_ORIGINS ?? "*",
      isAnonymousAllowed: values.ALLOW_ANONYMOUS ?? true,
    },
    problems: null,
  };
}
