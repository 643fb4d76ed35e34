import assert from "node:assert/strict";
import {
  readAlternatives,
  readLogprobs,
} from "../../../../../supabase/functions/_shared/together-ai/completion/logprobs.ts";
import fc from "../../../../support/fast-check.ts";

const WOOD = [{ token: "wo", logprob: -0.1 }, { token: "od", logprob: 0 }];

Deno.test("readLogprobs() reads all shapes, and takes no part for the whole", () => {
  const read = (value: unknown) => readLogprobs(value, "wood");
  assert.deepEqual(read({ tokens: ["wo", "od"], token_logprobs: [-0.1, 0] }), WOOD);
  const content = WOOD.map((each) => ({ ...each, bytes: null, top_logprobs: [] }));
  assert.deepEqual(read({ content, refusal: null }), WOOD);
  assert.deepEqual(read(-0.1), [{ token: "wood", logprob: -0.1 }]);
  assert.deepEqual(read({ content: [{ token: "a", logprob: 1e-6 }] }), [{
    token: "a",
    logprob: 0,
  }]);
  for (
    const value of [
      { tokens: ["wo", "od"], token_logprobs: [-0.1] },
      { tokens: ["wo", "od"], token_logprobs: [null, 0] },
      { tokens: [], token_logprobs: [] },
      { content: [] },
      { content: [{ token: "a" }] },
      null,
      undefined,
      {},
      [],
      "x",
    ]
  ) {
    assert.equal(read(value), null);
  }
  fc.assert(fc.property(fc.anything(), (value) => {
    const tokens = read(value);
    assert.ok(tokens === null || tokens.every(({ logprob }) => logprob <= 0));
  }));
});

Deno.test("readAlternatives() reads those of every shape that readLogprobs() reads", () => {
  const top = { wood: -0.1, stone: -2.5 };
  const list = [{ token: "wood", logprob: -0.1, bytes: [] }, { token: "stone", logprob: -2.5 }];
  const shapes: [unknown, unknown?][] = [
    [{ tokens: ["wood"], token_logprobs: [-0.1], top_logprobs: [top] }],
    [{ content: [{ token: "wood", logprob: -0.1, top_logprobs: list }] }],
    [-0.1, top],
  ];
  for (const [value, beside] of shapes) {
    const tokens = readLogprobs(value, "wood", beside)!;
    assert.deepEqual(readAlternatives(tokens[0]!), [
      { token: "wood", logprob: -0.1 },
      { token: "stone", logprob: -2.5 },
    ]);
  }
});

Deno.test("readAlternatives() takes what is none for no alternatives", () => {
  for (const alternatives of [undefined, null, 5, "x", {}, [], [5], { wood: "likely" }, [{}]]) {
    assert.deepEqual(readAlternatives({ token: "wood", logprob: 0, alternatives }), []);
  }
  fc.assert(fc.property(fc.anything(), (alternatives) => {
    readAlternatives({ token: "wood", logprob: 0, alternatives });
  }));
});
