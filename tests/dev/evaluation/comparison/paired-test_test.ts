import assert from "node:assert/strict";
import { adjustByHolm, testPaired } from "../../../../dev/evaluation/comparison/paired-test.ts";
import fc from "../../../support/fast-check.ts";

const pairs = (onlyB: number, onlyA: number) => [
  ...new Array<number>(onlyB).fill(1),
  ...new Array<number>(onlyA).fill(-1),
];

/** Binomial probabilities of 0 to n successes. */
function toBinomial(n: number, share: number): number[] {
  const logs = [0];
  for (let k = 1; k <= n; k++) logs[k] = logs[k - 1]! + Math.log(k);
  return Array.from({ length: n + 1 }, (_, k) =>
    Math.exp(
      logs[n]! - logs[k]! - logs[n - k]! + k * Math.log(share) + (n - k) * Math.log(1 - share),
    ));
}

Deno.test("the paired test: one picture a source is McNemar's test, mid-p", () => {
  // Fagerland, Lydersen & Laake (2013), table 4: 1 and 7 discordant pairs, mid-p 0.039.
  assert.ok(Math.abs(testPaired(pairs(1, 7)) - 0.0390625) < 1e-9);
  // The same from the binomial distribution.
  for (const [b, a] of [[12, 3], [40, 22], [5, 0], [9, 9]] as const) {
    const probabilities = toBinomial(b + a, 0.5);
    const tail = probabilities.slice(0, Math.min(a, b) + 1).reduce((sum, each) => sum + each, 0);
    const expected = a === b ? 1 : 2 * tail - probabilities[Math.min(a, b)]!;
    assert.ok(Math.abs(testPaired(pairs(b, a)) - expected) < 1e-9, `${b}, ${a}`);
  }
});

Deno.test("the paired test: sources that agree change nothing, and the sides may be exchanged", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 40 }),
    (differences) => {
      const p = testPaired(differences);
      assert.ok(p > 0 && p <= 1);
      assert.equal(testPaired([...differences, 0, 0]), p);
      assert.ok(Math.abs(testPaired(differences.map((each) => -each)) - p) < 1e-12);
    },
  ));
});

Deno.test("the paired test: n = 300, what isn't there is claimed in at most 5 % at any disagreement", () => {
  const isClaimed = (onlyB: number, discordant: number) =>
    testPaired(pairs(onlyB, discordant - onlyB)) < 0.05;
  const claimed = Array.from({ length: 101 }, (_, discordant) =>
    toBinomial(discordant, 0.5)
      .reduce((sum, share, onlyB) => sum + (isClaimed(onlyB, discordant) ? share : 0), 0));
  for (const disagreement of [0.01, 0.02, 0.04, 0.06, 0.1, 0.2]) {
    const level = toBinomial(300, disagreement).slice(0, claimed.length)
      .reduce((sum, share, discordant) => sum + share * claimed[discordant]!, 0);
    assert.ok(level <= 0.05, `${level} at ${disagreement}`);
  }
});

Deno.test("Holm's adjustment: the least value counts as often as there are tests", () => {
  assert.deepEqual(adjustByHolm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  assert.deepEqual(adjustByHolm([0.6, 0.9]), [1, 1]);
  assert.deepEqual(adjustByHolm([0.02]), [0.02]);
  assert.deepEqual(adjustByHolm([]), []);
});
