import assert from "node:assert/strict";
import type { Variables } from "../../../supabase/functions/_shared/platform/settings/variables.ts";
import {
  parseSettings,
  SETTING_NAMES,
  type Settings,
} from "../../../supabase/functions/analyse-catalogue/settings.ts";

/** The settings of these variables, which must all be usable. */
function settingsOf(variables: Variables): Settings {
  const { settings, problems } = parseSettings(variables);
  assert.deepEqual(problems, null);
  return settings!;
}

Deno.test("parseSettings() of the catalogue needs nothing: four at a time, for half of the project's dollars", () => {
  const { concurrency, nanoUsdPerMonth, maxImageBytes } = settingsOf({});
  assert.deepEqual([concurrency, maxImageBytes], [4, 6_291_456]);
  assert.equal(nanoUsdPerMonth, 10e9);
});

Deno.test("parseSettings() of the catalogue: its budget is what is set, else half of the project's, else none", () => {
  const budgetOf = (variables: Variables) => settingsOf(variables).nanoUsdPerMonth;
  assert.equal(budgetOf({ PROJECT_USD_PER_MONTH: "0.000000003" }), 1);
  assert.equal(budgetOf({ PROJECT_USD_PER_MONTH: "none" }), null);
  assert.equal(budgetOf({ PROJECT_USD_PER_MONTH: "None" }), null);
  assert.equal(budgetOf({ PROJECT_USD_PER_MONTH: "none", CATALOGUE_USD_PER_MONTH: "2.5" }), 2.5e9);
  assert.equal(budgetOf({ CATALOGUE_USD_PER_MONTH: "0" }), 0);
  assert.equal(budgetOf({ CATALOGUE_USD_PER_MONTH: "0.0000000016" }), 2);
  assert.equal(budgetOf({ CATALOGUE_USD_PER_MONTH: "1000000" }), 1e15);
});

Deno.test("parseSettings() of the catalogue takes 1 to 32 at a time, and refuses other values by name", () => {
  for (const count of [1, 32]) {
    assert.equal(settingsOf({ CATALOGUE_CONCURRENCY: String(count) }).concurrency, count);
  }
  const bad: Record<string, string[]> = {
    CATALOGUE_CONCURRENCY: ["0", "33", "1.5", "many"],
    CATALOGUE_USD_PER_MONTH: ["-1", "1000000.01", "none", "$5"],
    PROJECT_USD_PER_MONTH: ["free"],
    MAX_IMAGE_BYTES: ["6MB"],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const { settings, problems } = parseSettings({ [name]: value });
      assert.deepEqual([settings, problems?.map((each) => [each.variable, each.value])], [
        null,
        [[name, value]],
      ]);
    }
    assert.ok(SETTING_NAMES.includes(name));
  }
});
