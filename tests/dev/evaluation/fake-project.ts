/** A project without a network: answers are made by the picture's bytes. */
import type { KeptAnswer } from "../../../dev/evaluation/answers/kept-answers.ts";
import type { EvaluatedProject, ModelFacts } from "../../../dev/evaluation/project/project.ts";

/** What an analysis costs in the fake project, and the most that one can. */
export const COST_USD = 0.001;

/** What each question is said to cost at most. */
export const CEILING_USD = 0.003;

/** Facts of a model, or of the chain. */
export function createFacts(modelAsked: string | null = null): ModelFacts {
  return {
    modelAsked,
    model: modelAsked ?? "vendor/first",
    promptVersion: "7f3a",
    schemaVersion: "21c0",
    ceilingUsd: CEILING_USD,
    estimatedUsd: 0.002,
    textTokens: 1_000,
    maxPictureTokens: null,
    inputUsdPerMillion: 0.2,
    outputUsdPerMillion: 1,
  };
}

/** An answer of a family. */
export function createKeptAnswer(family: string, model = "vendor/first"): KeptAnswer {
  return {
    response: {
      confidence: 0.75,
      model_used: model,
      confidence_detail: {
        method: "verbalized",
        calibrated: false,
        raw: 0.9,
        model,
        families: { stone: 0.1, wood: 0.85 },
      },
      material: {
        family,
        type: "White Oak",
        finish: "matte",
        texture: "fine",
        pattern: "grain",
        colors: ["Dark Brown"],
        reflectivity: "low",
        transparency: "opaque",
        applications: [],
        style: [],
        quality_flags: [],
        lookalikes: [],
      },
      usage: { prompt_tokens: 2_000, completion_tokens: 200, cost_usd: COST_USD },
      cached: false,
      request_id: "00000000-0000-4000-8000-000000000000",
    },
    latency_ms: 1_500,
    answered_at: "2026-11-26T12:00:00.000Z",
  };
}

/** A project that records what it is asked. */
export function createFakeProject(
  answer: (asked: number) => KeptAnswer | Promise<KeptAnswer> = () => createKeptAnswer("wood"),
) {
  const asked: (string | null)[] = [];
  const project: EvaluatedProject = {
    url: "http://project.test",
    readFacts: (modelAsked) =>
      Promise.resolve({
        facts: createFacts(modelAsked),
        limits: { maxImageBytes: 6_291_456, concurrent: 4, perMinute: 600, projectLeftUsd: null },
      }),
    readMaps: () => Promise.resolve([]),
    async ask(_picture, { modelAsked }) {
      asked.push(modelAsked);
      return await answer(asked.length);
    },
  };
  return { project, asked };
}
