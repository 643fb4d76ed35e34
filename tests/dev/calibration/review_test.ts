import assert from "node:assert/strict";
import { parseDecisions, reviewFeedback } from "../../../dev/calibration/review.ts";
import type { WaitingFeedback } from "../../../dev/calibration/project.ts";
import { createMemoryProject } from "./evaluation-lines.ts";

const ids = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);

const waiting = ids.map((request_id, place): WaitingFeedback => ({
  request_id,
  given_at: "2026-11-26T12:00:00Z",
  subject: "user:a",
  model: "a/model",
  method: "fused",
  raw_confidence: 0.9,
  family: "wood",
  verdict: "wrong",
  correction: {},
  is_family_right: place === 2 ? null : false,
  of_this_subject: 1,
  of_this_answer: 1,
}));

async function review(decisions: { accept?: string; reject?: string }) {
  const reviewed: unknown[] = [];
  const project = {
    ...createMemoryProject().project,
    readWaiting: () => Promise.resolve(waiting),
    review(id: string, { isAccepted, isFamilyRight }: {
      isAccepted: boolean;
      isFamilyRight: boolean | null;
    }) {
      reviewed.push([ids.indexOf(id), isAccepted, isFamilyRight]);
      return Promise.resolve(true);
    },
  };
  return { result: await reviewFeedback(project, parseDecisions(decisions)), reviewed };
}

Deno.test("review: all is accepted but what does not tell whether the family is right", async () => {
  const { result, reviewed } = await review({ accept: "all" });
  assert.deepEqual(result, { accepted: 2, rejected: 0, waiting: 1 });
  assert.deepEqual(reviewed, [[0, true, false], [1, true, false]]);
});

Deno.test("review: an operator says what is right, and rejects the rest", async () => {
  const { result, reviewed } = await review({
    accept: `${ids[2]}=right, ${ids[0]}`,
    reject: "all",
  });
  assert.deepEqual(result, { accepted: 2, rejected: 1, waiting: 0 });
  assert.deepEqual(reviewed, [[0, true, false], [1, false, null], [2, true, true]]);
});

Deno.test("review: what is no id is told", () => {
  assert.throws(
    () => parseDecisions({ accept: "everything" }),
    /"everything" is not a request's id/,
  );
});
