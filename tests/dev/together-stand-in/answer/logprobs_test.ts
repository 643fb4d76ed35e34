import assert from "node:assert/strict";
import {
  type Guess,
  scoreTokens,
  toLogprobsFields,
} from "../../../../dev/together-stand-in/answer/logprobs.ts";

const TEXT = "It is plastic (#aabbcc).";
const GUESS: Guess = {
  word: "plastic",
  start: 6,
  probabilities: new Map([["plastic", 0.5], ["plaster", 0.3], ["wood", 0.2]]),
};
const TOKENS = scoreTokens(TEXT, GUESS);

Deno.test("scoreTokens() gives the tokens of the guess its probability, and the others 1", () => {
  assert.equal(TOKENS.map(({ text }) => text).join(""), TEXT);
  const scored = TOKENS.filter(({ logprob }) => logprob !== 0).map(({ text }) => text);
  assert.deepEqual(scored, [" plast", "ic"]);
  const sum = TOKENS.reduce((total, { logprob }) => total + logprob, 0);
  assert.ok(Math.abs(Math.exp(sum) - 0.5) < 1e-9);
});

Deno.test("scoreTokens() knows what else might have stood there, given what stands before", () => {
  const [first, second] = TOKENS.slice(2).map(({ alternatives }) =>
    alternatives.map(([text, logprob]) => [text, Math.exp(logprob).toFixed(3)])
  );
  assert.deepEqual(first, [[" plast", "0.800"], [" wood", "0.200"]]);
  assert.deepEqual(second, [["ic", "0.625"], ["er", "0.375"]]);
});

Deno.test("scoreTokens() finds the guess where it starts, not where else it stands", () => {
  const tokens = scoreTokens('wood "wood"', { ...GUESS, word: "wood", start: 6 });
  assert.deepEqual(tokens.map(({ logprob }) => logprob !== 0), [false, false, false, true, false]);
});

Deno.test("toLogprobsFields() writes each shape", () => {
  const tokens = TOKENS.slice(2, 4);
  const [first, second] = tokens.map(({ logprob }) => logprob);
  assert.deepEqual(toLogprobsFields(tokens, { shape: "tokens", top: 0 }), {
    logprobs: { tokens: [" plast", "ic"], token_logprobs: [first, second] },
  });
  assert.deepEqual(toLogprobsFields(tokens.slice(0, 1), { shape: "number", top: 1 }), {
    logprobs: first,
    top_logprobs: { " plast": first },
  });
  assert.deepEqual(toLogprobsFields(tokens.slice(1), { shape: "content", top: 1 }), {
    logprobs: {
      content: [{
        token: "ic",
        logprob: second,
        bytes: [0x69, 0x63],
        top_logprobs: [{ token: "ic", logprob: second, bytes: [0x69, 0x63] }],
      }],
      refusal: null,
    },
  });
  assert.deepEqual(toLogprobsFields(tokens, { shape: "null", top: 5 }), { logprobs: null });
});
