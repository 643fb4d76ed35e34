import assert from "node:assert/strict";
import { findModel } from "../../../../supabase/functions/_shared/together-ai/models.ts";
import { boundUsage } from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import {
  estimate,
  toSizeWarnings,
} from "../../../../supabase/functions/semantic-analysis/model/estimate.ts";
import type { Picture } from "../../../../supabase/functions/semantic-analysis/request/picture.ts";
import { REQUEST } from "../../../support/analyse.ts";

const CHAT_REQUEST = {
  systemPrompt: "You see.",
  userPrompt: "What is it?",
  picture: null,
  temperature: 0,
  maxTokens: 700,
};

const LARGE = { ...REQUEST.picture, width: 4_000, height: 3_000 } as Picture;
const AT_URL = { kind: "url", url: "https://a.example/b.jpg" } as const;

Deno.test("estimate: a picture counts as the operator says of the model, else by its tiles", () => {
  const texts = 5;
  for (const [told, expected] of [[null, 6_404], [1_000, 1_000], [16_384, 16_384]] as const) {
    const model = { ...findModel("a/b"), maxPictureTokens: told, inputUsdPerMillion: 1 };
    for (const picture of [LARGE, AT_URL]) {
      const { promptTokens, costUsd } = estimate(picture, CHAT_REQUEST, model);
      assert.equal(promptTokens, expected + texts);
      assert.equal(costUsd, (promptTokens + 700 * model.outputUsdPerMillion) / 1e6);
      assert.ok(
        promptTokens <= boundUsage({ ...CHAT_REQUEST, picture: AT_URL }, model).promptTokens,
      );
    }
  }
});

Deno.test("size warnings: none of a model that does not count by tiles", () => {
  const model = findModel("a/b");
  assert.equal(toSizeWarnings(LARGE, model).length, 1);
  assert.deepEqual(toSizeWarnings(LARGE, { ...model, maxPictureTokens: 16_384 }), []);
  assert.deepEqual(toSizeWarnings(AT_URL, model), []);
});
