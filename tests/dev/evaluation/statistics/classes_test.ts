import assert from "node:assert/strict";
import type { AnsweredLine } from "../../../../dev/evaluation/answers/answer-line.ts";
import { rateAnswer } from "../../../../dev/evaluation/answers/rate-answer.ts";
import { scoreProperty } from "../../../../dev/evaluation/statistics/classes.ts";
import { findLabelled, observe } from "../../../../dev/evaluation/statistics/observations.ts";
import { createRandom } from "../../../../dev/random.ts";
import { createAnsweredLine } from "../lines.ts";

type Family = NonNullable<AnsweredLine["labels"]["family"]>;

function createLines(pairs: [label: Family, answer: Family | null][], perSource = 1) {
  const { answered } = createAnsweredLine();
  return pairs.map(([label, answer], index) => {
    const labels = { family: label };
    const given = answer && { ...answered!, family: answer };
    return createAnsweredLine({
      labels,
      answered: given,
      right: rateAnswer(labels, given),
      source: String(Math.floor(index / perSource)),
    });
  });
}

const score = (lines: AnsweredLine[], property: "family" | "type" = "family") =>
  scoreProperty(observe(lines, property), { random: createRandom(1) });

Deno.test("scores of a property: accuracy, F1 by label and its mean, the confusion matrix", () => {
  const scores = score(createLines([
    ["wood", "wood"],
    ["wood", "wood"],
    ["wood", "stone"],
    ["stone", "stone"],
    ["stone", "unknown"],
    ["metal", null],
  ]))!;
  assert.equal(scores.accuracy.value, 0.5);
  assert.equal(scores.unknown.value, 2 / 6);
  assert.deepEqual(scores.confusion, {
    labels: ["metal", "stone", "wood"],
    answers: ["metal", "stone", "wood", "unknown"],
    counts: [[0, 0, 0, 1], [0, 1, 0, 1], [0, 1, 2, 0]],
  });
  assert.deepEqual(scores.classes.map(({ f1 }) => f1), [0, 0.5, 0.8]);
  assert.deepEqual(scores.classes.map(({ precision }) => precision), [null, 0.5, 1]);
  assert.ok(Math.abs(scores.macroF1.value - 1.3 / 3) < 1e-12);
});

Deno.test("scores of a property: the interval holds the truth, and is wider where pictures share sources", () => {
  const random = createRandom(2);
  let inside = 0;
  for (let run = 0; run < 60; run++) {
    const pairs = Array.from(
      { length: 100 },
      (): [Family, Family] => ["wood", random() < 0.8 ? "wood" : "stone"],
    );
    const [low, high] = scoreProperty(observe(createLines(pairs), "family"), {
      random,
      repeats: 400,
    })!.accuracy.interval!;
    if (low <= 0.8 && 0.8 <= high) inside++;
  }
  assert.ok(inside >= 52, String(inside));
  // Ten sources of ten pictures each, all right or all wrong.
  const alike = Array.from(
    { length: 100 },
    (_, index): [Family, Family] => ["wood", index < 80 ? "wood" : "stone"],
  );
  const width = (lines: AnsweredLine[]) => {
    const [low, high] = score(lines)!.accuracy.interval!;
    return high - low;
  };
  const ratio = width(createLines(alike, 10)) / width(createLines(alike));
  assert.ok(ratio > 2.5 && ratio < 3.8, String(ratio));
});

Deno.test("scores of a property: all right is not without doubt, one source has no interval", () => {
  const right = createLines(Array.from({ length: 30 }, (): [Family, Family] => ["wood", "wood"]));
  const [low, high] = score(right)!.accuracy.interval!;
  assert.ok(low > 0.85 && low < 0.92 && high > 0.999, `${low} to ${high}`);
  assert.equal(score(createLines([["wood", "wood"]], 1))!.accuracy.interval, null);
  assert.equal(score([]), null);
});

Deno.test("scores of a property: a right type counts as its label, whatever else it says", () => {
  const line = createAnsweredLine();
  const labels = { family: "wood" as const, type: "oak" };
  const answered = { ...line.answered!, type: "white oak" };
  const lines = [{ ...line, labels, answered, right: rateAnswer(labels, answered) }];
  assert.deepEqual(findLabelled(lines), ["family", "type"]);
  assert.deepEqual(score(lines, "type")!.confusion, {
    labels: ["oak"],
    answers: ["oak"],
    counts: [[1]],
  });
});
