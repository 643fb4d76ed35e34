import assert from "node:assert/strict";
import { EvaluationError } from "../../../../dev/evaluation/errors.ts";
import {
  parseEvaluation,
  toEvaluationLine,
} from "../../../../dev/evaluation/answers/evaluation-file.ts";
import { createAnsweredLine, createFailedLine } from "../lines.ts";

Deno.test("an evaluation: what is written is read", () => {
  const lines = [createAnsweredLine(), createFailedLine()];
  assert.deepEqual(parseEvaluation(lines.map(toEvaluationLine).join(""), "a.jsonl"), lines);
});

Deno.test("an evaluation: a last line that was cut is left out", () => {
  const whole = toEvaluationLine(createAnsweredLine());
  assert.equal(parseEvaluation(whole + whole.slice(0, 40), "a.jsonl").length, 1);
});

Deno.test("an evaluation: a line of something else is named with its number", () => {
  const whole = toEvaluationLine(createAnsweredLine());
  assert.throws(
    () => parseEvaluation(`${whole}{"outcome":"answered"}\n`, "a.jsonl"),
    (error) => error instanceof EvaluationError && /Line 2 of "a\.jsonl"/.test(error.message),
  );
  assert.throws(
    () => parseEvaluation("nonsense\n", "a.jsonl"),
    /Line 1 of "a\.jsonl" is no line of an evaluation: it is not JSON/,
  );
});
