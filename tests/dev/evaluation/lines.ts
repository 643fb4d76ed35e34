/** Lines of evaluations, whole. */
import type { AnsweredLine, FailedLine } from "../../../dev/evaluation/answers/answer-line.ts";

/** What both kinds of line tell of a picture and its question. */
const PICTURE = {
  file: "wood/board.jpg",
  source: "wood/board.jpg",
  content_hash: "0".repeat(64),
  labels: { family: "wood" },
  model_asked: null,
  prompt_version: "7f3a",
  schema_version: "21c0",
  answered_at: "2026-11-26T12:00:00.000Z",
} as const;

/** A right answer, but for what is given. */
export function createAnsweredLine(changes: Partial<AnsweredLine> = {}): AnsweredLine {
  return {
    outcome: "answered",
    ...PICTURE,
    model: "local/pixel-analyst",
    method: "fused",
    raw_confidence: 0.9,
    confidence: 0.9,
    is_calibrated: false,
    answered: {
      family: "wood",
      type: "oak",
      finish: "unknown",
      texture: "fine",
      pattern: "grain",
      reflectivity: "unknown",
      transparency: "unknown",
      colors: ["brown"],
      applications: [],
      style: [],
      quality_flags: [],
      lookalikes: [],
    },
    alternatives: [{ family: "wood", probability: 0.9 }, { family: "stone", probability: 0.1 }],
    right: { family: true },
    is_kept: false,
    is_cached: false,
    cost_usd: 0.001,
    prompt_tokens: 2000,
    completion_tokens: 200,
    latency_ms: 1500,
    request_id: "00000000-0000-4000-8000-000000000000",
    ...changes,
  };
}

/** A picture without an answer. */
export function createFailedLine(changes: Partial<FailedLine> = {}): FailedLine {
  return {
    outcome: "failed",
    ...PICTURE,
    code: "UPSTREAM_TIMEOUT",
    message: "The model took too long",
    ...changes,
  };
}
