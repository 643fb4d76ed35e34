import assert from "node:assert/strict";
import type { ChatRequest } from "../../../../supabase/functions/_shared/together-ai/chat-request.ts";
import { createTogetherClient } from "../../../../supabase/functions/_shared/together-ai/client.ts";
import { findModel } from "../../../../supabase/functions/_shared/together-ai/models.ts";
import {
  boundNanoUsd,
  boundUsage,
  chargeUsage,
  createSpending,
  spentNanoUsd,
} from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import {
  type Answer,
  completion,
  createFakeTogether,
  cutBody,
  json,
  refusal,
  stallInBody,
} from "../../../support/fake-together.ts";
import fc from "../../../support/fast-check.ts";

const MODELS = ["meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo", "Qwen/Qwen3.5-9B"] as const;

const REQUEST: ChatRequest = {
  systemPrompt: "s".repeat(100),
  userPrompt: "u".repeat(200),
  picture: { kind: "bytes", mediaType: "image/png", base64: "AAAA", width: 560, height: 1120 },
  temperature: 0,
  maxTokens: 300,
};

const mostNanoUsd = (model: string) => boundNanoUsd(REQUEST, model);
const LLAMA = findModel(MODELS[0]);

async function ask(answers: Answer[], ceilingNanoUsd: number) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const client = createTogetherClient({
    apiKey: "k",
    baseUrl: "https://api.together.example/v1",
    models: MODELS,
    effects: { ...clock, fetch: together.fetch, random: () => 0 },
  });
  const spending = createSpending(ceilingNanoUsd);
  const call = client.ask(REQUEST, { timeoutMs: 60_000, spending });
  const error = await clock.run(call.then(() => null, (error) => error));
  return { error, spending, together };
}

Deno.test("boundUsage() counts a token a byte, the tiles and the longest answer", () => {
  // 256 for the template, 2 tiles of 1,601.
  assert.deepEqual(boundUsage(REQUEST, LLAMA), {
    promptTokens: 256 + 300 + 3_202,
    completionTokens: 300,
  });
  const greek = { ...REQUEST, systemPrompt: "", userPrompt: "ξύλο", picture: null };
  assert.equal(boundUsage(greek, LLAMA).promptTokens, 256 + 8);
});

Deno.test("boundUsage() takes a picture of unknown size for the largest", () => {
  const url = { ...REQUEST, picture: { kind: "url", url: "https://example.com/a.png" } } as const;
  assert.equal(boundUsage(url, LLAMA).promptTokens, 256 + 300 + 6_404);
});

Deno.test("an attempt begins only if it fits beside all that may already be billed", async () => {
  const [first, second] = MODELS.map((model) => mostNanoUsd(model)) as [
    number,
    number,
  ];
  const both = await ask([stallInBody, completion()], first + second);
  assert.equal(both.error, null);
  assert.deepEqual(both.spending.attempts.map(({ model }) => model), MODELS);
  const one = await ask([stallInBody, completion()], first + second - 1);
  assert.equal(one.error.name, "TogetherTimeoutError");
  assert.equal(one.together.requests.length, 1);
  assert.equal(spentNanoUsd(one.spending), first);
});

Deno.test("an attempt that fits no model of the chain is never sent", async () => {
  const { error, together } = await ask([completion()], 1);
  assert.equal(error.name, "TogetherBudgetError");
  assert.equal(together.requests.length, 0);
});

Deno.test("a cheaper model of the chain may still fit", async () => {
  const { error, together } = await ask([completion()], mostNanoUsd(MODELS[1]));
  assert.equal(error, null);
  assert.deepEqual(together.models(), [MODELS[1]]);
});

Deno.test("whatever the provider does, no more is spent than was set aside", async () => {
  const usage = { prompt_tokens: 3_500, completion_tokens: 300 };
  const answers = fc.constantFrom<Answer>(
    stallInBody,
    cutBody,
    refusal(500),
    refusal(503),
    json(200, { choices: [] }),
    completion({ usage: null }),
    completion({ usage }),
  );
  const dearest = mostNanoUsd(MODELS[0]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(answers, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 4 * dearest }),
      async (given, ceilingNanoUsd) => {
        const { spending } = await ask(given, ceilingNanoUsd);
        assert.ok(spentNanoUsd(spending) <= ceilingNanoUsd);
      },
    ),
    { numRuns: 50 },
  );
});

const charge = (promptTokens: number, completionTokens: number, hasText = true) =>
  chargeUsage({ promptTokens, completionTokens }, {
    request: REQUEST,
    askedModel: MODELS[1],
    answeredModel: MODELS[1],
    hasText,
  });

Deno.test("chargeUsage() charges a usage that can be as told", () => {
  assert.deepEqual(charge(1_000, 200), {
    costNanoUsd: 1_000 * 170 + 200 * 250,
    usage: { promptTokens: 1_000, completionTokens: 200 },
  });
  assert.equal(charge(1_000, 0, false).costNanoUsd, 1_000 * 170);
});

Deno.test("chargeUsage() charges the most for a usage that can't be, and says what was told", () => {
  for (const [prompt, completion] of [[3e8, 5], [9e12, 5], [1e18, 1e18], [0, 5], [5, 0], [0, 0]]) {
    assert.deepEqual(charge(prompt!, completion!), {
      costNanoUsd: mostNanoUsd(MODELS[1]),
      usage: null,
      unbelievedUsage: { promptTokens: prompt, completionTokens: completion },
    });
  }
});

Deno.test("chargeUsage() takes what the operator says of prices and pictures", () => {
  const capabilities = {
    "a/b": { inputUsdPerMillion: 0, outputUsdPerMillion: 0, maxPictureTokens: 20_000 },
  };
  assert.equal(
    boundUsage(REQUEST, findModel("a/b", capabilities)).promptTokens,
    256 + 300 + 20_000,
  );
  const usage = { promptTokens: 15_000, completionTokens: 100 };
  assert.deepEqual(
    chargeUsage(usage, {
      request: REQUEST,
      askedModel: "a/b",
      answeredModel: "b",
      hasText: true,
      capabilities,
    }),
    { costNanoUsd: 0, usage },
  );
});

Deno.test("whatever usage a provider tells, what is charged is at least 0 and at most the bound", async () => {
  const count = fc.oneof(
    fc.integer({ min: -5, max: 5_000 }),
    fc.constantFrom<unknown>(0, -1, 0.5, 1e9, 1e18, 1e300, "5", "many", null, {}, [], true),
  );
  const usage = fc.oneof(
    fc.record({ prompt_tokens: count, completion_tokens: count }, { requiredKeys: [] }),
    fc.constantFrom<unknown>(null, 5, "x", []),
  );
  const bound = mostNanoUsd(MODELS[1]);
  await fc.assert(
    fc.asyncProperty(usage, fc.constantFrom("Oak.", ""), async (usage, content) => {
      const answer = completion({ usage, choices: [{ message: { content } }] });
      const { spending } = await ask([refusal(404), answer], 10 * mostNanoUsd(MODELS[0]));
      const [, attempt] = spending.attempts;
      assert.ok(attempt!.costNanoUsd >= 0 && attempt!.costNanoUsd <= bound);
      assert.ok(Number.isSafeInteger(attempt!.costNanoUsd));
      assert.equal(attempt!.usage === null, attempt!.mayBeBilled);
    }),
    { numRuns: 60 },
  );
});
