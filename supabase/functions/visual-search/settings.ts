/** The settings of this function, parsed once. They are those of semantic-analysis that hold here too. */

import {
  parseVariables,
  type SettingsResult,
  toSettingsResult,
  type Variables,
} from "../_shared/platform/settings/variables.ts";
import {
  REQUEST_VARIABLES,
  type RequestSettings,
  toRequestSettings,
} from "../_shared/platform/settings/request-variables.ts";

/** The requests it takes. */
export type Settings = RequestSettings;

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(REQUEST_VARIABLES);

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult<Settings> {
  return toSettingsResult(parseVariables(REQUEST_VARIABLES, variables), toRequestSettings);
}
