import assert from "node:assert/strict";
import type { Variables } from "../../../supabase/functions/_shared/platform/settings/variables.ts";
import {
  parseSettings,
  SETTING_NAMES,
  type Settings,
} from "../../../supabase/functions/mivaa-gateway/settings.ts";

const URL_OF_SERVICE = "https://mivaa.example.com";

/** The settings of these variables, which must all be usable. */
function settingsOf(variables: Variables): Settings {
  const { settings, problems } = parseSettings(variables);
  assert.deepEqual(problems, null);
  return settings!;
}

Deno.test("parseSettings() of the gateway needs nothing: no key, no service, the limits of users", () => {
  const settings = settingsOf({});
  assert.deepEqual([settings.gatewayKeys, settings.service], [[], null]);
  assert.deepEqual([settings.limits.user.perMinute, settings.maxImageBytes], [20, 6_291_456]);
  assert.equal(settings.maxBodyBytes, settingsOf({ MAX_IMAGE_BYTES: "6291456" }).maxBodyBytes);
  // Room for a picture as base64.
  assert.ok(settings.maxBodyBytes > 6_291_456 * 4 / 3);
});

Deno.test("parseSettings() of the gateway: a service has a timeout of 30 s, and no slash at its end", () => {
  assert.deepEqual(settingsOf({ MIVAA_SERVICE_URL: `${URL_OF_SERVICE}/api//` }).service, {
    url: `${URL_OF_SERVICE}/api`,
    apiKey: null,
    timeoutMs: 30_000,
  });
  const set = { MIVAA_SERVICE_URL: URL_OF_SERVICE, MIVAA_API_KEY: "k", MIVAA_TIMEOUT: "100" };
  assert.deepEqual(settingsOf(set).service, { url: URL_OF_SERVICE, apiKey: "k", timeoutMs: 100 });
  assert.equal(settingsOf({ ...set, MIVAA_TIMEOUT: "600000" }).service?.timeoutMs, 600_000);
  assert.equal(settingsOf({ MIVAA_API_KEY: "k", MIVAA_TIMEOUT: "100" }).service, null);
});

Deno.test("parseSettings() of the gateway takes keys of 16 characters or more, separated by commas", () => {
  const [short, long] = ["k".repeat(15), "k".repeat(16)];
  const keysOf = (keys: string) => settingsOf({ MIVAA_GATEWAY_KEYS: keys }).gatewayKeys;
  assert.deepEqual(keysOf(`${long}, ${long}2,`), [long, `${long}2`]);
  for (const keys of [short, `${long},${short}`, `two words ${long}`, `${long}ü`]) {
    const { problems } = parseSettings({ MIVAA_GATEWAY_KEYS: keys });
    assert.deepEqual(problems?.map(({ variable, value }) => [variable, value]), [
      ["MIVAA_GATEWAY_KEYS", null],
    ]);
    assert.match(problems![0]!.wanted, /16 characters/);
  }
});

Deno.test("parseSettings() of the gateway refuses other values, naming the variable, and shows no secret", () => {
  const bad: Record<string, string[]> = {
    MIVAA_SERVICE_URL: [
      "mivaa.example.com",
      "ftp://mivaa.example.com",
      "https://user@mivaa.example.com",
      "https://:secret@mivaa.example.com",
      "https://mivaa.example.com/?key=1",
      "https://mivaa.example.com/#a",
    ],
    MIVAA_API_KEY: ["two words", "schlüssel"],
    MIVAA_TIMEOUT: ["99", "600001", "1.5", "30s"],
    MAX_IMAGE_BYTES: ["1023"],
    RATE_LIMIT_PER_DAY: ["0"],
  };
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const { settings, problems } = parseSettings({ [name]: value });
      assert.deepEqual([settings, problems?.map(({ variable }) => variable)], [null, [name]]);
      const isSecret = name === "MIVAA_API_KEY" || /[@?#]/.test(value);
      assert.equal(problems![0]!.value, isSecret ? null : value);
    }
    assert.ok(SETTING_NAMES.includes(name));
  }
});
