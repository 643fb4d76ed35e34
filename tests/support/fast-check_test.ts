import assert from "node:assert/strict";
import fc, { parsePropertySeed } from "./fast-check.ts";

Deno.test("fast-check: every property draws from one seed, so the same values each time", () => {
  assert.deepEqual(fc.sample(fc.string(), 20), fc.sample(fc.string(), 20));
});

Deno.test("parsePropertySeed(): a number, a random one, and without the variable always the same", () => {
  assert.equal(parsePropertySeed("-1003777809"), -1_003_777_809);
  assert.equal(parsePropertySeed("random", () => 0.75), -(2 ** 30));
  assert.equal(parsePropertySeed(undefined), parsePropertySeed(""));
  for (const text of ["x", "1.5", "4294967296"]) {
    assert.throws(() => parsePropertySeed(text), RangeError, text);
  }
});
