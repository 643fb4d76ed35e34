import type { AnsweredLine, AnswerLine } from "../answers/answer-line.ts";
import type { Comparison } from "../comparison/compare.ts";
import type { LabelProblem } from "../labels/labelled-picture.ts";
import type { BootstrapOptions } from "./bootstrap.ts";
import { type PropertyScore, scoreProperty } from "./classes.ts";
import { type Costs, measureCosts } from "./costs.ts";
import { findLabelled, observe } from "./observations.ts";
import { measureReliability, type Reliability } from "./reliability.ts";
import { measureRiskCoverage, type RiskCoverage } from "./risk-coverage.ts";

/** What was asked, and the answers to it. */
export interface AnswerGroup {
  /** For people: a model, or the chain. */
  name: string;
  lines: readonly AnswerLine[];
}

/** How one model, or the chain, fares. */
export interface GroupSummary {
  name: string;
  answered: number;
  failed: number;
  /** Failures by their code. */
  failures: Record<string, number>;
  properties: PropertyScore[];
  /** null where no answer has a confidence; of the family, as all that follows. */
  reliability: Reliability | null;
  /** Of the raw figures, where they are others than those shown: capped, or calibrated. */
  rawReliability: Reliability | null;
  riskCoverage: RiskCoverage | null;
  costs: Costs;
}

/** All that an evaluation comes to. */
export interface EvaluationSummary {
  /** Of the folder or CSV. */
  name: string;
  /** ISO 8601. */
  madeAt: string;
  pictures: number;
  sources: number;
  problems: LabelProblem[];
  groups: GroupSummary[];
  comparisons: Comparison[];
}

/**
 * Answers by what was asked: a model, or the chain. Where several models of the chain have answered, each of
 * them is a group as well.
 */
export function groupAnswers(lines: readonly AnswerLine[]): AnswerGroup[] {
  const asked = [...new Set(lines.map(({ model_asked }) => model_asked))];
  return asked.flatMap((modelAsked) => {
    const own = lines.filter(({ model_asked }) => model_asked === modelAsked);
    if (modelAsked !== null) return [{ name: modelAsked, lines: own }];
    const answered = own.filter(isAnswered);
    const models = [...new Set(answered.map(({ model }) => model))];
    const [only] = models;
    if (models.length <= 1) return [{ name: only ?? "the chain", lines: own }];
    return [
      { name: "the chain", lines: own },
      ...models.map((model) => ({
        name: `${model}, of the chain`,
        lines: answered.filter((line) => line.model === model),
      })),
    ];
  });
}

/** Scores a group. */
export function summariseGroup(
  { name, lines }: AnswerGroup,
  options: BootstrapOptions,
): GroupSummary {
  const answered = lines.filter(isAnswered);
  const failed = lines.filter((line) => line.outcome === "failed");
  const failures: Record<string, number> = {};
  const isShownRaw = answered.every((line) => line.confidence === line.raw_confidence);
  for (const { code } of failed) failures[code] = (failures[code] ?? 0) + 1;
  return {
    name,
    answered: answered.length,
    failed: failed.length,
    failures,
    properties: findLabelled(answered)
      .map((property) => scoreProperty(observe(answered, property), options))
      .filter((score) => score !== null),
    reliability: measureReliability(answered, "confidence", options),
    rawReliability: isShownRaw ? null : measureReliability(answered, "raw_confidence", options),
    riskCoverage: measureRiskCoverage(answered),
    costs: measureCosts(answered),
  };
}

function isAnswered(line: AnswerLine): line is AnsweredLine {
  return line.outcome === "answered";
}
