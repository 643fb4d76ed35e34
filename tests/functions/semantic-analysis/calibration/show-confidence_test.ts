import assert from "node:assert/strict";
import { showConfidence } from "../../../../supabase/functions/semantic-analysis/calibration/show-confidence.ts";
import type { Analysis } from "../../../../supabase/functions/semantic-analysis/model/analysis.ts";
import { CALIBRATION_MAP as MAP } from "../../../support/calibration.ts";

const VERSIONS = { promptVersion: MAP.prompt_version, schemaVersion: MAP.schema_version };

const FIGURE: Analysis["figure"] = {
  raw: 0.9,
  method: "fused",
  model: MAP.model,
  families: { wood: 0.8, stone: 0.15 },
};

const show = (
  figure: Partial<Analysis["figure"]> = {},
  { maps = [MAP], minPrecision = null }: { maps?: unknown[]; minPrecision?: number | null } = {},
) =>
  showConfidence({ ...FIGURE, ...figure }, {
    maps: JSON.stringify(maps),
    versions: VERSIONS,
    minPrecision,
  });

/** `1 / (1 + exp(−(0.8 · logit(0.9) − 0.4)))`. */
const CALIBRATED = 0.7954;

Deno.test("confidence: with a map it is the calibrated figure, and the raw one beside it", () => {
  const { confidence, confidence_detail, candidates } = show();
  assert.equal(confidence, CALIBRATED);
  assert.deepEqual(confidence_detail, {
    method: "fused",
    calibrated: true,
    raw: 0.9,
    model: MAP.model,
    families: FIGURE.families,
    n: 320,
    ece: 0.03,
    fitted_at: "2026-11-26T12:00:00Z",
  });
  assert.deepEqual(candidates, [
    { family: "wood", probability: 0.8 },
    { family: "stone", probability: 0.15 },
  ]);
});

Deno.test("confidence: without a map it is the raw figure, a model's own word capped", () => {
  const { confidence, confidence_detail, candidates } = show({}, { maps: [] });
  assert.equal(confidence, 0.9);
  assert.equal(candidates, undefined);
  assert.deepEqual(confidence_detail.reason, { calibrated: "no_map", candidates: "no_map" });
  const verbalized = show({ method: "verbalized", raw: 0.98, families: null });
  assert.equal(verbalized.confidence, 0.75);
  assert.equal(verbalized.confidence_detail.raw, 0.98);
  assert.equal(verbalized.confidence_detail.calibrated, false);
});

Deno.test("confidence: a model's own word is calibrated uncapped", () => {
  const maps = [{ ...MAP, method: "verbalized" }];
  const at = (raw: number) => show({ method: "verbalized", raw }, { maps }).confidence!;
  assert.ok(at(0.98) > at(0.8) && at(0.98) > 0.9);
});

Deno.test("confidence: a map without a fit leaves the figure, and promises of it", () => {
  const maps = [{ ...MAP, fit: null }];
  const { confidence, confidence_detail, candidates } = show({}, { maps, minPrecision: 0.9 });
  assert.equal(confidence, 0.9);
  assert.deepEqual([confidence_detail.calibrated, confidence_detail.meets], [false, true]);
  assert.deepEqual(confidence_detail.reason, { calibrated: "no_map" });
  assert.equal(candidates!.length, 2);
  assert.equal(
    show({ method: "verbalized", raw: 0.98 }, {
      maps: [{ ...MAP, fit: null, method: "verbalized" }],
    }).confidence,
    0.75,
  );
});

Deno.test("confidence: null stays null, whatever is asked for", () => {
  const figure = { raw: null, method: "none" as const, families: null };
  assert.deepEqual(show(figure, { minPrecision: 0.9 }), {
    confidence: null,
    confidence_detail: {
      method: "none",
      calibrated: false,
      raw: null,
      model: MAP.model,
      reason: { calibrated: "no_figure", meets: "no_figure", candidates: "no_figure" },
    },
  });
});

Deno.test("confidence: a map of another model, method or version, or a broken one, is none", () => {
  const others: unknown[] = [
    { ...MAP, model: "b/model" },
    { ...MAP, method: "verbalized" },
    { ...MAP, prompt_version: "0".repeat(16) },
    { ...MAP, schema_version: "0".repeat(16) },
    { ...MAP, fit: { kind: "platt", a: "1", b: 0 } },
    null,
    5,
  ];
  for (const other of others) {
    assert.equal(show({}, { maps: [other] }).confidence_detail.calibrated, false);
  }
});

Deno.test("meets: a promise is decided by the threshold of the next higher precision", () => {
  const meetsAt = (minPrecision: number, raw = 0.7) =>
    show({ raw }, { minPrecision }).confidence_detail.meets;
  // The map's thresholds: 0.8 from 0.41 on, 0.9 from 0.62, 0.95 from 0.83; none for 0.99.
  assert.equal(meetsAt(0.5), true);
  assert.equal(meetsAt(0.9), true);
  assert.equal(meetsAt(0.91), false);
  assert.equal(meetsAt(0.95), false);
  assert.equal(meetsAt(0.95, 0.83), true);
  assert.equal(meetsAt(0.99, 1), undefined);
});

Deno.test("meets: why there is no promise is told", () => {
  const reasonOf = (maps: unknown[], minPrecision = 0.95) =>
    show({}, { maps, minPrecision }).confidence_detail.reason?.meets;
  assert.equal(reasonOf([MAP]), undefined);
  assert.equal(reasonOf([MAP], 0.99), "not_promised");
  assert.equal(reasonOf([{ ...MAP, thresholds: null }]), "not_promised");
  assert.equal(reasonOf([]), "no_map");
  assert.equal("meets" in show().confidence_detail, false);
});

Deno.test("candidates: why there is no set is told", () => {
  const reasonOf = (figure: Partial<Analysis["figure"]>, map: object = MAP) =>
    show(figure, { maps: [map] }).confidence_detail.reason?.candidates;
  assert.equal(reasonOf({ families: null }), "no_alternatives");
  assert.equal(reasonOf({}, { ...MAP, conformal: null }), "not_promised");
  assert.equal(reasonOf({ families: { wood: 0.1 } }), "too_many");
});

Deno.test("confidence: maps that are no list of JSON are none", () => {
  for (const maps of ["", "{", "{}", "null", "5"]) {
    const shown = showConfidence(FIGURE, { maps, versions: VERSIONS, minPrecision: null });
    assert.equal(shown.confidence_detail.calibrated, false);
  }
});
