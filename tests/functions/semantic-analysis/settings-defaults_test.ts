/** Defaults that follow from other settings. */
import assert from "node:assert/strict";
import type { Variables } from "../../../supabase/functions/_shared/platform/settings/variables.ts";
import { settingsOf } from "./settings-of.ts";

Deno.test("an attempt is slow after two thirds of TOGETHER_TIMEOUT, at most 20 s", () => {
  for (const [seconds, slowMs] of [["65", 20_000], ["30", 20_000], ["15", 10_000], ["3", 2_000]]) {
    const { together } = settingsOf({ TOGETHER_TIMEOUT: String(seconds) });
    assert.equal(together.slowAttemptMs, slowMs);
  }
});

Deno.test("parseSettings() puts the chosen model first and no model twice into the chain", () => {
  const { together } = settingsOf({
    TOGETHER_MODEL: "c/d",
    TOGETHER_FALLBACK_MODELS: "a/b,c/d,e/f,a/b",
  });
  assert.deepEqual(together.models, ["c/d", "a/b", "e/f"]);
  assert.deepEqual(settingsOf({ TOGETHER_MODEL: "Qwen/Qwen3.5-9B" }).together.models, [
    "Qwen/Qwen3.5-9B",
    "zai-org/GLM-5.3-Flash",
    "meta-models/Muse-Glimmer-30B",
  ]);
});

Deno.test("parseSettings() takes the burst from the rate", () => {
  assert.equal(settingsOf({ RATE_LIMIT_PER_MINUTE: "7" }).limits.user.burst, 7);
  const both = settingsOf({ RATE_LIMIT_PER_MINUTE: "7", RATE_LIMIT_BURST: "3" });
  assert.equal(both.limits.user.burst, 3);
});

Deno.test("parseSettings() gives anonymous users a quarter, at least 1, unless set", () => {
  const anonymousOf = (variables: Variables) => settingsOf(variables).limits.anonymous;
  assert.deepEqual(
    anonymousOf({
      RATE_LIMIT_PER_MINUTE: "7",
      RATE_LIMIT_BURST: "13",
      RATE_LIMIT_PER_DAY: "3",
      RATE_LIMIT_CONCURRENT: "9",
      RATE_LIMIT_USD_PER_MONTH: "10",
    }),
    { perMinute: 1, burst: 3, perDay: 1, concurrent: 2, nanoUsdPerMonth: 2_500_000_000 },
  );
  assert.deepEqual(
    anonymousOf({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: "100" }),
    { perMinute: 100, burst: 5, perDay: 50, concurrent: 1, nanoUsdPerMonth: null },
  );
});

const TOGETHER_HOSTS = [
  "https://api.together.xyz/v1",
  "https://api.together.ai/v1",
  "https://together.ai/v1",
  "https://API.TOGETHER.AI/v1",
  "https://api.together.xyz:443/v1",
];

const OTHER_HOSTS = [
  "https://evil-together.ai/v1",
  "https://eviltogether.xyz/v1",
  "https://api.together.ai.example.com/v1",
  "https://example.com/api.together.ai",
  "https://together.aix/v1",
  "https://together-ai/v1",
  "http://127.0.0.1:11434/v1",
  "http://localhost:8000/v1",
];

Deno.test("parseSettings() allows image URLs by default where Together itself would fetch them", () => {
  const isAllowed = (TOGETHER_BASE_URL: string, ALLOW_IMAGE_URLS?: string) =>
    settingsOf({ TOGETHER_BASE_URL, ALLOW_IMAGE_URLS }).isImageUrlAllowed;
  for (const url of TOGETHER_HOSTS) {
    assert.equal(isAllowed(url), true, url);
    assert.equal(isAllowed(url, "false"), false, url);
  }
  for (const url of OTHER_HOSTS) {
    assert.equal(isAllowed(url), false, url);
    assert.equal(isAllowed(url, "true"), true, url);
  }
});
