/** An evaluation in the terminal. */
import { countOf } from "../../../supabase/functions/_shared/client/count-of.ts";
import { isList, valuesOf } from "../labels/parse-label.ts";
import { describeComparison } from "../comparison/describe-comparison.ts";
import type { PropertyScore } from "../statistics/classes.ts";
import type { Reliability } from "../statistics/reliability.ts";
import { findCoverage, type RiskCoverage } from "../statistics/risk-coverage.ts";
import type { EvaluationSummary, GroupSummary } from "../statistics/summarise.ts";
import { toEstimate, toPercent, toPercentEstimate, toSeconds, toTable, toUsd } from "./text.ts";

/** Coverages that the risk is shown at. */
const SHOWN_COVERAGES = [1, 0.9, 0.8, 0.7, 0.6, 0.5];

/** The whole of it, in lines. */
export function describeEvaluation(summary: EvaluationSummary): string[] {
  return [
    `${countOf(summary.pictures, "picture")} of ${countOf(summary.sources, "source")}`,
    ...summary.problems.map(({ place, problem }) => `left out: ${place} ${problem}`),
    ...summary.groups.flatMap((group) => ["", ...describeGroup(group)]),
    ...summary.comparisons.flatMap((comparison) => ["", ...describeComparison(comparison)]),
  ];
}

function describeGroup(group: GroupSummary): string[] {
  const { name, answered, failed, failures, properties, riskCoverage } = group;
  const reliabilities = [group.reliability, group.rawReliability].filter((each) => each !== null);
  const codes = Object.entries(failures).map(([code, count]) => `${code} ${count}`).join(", ");
  return [
    name,
    "=".repeat([...name].length),
    `${answered} answered${failed > 0 ? `, ${failed} failed (${codes})` : ""}`,
    ...describeCosts(group),
    "",
    ...describeProperties(properties),
    ...properties.filter(({ property }) => valuesOf(property) !== null && !isList(property))
      .flatMap((score) => ["", ...toTable(...toClassCells(score)), "", ...toConfusion(score)]),
    ...reliabilities.flatMap((reliability) => ["", ...describeReliability(reliability)]),
    ...(riskCoverage ? ["", ...describeRisk(riskCoverage)] : []),
  ];
}

function describeCosts({ costs }: GroupSummary): string[] {
  const { usdPerPicture, paidUsd, promptTokens, completionTokens, latencyMs } = costs;
  const parts = [
    `${toUsd(paidUsd)} paid now`,
    ...(usdPerPicture === null ? [] : [`${toUsd(usdPerPicture)} a picture`]),
    ...(promptTokens === null || completionTokens === null
      ? []
      : [`${Math.round(promptTokens)} + ${Math.round(completionTokens)} tokens`]),
    ...(latencyMs === null
      ? []
      : [`${toSeconds(latencyMs.median)}, one in twenty above ${toSeconds(latencyMs.p95)}`]),
  ];
  return [parts.join("; ")];
}

function describeProperties(scores: readonly PropertyScore[]): string[] {
  return toTable(
    ["property", "labels", "right (95 %)", "macro-F1 (95 %)", "unknown"],
    scores.map(({ property, count, accuracy, macroF1, unknown }) => [
      property,
      String(count),
      toPercentEstimate(accuracy),
      toEstimate(macroF1),
      toPercent(unknown.value),
    ]),
  );
}

/** The header and the rows of a table of a property's labels, for the terminal and the page. */
export function toClassCells(
  { property, classes }: PropertyScore,
): [header: string[], rows: string[][]] {
  return [
    [property, "labels", "precision", "recall", "F1"],
    classes.map(({ label, count, precision, recall, f1 }) => [
      label,
      String(count),
      precision === null ? "-" : precision.toFixed(2),
      recall.toFixed(2),
      f1.toFixed(2),
    ]),
  ];
}

function toConfusion({ confusion: { labels, answers, counts } }: PropertyScore): string[] {
  return toTable(
    ["label \\ answer", ...answers.map((answer) => answer.slice(0, 9))],
    counts.map((row, index) => [
      labels[index]!,
      ...row.map((count) => count === 0 ? "·" : String(count)),
    ]),
  );
}

function describeReliability(reliability: Reliability): string[] {
  const { count, withoutConfidence, bins, ece, brier } = reliability;
  return [
    `${nameFigure(reliability)} of ${countOf(count, "answer")}` +
    (withoutConfidence > 0 ? `; ${withoutConfidence} have none` : ""),
    `said ${toPercent(reliability.meanConfidence)}, right ${toPercent(reliability.rightShare)}; ` +
    `ECE ${toEstimate(ece)}, Brier ${toEstimate(brier)}`,
    ...toTable(
      ["confidence", "answers", "said", "right (95 %)"],
      bins.map(({ from, to, count, meanConfidence, rightShare, interval }) => [
        `${from.toFixed(2)} to ${to.toFixed(2)}`,
        String(count),
        toPercent(meanConfidence),
        toPercentEstimate({ value: rightShare, interval }),
      ]),
    ),
  ];
}

/** What the figures of a diagram are. */
export function nameFigure({ figure, count, calibrated }: Reliability): string {
  if (figure === "raw_confidence") return "raw confidence";
  if (calibrated === 0) return "confidence, not calibrated,";
  return calibrated === count ? "calibrated confidence" : `confidence, ${calibrated} calibrated,`;
}

function describeRisk(curve: RiskCoverage): string[] {
  const rows = SHOWN_COVERAGES.flatMap((coverage) => {
    const point = findCoverage(curve, coverage);
    return point === null ? [] : [[
      toPercent(point.coverage, 0),
      point.raw.toFixed(2),
      toPercent(1 - point.risk),
    ]];
  });
  const distinct = rows.filter((row, index) => row.join() !== rows[index - 1]?.join());
  return toTable(["most confident", "from raw", "right"], distinct);
}
