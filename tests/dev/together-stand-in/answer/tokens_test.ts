import assert from "node:assert/strict";
import {
  countPictureTokens,
  estimateTextTokens,
  tokenize,
} from "../../../../dev/together-stand-in/answer/tokens.ts";
import fc from "../../../support/fast-check.ts";

Deno.test("countPictureTokens() bills one to four tiles of 1601 tokens", () => {
  assert.equal(countPictureTokens(1, 1), 1601);
  assert.equal(countPictureTokens(559, 559), 1601);
  assert.equal(countPictureTokens(1119, 1119), 1601);
  assert.equal(countPictureTokens(1120, 1119), 2 * 1601);
  assert.equal(countPictureTokens(1120, 1120), 4 * 1601);
  assert.equal(countPictureTokens(10_000, 300), 2 * 1601);
});

Deno.test("countPictureTokens() never bills less than a tile nor more than four", () => {
  const edge = fc.integer({ min: 1, max: 100_000 });
  fc.assert(fc.property(edge, edge, (width, height) => {
    const tiles = countPictureTokens(width, height) / 1601;
    return [1, 2, 4].includes(tiles);
  }));
});

Deno.test("estimateTextTokens() counts a token per four characters, rounded up", () => {
  assert.equal(estimateTextTokens(""), 0);
  assert.equal(estimateTextTokens("abcd"), 1);
  assert.equal(estimateTextTokens("abcde"), 2);
});

Deno.test("tokenize() loses nothing", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.equal(tokenize(text).join(""), text);
  }));
});

Deno.test("tokenize() keeps short words and colours whole", () => {
  assert.deepEqual(tokenize("like wood (#8a5a2b)."), [
    "like",
    " wood",
    " ",
    "(",
    "#8a5a2b",
    ")",
    ".",
  ]);
});

Deno.test("tokenize() splits long words and the escapes of JSON", () => {
  assert.deepEqual(tokenize('{"a":"a plastic\\nt"}'), [
    ...["{", '"', "a", '"', ":", '"', "a", " plast", "ic", "\\", "nt", '"', "}"],
  ]);
});
