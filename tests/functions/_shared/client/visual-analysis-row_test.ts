import assert from "node:assert/strict";
import type { AnalysisResponseBody } from "../../../../supabase/functions/_shared/client/contract.ts";
import type { Material } from "../../../../supabase/functions/_shared/client/material.ts";
import { toVisualAnalysisRow } from "../../../../supabase/functions/_shared/client/visual-analysis-row.ts";

const MATERIAL: Material = {
  family: "wood",
  type: "white oak",
  finish: "matte",
  texture: "fine",
  pattern: "grain",
  colors: ["light brown", "beige"],
  reflectivity: "low",
  transparency: "opaque",
  applications: ["flooring"],
  style: ["rustic"],
  quality_flags: ["blurry"],
  lookalikes: ["ash"],
};

const ANSWER: AnalysisResponseBody = {
  analysis: "Oak with a matt finish.",
  confidence: 0.81,
  model_used: "Qwen/Qwen3.5-9B",
  processing_time_ms: 1500,
  confidence_detail: {
    method: "fused",
    calibrated: false,
    raw: 0.81,
    model: "local/pixel-analyst",
  },
  material: MATERIAL,
  model_requested: "Qwen/Qwen3.5-9B",
  usage: {
    prompt_tokens: 1,
    completion_tokens: 1,
    cost_usd: 1,
    estimated_prompt_tokens: 1,
    estimated_cost_usd: 1,
  },
  cached: false,
  warnings: [],
  request_id: "r",
};

Deno.test("toVisualAnalysisRow() fills every column from a structured answer", () => {
  assert.deepEqual(toVisualAnalysisRow(ANSWER), {
    material_type: "white oak",
    surface_texture: "fine",
    color_description: "light brown, beige",
    finish_type: "matte",
    pattern_grain: "grain",
    reflectivity: "low",
    visual_characteristics: "Oak with a matt finish.",
    structural_properties: {
      family: "wood",
      transparency: "opaque",
      applications: ["flooring"],
      style: ["rustic"],
      quality_flags: ["blurry"],
      lookalikes: ["ash"],
      confidence_detail: { method: "fused", model: "local/pixel-analyst" },
    },
    llama_model_version: "Qwen/Qwen3.5-9B",
    llama_processing_time_ms: 1500,
    llama_confidence_score: 0.81,
    analysis_confidence: 0.81,
  });
});

Deno.test("toVisualAnalysisRow() guesses nothing: what is unknown is null", () => {
  const material: Material = {
    ...MATERIAL,
    type: "unknown",
    finish: "unknown",
    texture: "unknown",
    pattern: "unknown",
    reflectivity: "unknown",
    transparency: "unknown",
    colors: [],
  };
  const row = toVisualAnalysisRow({ ...ANSWER, material });
  assert.equal(row.material_type, "wood");
  for (
    const column of [
      "surface_texture",
      "color_description",
      "finish_type",
      "pattern_grain",
      "reflectivity",
    ] as const
  ) {
    assert.equal(row[column], null, column);
  }
  assert.equal(row.structural_properties.transparency, null);
});

Deno.test("toVisualAnalysisRow() maps prose, with an explicit null for both confidences", () => {
  const row = toVisualAnalysisRow({
    ...ANSWER,
    material: null,
    confidence: null,
    confidence_detail: { ...ANSWER.confidence_detail, raw: null },
  });
  assert.equal(row.material_type, "unknown");
  assert.equal(row.visual_characteristics, "Oak with a matt finish.");
  assert.deepEqual(row.structural_properties, {});
  assert.equal(row.llama_confidence_score, null);
  assert.equal(row.analysis_confidence, null);
  assert.ok("llama_confidence_score" in row && "analysis_confidence" in row);
});

Deno.test("toVisualAnalysisRow() stores the raw figure, not what the maps of the moment make of it", () => {
  const detail = { ...ANSWER.confidence_detail, calibrated: true, raw: 0.98 };
  const row = toVisualAnalysisRow({ ...ANSWER, confidence: 0.7, confidence_detail: detail });
  assert.deepEqual([row.llama_confidence_score, row.analysis_confidence], [0.98, 0.98]);
  const { raw: _, ...ofOlderFunction } = ANSWER.confidence_detail;
  const older = { ...ANSWER, confidence_detail: ofOlderFunction as typeof detail };
  assert.equal(toVisualAnalysisRow(older).analysis_confidence, 0.81);
});
