import assert from "node:assert/strict";
import type { Variables } from "../../../supabase/functions/_shared/platform/settings/variables.ts";
import {
  parseSettings,
  type Settings,
} from "../../../supabase/functions/semantic-analysis/settings.ts";

/** All that must be set. */
export const KEY = { TOGETHER_API_KEY: "tgp_v1_abc" };

/** The settings of these variables and a key, which must all be usable. */
export function settingsOf(variables: Variables = {}): Settings {
  const { settings, problems } = parseSettings({ ...KEY, ...variables });
  assert.deepEqual(problems, null);
  return settings!;
}
