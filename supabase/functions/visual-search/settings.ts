/** The settings of this function, parsed once. They are those of semantic-analysis that hold here too. */

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

/** The requests it takes. */
export type Settings = RequestSettings;

export type SettingsResult =
  | { settings: Settings; problems: null }
  | { settings: null; problems: SettingProblem[] };

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(REQUEST_VARIABLES);

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult {
  const { values, problems } = parseVariables(REQUEST_VARIABLES, variables);
  if (problems.length > 0) return { settings: null, problems };
  return { settings: toRequestSettings(values), problems: null };
}
