import assert from "node:assert/strict";
import { compareModels, isTableBehind } from "../../../dev/models/compare-models.ts";
import type { ListedModel } from "../../../dev/models/fetch-model-list.ts";

const known = {
  "a/vision": { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.3, contextTokens: 8_192 },
  "b/vision": { inputUsdPerMillion: 1.2, outputUsdPerMillion: 1.2, contextTokens: 4_096 },
};

function createListed(id: string, overrides: Partial<ListedModel> = {}): ListedModel {
  const { inputUsdPerMillion = 0, outputUsdPerMillion = 0 } = known[id as keyof typeof known] ?? {};
  const prices = { inputUsdPerMillion, outputUsdPerMillion };
  return { id, isChat: true, createdAt: null, prices, contextTokens: null, ...overrides };
}

const unchanged = [createListed("a/vision"), createListed("b/vision")];

function compare(listed: ListedModel[], retired: string[] = []) {
  const differences = compareModels({ known, retired, listed });
  return { ...differences, isBehind: isTableBehind(differences) };
}

Deno.test("compareModels() finds nothing where table and list agree", () => {
  assert.deepEqual(compare(unchanged), {
    gone: [],
    retired: [],
    repriced: [],
    resized: [],
    unknown: [],
    isBehind: false,
  });
});

Deno.test("compareModels() finds what has left the list, whatever an object inherits", () => {
  const { gone, isBehind } = compare([createListed("a/vision"), createListed("constructor")]);
  assert.deepEqual({ gone, isBehind }, { gone: ["b/vision"], isBehind: true });
});

Deno.test("compareModels() expects a retired model to be absent", () => {
  const { gone, retired, isBehind } = compare([createListed("a/vision")], ["b/vision"]);
  assert.deepEqual({ gone, retired, isBehind }, {
    gone: [],
    retired: ["b/vision"],
    isBehind: false,
  });
});

Deno.test("compareModels() finds either price changed, not how a number is rounded", () => {
  const dearer = { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.31 };
  const rounded = { inputUsdPerMillion: 1.2000000000000002, outputUsdPerMillion: 1.2 };
  const { repriced, isBehind } = compare([
    createListed("a/vision", { prices: dearer }),
    createListed("b/vision", { prices: rounded }),
  ]);
  const { contextTokens: _, ...prices } = known["a/vision"];
  assert.deepEqual(repriced, [{ id: "a/vision", known: prices, listed: dearer }]);
  assert.equal(isBehind, true);
});

Deno.test("compareModels() finds another size, where the list tells one", () => {
  const { resized, isBehind } = compare([
    createListed("a/vision", { contextTokens: 16_384 }),
    createListed("b/vision", { contextTokens: 4_096 }),
  ]);
  assert.deepEqual(resized, [{ id: "a/vision", known: 8_192, listed: 16_384 }]);
  assert.equal(isBehind, true);
});

Deno.test("compareModels() lets a list without prices change none", () => {
  const listed = unchanged.map((model) => ({ ...model, prices: null }));
  assert.equal(compare(listed).isBehind, false);
});

Deno.test("compareModels() names chat models the table doesn't know, newest first", () => {
  const { unknown, isBehind } = compare([
    ...unchanged,
    createListed("old/chat", { createdAt: 1 }),
    createListed("undated/chat"),
    createListed("an/embedding", { isChat: false, createdAt: 3 }),
    createListed("new/chat", { createdAt: 2 }),
  ]);
  assert.deepEqual(unknown.map(({ id }) => id), ["new/chat", "old/chat", "undated/chat"]);
  assert.equal(isBehind, false);
});
