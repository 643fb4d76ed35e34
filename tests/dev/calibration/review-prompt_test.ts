import assert from "node:assert/strict";
import { createReviewPrompt } from "../../../dev/calibration/review-prompt.ts";
import type { WaitingFeedback } from "../../../dev/calibration/project.ts";

const FEEDBACK: WaitingFeedback = {
  request_id: "00000000-0000-4000-8000-000000000001",
  given_at: "2026-11-26T12:00:00Z",
  subject: "user:a",
  model: "a/model",
  method: "fused",
  raw_confidence: 0.9,
  family: "wood",
  verdict: "wrong",
  correction: { family: "stone", finish: "matte" },
  is_family_right: false,
  of_this_subject: 3,
  of_this_answer: 2,
};

function decide(answers: (string | null)[], pieces: Partial<WaitingFeedback>[] = [{}]) {
  const said: string[] = [];
  const left = [...answers];
  const prompt = createReviewPrompt(pieces.length, {
    ask: () => left.shift()!,
    say: (lines) => said.push(...lines),
  });
  const decisions = pieces.map((piece) => prompt({ ...FEEDBACK, ...piece }));
  assert.deepEqual(left, [], "each question is asked once");
  return { decisions, text: said.join("\n") };
}

Deno.test("review prompt: each answer is its decision, whatever its case", () => {
  assert.deepEqual(decide(["y", "R", " w ", "n", ""], [{}, {}, {}, {}, {}]).decisions, [
    { kind: "accept", isFamilyRight: null },
    { kind: "accept", isFamilyRight: true },
    { kind: "accept", isFamilyRight: false },
    { kind: "reject" },
    { kind: "later" },
  ]);
});

Deno.test("review prompt: after q, or the end of the input, nothing is asked and all waits", () => {
  for (const end of ["q", null]) {
    const { decisions } = decide(["n", end], [{}, {}, {}, {}]);
    assert.deepEqual(decisions.map(({ kind }) => kind), ["reject", "later", "later", "later"]);
  }
});

Deno.test("review prompt: what is no answer is asked again", () => {
  const { decisions, text } = decide(["yes", "y", "w"], [{ is_family_right: null }]);
  assert.deepEqual(decisions, [{ kind: "accept", isFamilyRight: false }]);
  assert.match(text, /"yes" is none of the answers/);
  assert.match(text, /does not tell whether the family is right: r or w says so/);
});

Deno.test("review prompt: a piece of feedback is told in lines that fit a terminal", () => {
  const { text } = decide(["n"]);
  assert.match(text, /1 of 1: request 00000000-/);
  assert.match(text, /answer {2}wood, raw figure 0\.90 \(fused\), by a\/model/);
  assert.match(text, /says {4}wrong, family stone, finish matte/);
  assert.match(text, /waiting 3 of this user, 2 of this answer/);
  assert.ok(text.split("\n").every((line) => line.length <= 80));
});
