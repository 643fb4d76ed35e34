/** Comparisons with differences that are injected, so that it is known what there is to find. */
import assert from "node:assert/strict";
import type { AnsweredLine } from "../../../../dev/evaluation/answers/answer-line.ts";
import { compareSides, SIGNIFICANCE } from "../../../../dev/evaluation/comparison/compare.ts";
import { describeComparison } from "../../../../dev/evaluation/comparison/describe-comparison.ts";
import { createRandom } from "../../../../dev/random.ts";
import { createAnsweredLine } from "../lines.ts";

const RIGHT = createAnsweredLine();
const WRONG_ANSWER = { ...RIGHT.answered!, family: "stone" as const };

function createSide(name: string, rights: readonly boolean[], perSource = 1) {
  const lines = rights.map((isRight, index): AnsweredLine => ({
    ...RIGHT,
    file: `${index}.jpg`,
    source: `${Math.floor(index / perSource)}`,
    content_hash: String(index).padStart(64, "0"),
    answered: isRight ? RIGHT.answered : WRONG_ANSWER,
    right: { family: isRight },
  }));
  return { name, lines };
}

/** Answers of A, and those of B with faults injected: right ones made wrong, and wrong ones right. */
function injectFaults(
  random: () => number,
  { count, toWrong, toRight, perSource = 1 }: {
    count: number;
    toWrong: number;
    toRight: number;
    perSource?: number;
  },
) {
  const a: boolean[] = [];
  const b: boolean[] = [];
  let draw = 0;
  let base = false;
  for (let index = 0; index < count; index++) {
    // All pictures of a source go the same way.
    if (index % perSource === 0) [draw, base] = [random(), random() < 0.8];
    const isInjected = draw < toWrong + toRight;
    a.push(isInjected ? draw < toWrong : base);
    b.push(isInjected ? draw >= toWrong : base);
  }
  return [createSide("A", a, perSource), createSide("B", b, perSource)] as const;
}

function findClaims(runs: number, faults: Parameters<typeof injectFaults>[1]): number {
  const random = createRandom(17);
  let claims = 0;
  for (let run = 0; run < runs; run++) {
    const [comparison] = compareSides([injectFaults(random, faults)], { random, repeats: 1 });
    if (comparison!.p < SIGNIFICANCE) claims++;
  }
  return claims / runs;
}

Deno.test("a comparison of 300 pictures: a drop of 5 points at 6 % disagreement is found in 90 % of runs", () => {
  const found = findClaims(400, { count: 300, toWrong: 0.055, toRight: 0.005 });
  assert.ok(found >= 0.9, String(found));
});

Deno.test("a comparison of 300 pictures: a drop of 10 points at 20 % disagreement is found in 90 % of runs", () => {
  const found = findClaims(400, { count: 300, toWrong: 0.15, toRight: 0.05 });
  assert.ok(found >= 0.9, String(found));
});

Deno.test("a comparison: in clusters, what isn't there is claimed in about 5 % of runs at most", () => {
  const claimed = findClaims(600, { count: 300, toWrong: 0.1, toRight: 0.1, perSource: 5 });
  // Three standard errors of 600 runs; McNemar's test by pictures claims a third of them.
  assert.ok(claimed <= 0.05 + 3 * Math.sqrt(0.05 * 0.95 / 600), String(claimed));
});

Deno.test("a comparison: the smallest difference that it tells is found in about 90 % of runs", () => {
  const random = createRandom(3);
  const faults = { count: 300, toWrong: 0.06, toRight: 0.06 };
  const [told] = compareSides([injectFaults(random, faults)], { random, repeats: 1 });
  const shift = told!.smallestDifference / 2;
  const found = findClaims(300, { count: 300, toWrong: 0.06 + shift, toRight: 0.06 - shift });
  assert.ok(found > 0.82 && found < 0.97, `${found} of ${told!.smallestDifference}`);
});

Deno.test("a comparison: several are adjusted together, clusters and pairs are told", () => {
  const random = createRandom(5);
  const pictures = Array.from({ length: 40 }, (_, index) => index);
  const a = createSide("A", pictures.map((index) => index < 20), 2);
  const b = createSide("B", pictures.map((index) => index < 32), 2);
  const c = createSide("C", pictures.map((index) => index < 21).slice(0, 30), 2);
  const [alone] = compareSides([[a, b]], { random });
  const [ab, ac] = compareSides([[a, b], [a, c]], { random });
  assert.ok(ab!.p > alone!.p);
  assert.deepEqual(
    [ab!.pictures, ab!.sources, ab!.onlyB, ab!.onlyA, ab!.test],
    [40, 20, 12, 0, "clusters"],
  );
  assert.deepEqual([ac!.pictures, ac!.unpaired], [30, 10]);
  assert.ok(Math.abs(ab!.difference.value - 0.3) < 1e-9);
  const [low, high] = ab!.difference.interval!;
  assert.ok(low > 0.05 && low < 0.2 && high > 0.4 && high < 0.55, `${low} to ${high}`);
});

Deno.test("a comparison in words: the difference, chance, and what could have been found", () => {
  const random = createRandom(9);
  const rights = (count: number) => Array.from({ length: 50 }, (_, index) => index < count);
  const [small, none, large] = [
    [createSide("A", rights(40)), createSide("B", rights(43))] as const,
    [createSide("A", rights(40)), createSide("B", rights(40))] as const,
    [createSide("A", rights(45)), createSide("B", rights(20))] as const,
  ].map((pair) => describeComparison(compareSides([pair], { random })[0]!));
  assert.match(
    small![0]!,
    /^B is right 6\.0 points more often than A \(95 %: \d+\.\d to \d+\.\d\); this could be chance: p = 0\.13\.$/,
  );
  assert.equal(small![1], "On 50 pictures of 50 sources: 3 only B has right, 0 only A.");
  const [single] = compareSides([[createSide("A", [true]), createSide("B", [true])]], { random });
  assert.match(describeComparison(single!)[1]!, /^On 1 picture of 1 source: /);
  assert.match(small![2]!, /^The smallest difference .* in 90 of 100: \d+\.\d points\.$/);
  assert.equal(none![0], "A and B are right on the same pictures.");
  assert.match(
    large![0]!,
    /^A is right 50\.0 points more often than B \(95 %: 3\d\.\d to 6\d\.\d\); this is hardly chance: p < 0\.001\.$/,
  );
});

Deno.test("a comparison with an earlier evaluation: the labels of today count for both", () => {
  const random = createRandom(1);
  const earlier = createSide("earlier", [true, true, false]);
  const now = createSide("now", [true, true, true]);
  // The first label was wrong: it is stone, which neither has said; both said wood.
  now.lines[0] = { ...now.lines[0]!, labels: { family: "stone" }, right: { family: false } };
  const [comparison] = compareSides([[earlier, now]], { random });
  assert.ok(Math.abs(comparison!.accuracyA - 1 / 3) < 1e-9);
  assert.ok(Math.abs(comparison!.accuracyB - 2 / 3) < 1e-9);
});
