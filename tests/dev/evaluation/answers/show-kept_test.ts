import assert from "node:assert/strict";
import { showKept } from "../../../../dev/evaluation/answers/show-kept.ts";
import { createKeptAnswer } from "../fake-project.ts";

const VERSIONS = { promptVersion: "0123456789abcdef", schemaVersion: "fedcba9876543210" };

/** Takes one from the logit of what is said. */
const MAP = {
  model: "vendor/first",
  prompt_version: VERSIONS.promptVersion,
  schema_version: VERSIONS.schemaVersion,
  method: "verbalized",
  fit: { kind: "platt", a: 1, b: -1 },
  n: 200,
  ece: { before: 0.2, after: 0.03 },
  fitted_at: "2026-11-26T12:00:00.000Z",
  thresholds: null,
  conformal: null,
};

Deno.test("a kept answer: its confidence is that of the maps of today", () => {
  const kept = createKeptAnswer("wood");
  const calibrated = showKept(kept, VERSIONS, [MAP]).response;
  assert.equal(calibrated.confidence_detail.calibrated, true);
  assert.ok(Math.abs(calibrated.confidence! - 0.768) < 0.001, String(calibrated.confidence));
  // Of another version, or withdrawn: as it was, capped.
  for (const maps of [[], [{ ...MAP, schema_version: "0000000000000000" }]]) {
    const { confidence, confidence_detail } = showKept(kept, VERSIONS, maps).response;
    assert.deepEqual([confidence, confidence_detail.calibrated], [0.75, false]);
  }
  // A map that is gone takes its figure with it.
  const again = showKept({ ...kept, response: calibrated }, VERSIONS, []).response;
  assert.deepEqual([again.confidence, again.confidence_detail.calibrated], [0.75, false]);
});

Deno.test("a kept answer: one that tells no raw figure is left as it was", () => {
  const kept = createKeptAnswer("wood");
  const { raw: _raw, ...detail } = kept.response.confidence_detail;
  const old = { ...kept, response: { ...kept.response, confidence_detail: detail } };
  assert.equal(showKept(old, VERSIONS, [MAP]), old);
});
