import assert from "node:assert/strict";
import {
  parseSettings,
  SETTING_NAMES,
} from "../../../supabase/functions/semantic-analysis/settings.ts";
import fc from "../../support/fast-check.ts";

Deno.test("parseSettings() never shows a secret", () => {
  const { problems } = parseSettings({ TOGETHER_API_KEY: "hunter2 hunter2" });
  assert.equal(problems!.length, 1);
  assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
});

Deno.test("parseSettings() shows no URL that may have a key in it", () => {
  const toValue = (TOGETHER_BASE_URL: string) =>
    parseSettings({ TOGETHER_API_KEY: "k", TOGETHER_BASE_URL }).problems![0]!.value;
  for (
    const url of [
      "https://user:hunter2@example.com/v1",
      "https://example.com/v1?key=hunter2",
      "https://example.com/v1#hunter2",
      "user:hunter2@example.com",
    ]
  ) assert.equal(toValue(url), null);
  assert.equal(toValue("api.together.xyz"), "api.together.xyz");
});

Deno.test("parseSettings() asks for the key once when there is none", () => {
  for (const TOGETHER_API_KEY of [undefined, "", " "]) {
    const { problems } = parseSettings({ TOGETHER_API_KEY });
    assert.deepEqual(problems?.map(({ variable, value }) => [variable, value]), [
      ["TOGETHER_API_KEY", null],
    ]);
  }
});

Deno.test("parseSettings() names every problem at once", () => {
  const { problems } = parseSettings({
    TOGETHER_API_KEY: "",
    TOGETHER_TIMEOUT: "60000",
    MAX_IMAGE_BYTES: "6MB",
  });
  assert.deepEqual(
    problems?.map(({ variable }) => variable).sort(),
    ["MAX_IMAGE_BYTES", "TOGETHER_API_KEY", "TOGETHER_TIMEOUT"],
  );
});

Deno.test("parseSettings() never throws, and gives settings or problems", () => {
  const value = fc.option(
    fc.oneof(fc.string(), fc.webUrl(), fc.double().map(String), fc.constantFrom("true", "none")),
    { nil: undefined },
  );
  const variables = fc.dictionary(fc.constantFrom(...SETTING_NAMES), value);
  fc.assert(
    fc.property(variables, (variables) => {
      const { settings, problems } = parseSettings(variables);
      if (settings === null) {
        assert.ok(problems.length > 0);
        return;
      }
      assert.equal(problems, null);
      const { models, timeoutMs } = settings.together;
      assert.equal(new Set(models).size, models.length);
      assert.ok(timeoutMs >= 1_000 && timeoutMs <= 65_000);
    }),
    { numRuns: 1_000 },
  );
});
