/** The settings of this function, parsed once. */

import {
  integer,
  number,
  parseVariables,
  type SettingsResult,
  toSettingsResult,
  type Values,
  type Variables,
} from "../_shared/platform/settings/variables.ts";
import { LIMIT_VARIABLES, toLimits } from "../_shared/platform/settings/limit-variables.ts";
import {
  REQUEST_VARIABLES,
  type RequestSettings,
  toRequestSettings,
} from "../_shared/platform/settings/request-variables.ts";

/** The requests it takes, and how much is done and spent at most. */
export interface Settings extends RequestSettings {
  /** Analyses at a time in one run. */
  concurrency: number;
  /** What may be spent in a UTC month without an accepted quote; null for no bound of its own. */
  nanoUsdPerMonth: number | null;
}

const VARIABLES = {
  CATALOGUE_CONCURRENCY: integer(1, 32),
  CATALOGUE_USD_PER_MONTH: number("US dollars, from 0 to 1000000", 0, 1_000_000),
  ...REQUEST_VARIABLES,
  PROJECT_USD_PER_MONTH: LIMIT_VARIABLES.PROJECT_USD_PER_MONTH,
};

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(VARIABLES);

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult<Settings> {
  return toSettingsResult(parseVariables(VARIABLES, variables), toSettings);
}

function toSettings(values: Values<typeof VARIABLES>): Settings {
  const { projectNanoUsdPerMonth } = toLimits(values);
  const ownUsd = values.CATALOGUE_USD_PER_MONTH;
  return {
    ...toRequestSettings(values),
    concurrency: values.CATALOGUE_CONCURRENCY ?? 4,
    // The other half is for callers who wait for an answer.
    nanoUsdPerMonth: ownUsd !== undefined
      ? Math.round(ownUsd * 1e9)
      : projectNanoUsdPerMonth === null
      ? null
      : Math.floor(projectNanoUsdPerMonth / 2),
  };
}
