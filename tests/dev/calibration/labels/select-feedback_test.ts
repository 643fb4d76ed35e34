import assert from "node:assert/strict";
import type { Label } from "../../../../dev/calibration/labels/label.ts";
import {
  type FeedbackLabel,
  selectFeedback,
} from "../../../../dev/calibration/labels/select-feedback.ts";
import { KEY } from "../evaluation-lines.ts";

/** Every fifth is wrong. */
function toLabels(count: number): Label[] {
  return Array.from({ length: count }, (_, place) => ({
    raw: 0.9,
    isRight: place % 5 > 0,
    source: `picture ${place}`,
  }));
}

function toFeedback(
  count: number,
  { giver, isRight = (place) => place % 5 > 0 }: {
    giver: (place: number) => string;
    isRight?: (place: number) => boolean;
  },
): FeedbackLabel[] {
  return Array.from({ length: count }, (_, place) => ({
    key: KEY,
    raw: 0.9,
    isRight: isRight(place),
    source: giver(place),
    answeredAtMs: place,
  }));
}

Deno.test("feedback: one user has a twentieth of the fit at most, and the newest of it", () => {
  const feedback = toFeedback(100, { giver: () => "one" });
  const { used, beyondShare, leftOut } = selectFeedback(feedback, toLabels(190));
  assert.equal(used.length, 10);
  assert.ok(used.length <= 0.05 * (190 + used.length));
  assert.deepEqual([beyondShare, leftOut, used[0]!.answeredAtMs], [90, null, 90]);
});

Deno.test("feedback: that is wrong more often, or less often, than evaluations is left out", () => {
  const giver = (place: number) => `user ${place % 40}`;
  for (const isRight of [() => false, () => true]) {
    const { used, leftOut } = selectFeedback(toFeedback(80, { giver, isRight }), toLabels(300));
    assert.deepEqual([used.length, leftOut], [0, "other_share_of_wrong"]);
  }
  assert.equal(selectFeedback(toFeedback(80, { giver }), toLabels(300)).used.length, 80);
});

Deno.test("feedback: without evaluations there is nothing to compare it with", () => {
  const feedback = toFeedback(80, { giver: (place) => `user ${place}` });
  assert.equal(selectFeedback(feedback, []).used.length, 0);
});
