import assert from "node:assert/strict";
import { createFunction, SERVICE, type Setup, USER } from "../../../support/function.ts";

Deno.test("the limits are shown, and nothing is taken", async () => {
  const { call, limiter } = createFunction();
  const response = await call("/semantic-analysis/limits");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    subject: "user:u",
    minute: { limit: 20, burst: 20, remaining: 19, reset_ms: 2_500 },
    day: { limit: 200, remaining: 199, reset_ms: 3_600_000 },
    concurrent: { limit: 4, used: 1 },
    month: { limit_usd: null, spent_usd: 0.0015, reset_ms: 86_400_000 },
    max_image_bytes: 6_291_456,
    request_id: "request-1",
  });
  assert.ok(response.headers.has("ratelimit"));
  assert.equal(limiter.reads.length, 1);
  assert.equal(limiter.reserved.length, 0);
});

Deno.test("the anonymous users' day is shown to the project's own code alone", async () => {
  const spendingOf = async (caller: typeof USER) => {
    const response = await createFunction({ caller }).call("/semantic-analysis/limits");
    return (await response.json()).anonymous_day;
  };
  assert.deepEqual(await spendingOf(SERVICE), {
    limit_usd: 1,
    spent_usd: 0.25,
    reset_ms: 3_600_000,
  });
  assert.equal(await spendingOf(USER), undefined);
});

Deno.test("the project's spending is shown to its own code alone", async () => {
  const variables = { PROJECT_USD_PER_MONTH: "50" };
  const spendingOf = async (caller: typeof USER) => {
    const response = await createFunction({ caller, variables }).call("/semantic-analysis/limits");
    return (await response.json()).project_month;
  };
  assert.deepEqual(await spendingOf(SERVICE), {
    limit_usd: 50,
    spent_usd: 2,
    reset_ms: 86_400_000,
  });
  assert.equal(await spendingOf(USER), undefined);
});

Deno.test("the cost of an analysis: by the chain, or by the model that the project's own code names", async () => {
  const { call } = createFunction({ caller: SERVICE });
  const costOf = async (query: string) =>
    (await (await call(`/semantic-analysis/limits${query}`)).json()).analysis;
  const chain = await costOf("");
  const alone = await costOf("?model=Qwen/Qwen3.5-9B");
  assert.deepEqual(
    [alone.model, alone.input_usd_per_million, alone.output_usd_per_million],
    ["Qwen/Qwen3.5-9B", 0.17, 0.25],
  );
  assert.notEqual(chain.model, alone.model);
  assert.ok(alone.ceiling_usd < chain.ceiling_usd);
  assert.equal(alone.prompt_version, chain.prompt_version);
});

Deno.test("the cost of an analysis: a picture counts as the operator says of the model", async () => {
  const costWith = async (told: object) => {
    const { call } = createFunction({
      caller: SERVICE,
      variables: {
        TOGETHER_MODEL: "a/b",
        TOGETHER_MODEL_CAPABILITIES: JSON.stringify({ "a/b": told }),
      },
    });
    return (await (await call("/semantic-analysis/limits")).json()).analysis;
  };
  const prices = { input_usd_per_million: 1, output_usd_per_million: 1 };
  const byTiles = await costWith(prices);
  const told = await costWith({ ...prices, max_picture_tokens: 1_000 });
  assert.deepEqual([byTiles.max_picture_tokens, told.max_picture_tokens], [null, 1_000]);
  assert.equal(told.text_tokens, byTiles.text_tokens);
  const saved = byTiles.estimated_usd - told.estimated_usd;
  assert.ok(Math.abs(saved - (6_404 - 1_000) / 1e6) < 1e-9, String(saved));
});

Deno.test("the cost of an analysis: a model without a price is refused, and a user may name none", async () => {
  const codeOf = async (caller: typeof USER, model: string) => {
    const response = await createFunction({ caller }).call(
      `/semantic-analysis/limits?model=${model}`,
    );
    return [response.status, (await response.json()).error.code];
  };
  assert.deepEqual(await codeOf(SERVICE, "vendor/new"), [400, "INVALID_REQUEST"]);
  assert.deepEqual(await codeOf(USER, "Qwen/Qwen3.5-9B"), [403, "FORBIDDEN"]);
});

Deno.test("the edge that pictures in Storage are made small to is told where they are", async () => {
  const edgeOf = async (setup: Setup) => {
    const response = await createFunction({ caller: SERVICE, ...setup })
      .call("/semantic-analysis/limits");
    return (await response.json()).analysis.stored_picture_edge;
  };
  const isTransformed = { STORAGE_TRANSFORM: "true" };
  assert.equal(await edgeOf({ variables: isTransformed }), 1_119);
  assert.equal(await edgeOf({}), null);
  assert.equal(await edgeOf({ variables: { ...isTransformed, STORAGE_PASS: "bytes" } }), null);
  assert.equal(await edgeOf({ variables: isTransformed, isStorageReachable: false }), null);
});
