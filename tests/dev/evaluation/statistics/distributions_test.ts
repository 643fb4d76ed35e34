import assert from "node:assert/strict";
import {
  toBinomialLowerTail,
  toNormalLowerTail,
  toNormalQuantile,
} from "../../../../dev/evaluation/statistics/distributions.ts";

const isNear = (value: number, wanted: number) =>
  assert.ok(Math.abs(value - wanted) < 1e-7, `${value} is not ${wanted}`);

Deno.test("distributions: tails and quantiles are those of SciPy 1.17", () => {
  isNear(toBinomialLowerTail(2, 100, 0.05), 0.1182629811851204);
  isNear(toBinomialLowerTail(40, 800, 0.06), 0.13068824566371795);
  isNear(toBinomialLowerTail(12, 1500, 0.01), 0.26636140434088307);
  isNear(toBinomialLowerTail(-1, 10, 0.5), 0);
  isNear(toBinomialLowerTail(10, 10, 0.5), 1);
  isNear(toNormalQuantile(0.975), 1.959963984540054);
  isNear(toNormalLowerTail(-1.959963984540054), 0.025);
});
