/** The settings of this function, parsed once. */

import { toMaxJsonBytes } from "../_shared/platform/body/body-limits.ts";
import {
  always,
  integer,
  list,
  parseVariables,
  serviceUrl,
  type SettingsResult,
  text,
  toSettingsResult,
  type Values,
  type Variable,
  type Variables,
} from "../_shared/platform/settings/variables.ts";
import {
  LIMIT_VARIABLES,
  type LimitSettings,
  toLimits,
} from "../_shared/platform/settings/limit-variables.ts";
import {
  REQUEST_VARIABLES,
  type RequestSettings,
  toRequestSettings,
} from "../_shared/platform/settings/request-variables.ts";

/** Where actions go that are not ours. */
export interface MivaaService {
  /** Without a slash at its end. */
  url: string;
  /** Sent as Bearer; null where it wants none. */
  apiKey: string | null;
  timeoutMs: number;
}

/** The requests it takes, and where they are passed on to. */
export interface Settings extends RequestSettings {
  /** The bearer keys that are built into existing clients. */
  gatewayKeys: readonly string[];
  /** null where there is none. */
  service: MivaaService | null;
  /** The largest body there may be, of a request or of the service's answer. */
  maxBodyBytes: number;
  limits: LimitSettings;
}

/** What can be guessed is no key, even if these are known to many. */
const MIN_KEY_LENGTH = 16;

const isKey = (text: string) => /^[\x21-\x7e]+$/.test(text);

const VARIABLES = {
  MIVAA_GATEWAY_KEYS: {
    ...list(
      `keys of ${MIN_KEY_LENGTH} characters or more, separated by commas`,
      (key) => key.length >= MIN_KEY_LENGTH && isKey(key),
    ),
    isSecret: always,
  },
  MIVAA_SERVICE_URL: serviceUrl("https://mivaa.example.com"),
  MIVAA_API_KEY: { ...text("the key of the MIVAA service", isKey), isSecret: always },
  MIVAA_TIMEOUT: integer(100, 600_000),
  ...REQUEST_VARIABLES,
  ...LIMIT_VARIABLES,
} satisfies Record<string, Variable<unknown>>;

/** Names of all variables that `parseSettings` reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(VARIABLES);

/** Parses the settings. A variable that is set to nothing counts as not set. */
export function parseSettings(variables: Variables): SettingsResult<Settings> {
  return toSettingsResult(parseVariables(VARIABLES, variables), toSettings);
}

function toSettings(values: Values<typeof VARIABLES>): Settings {
  const requestSettings = toRequestSettings(values);
  return {
    ...requestSettings,
    gatewayKeys: values.MIVAA_GATEWAY_KEYS ?? [],
    service: values.MIVAA_SERVICE_URL === undefined ? null : {
      url: values.MIVAA_SERVICE_URL.replace(/\/+$/, ""),
      apiKey: values.MIVAA_API_KEY ?? null,
      timeoutMs: values.MIVAA_TIMEOUT ?? 30_000,
    },
    maxBodyBytes: toMaxJsonBytes(requestSettings.maxImageBytes),
    limits: toLimits(values),
  };
}
