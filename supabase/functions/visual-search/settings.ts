/** The settings of this function, parsed once. They are those of semantic-analysis that hold here too. */

import { toMaxJsonBytes } from "../_shared/platform/body/body-limits.ts";
import {
  parseVariables,
  type SettingProblem,
  type Variables,
} from "../_shared/platform/settings/variables.ts";
import {
  REQUEST_VARIABLES,
  type RequestSettings,
  toRequestSettings,
} from "../_shared/platform/settings/request-variables.ts";

export interface Settings extends RequestSettings {
  /** The largest picture as base64, and what else a search may say. */
  maxBodyBytes: number;
}

export type SettingsResult =
  | { settings: Settings; problems: null }
  | { settings: null; problems: SettingProblem[] };

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(REQUEST_VARIABLES);

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult {
  const { values, problems } = parseVariables(REQUEST_VARIABLES, variables);
  if (problems.length > 0) return { settings: null, problems };
  const settings = toRequestSettings(values);
  return {
    settings: { ...settings, maxBodyBytes: toMaxJsonBytes(settings.maxImageBytes) },
    problems: null,
  };
}
