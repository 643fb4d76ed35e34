/** The page's plots, as SVG in the page's colours. */
import * as Plot from "@observablehq/plot";
import { countOf } from "../../../../supabase/functions/_shared/client/count-of.ts";
import type { PropertyScore } from "../../statistics/classes.ts";
import type { Reliability } from "../../statistics/reliability.ts";
import type { RiskCoverage } from "../../statistics/risk-coverage.ts";
import type { PageDocument, PageElement } from "./elements.ts";

const WIDTH = 420;
const STYLE = { fontSize: "12px", background: "none", color: "var(--ink)" };

/** Of the plots of a curve. */
const FRAME = { width: WIDTH, height: 380, marginLeft: 52, marginBottom: 44, style: STYLE };

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** Said against right, a dot a bin with its 95 % interval; a calibrated model lies on the diagonal. */
export function plotReliability(document: PageDocument, { bins }: Reliability): PageElement {
  const least = Math.min(
    ...bins.map(({ meanConfidence, interval }) => Math.min(meanConfidence, interval[0])),
  );
  const domain = [Math.max(0, Math.floor(least * 10) / 10), 1];
  return Plot.plot({
    document,
    ...FRAME,
    x: { domain, label: "confidence", tickFormat: percent, ticks: 5, labelAnchor: "center" },
    y: { domain, label: "right", tickFormat: percent, ticks: 5, grid: true },
    r: { range: [0, 9] },
    marks: [
      Plot.line(domain, {
        x: (each) => each,
        y: (each) => each,
        stroke: "var(--soft)",
        strokeDasharray: "4 4",
      }),
      Plot.ruleX(bins, {
        x: "meanConfidence",
        y1: (bin) => bin.interval[0],
        y2: (bin) => bin.interval[1],
        stroke: "var(--accent)",
        strokeWidth: 2,
        strokeOpacity: 0.6,
      }),
      Plot.dot(bins, {
        x: "meanConfidence",
        y: "rightShare",
        r: "count",
        fill: "var(--accent)",
        title: (bin) =>
          `${countOf(bin.count, "answer")} said ${percent(bin.meanConfidence)}, ${
            percent(bin.rightShare)
          } right`,
      }),
    ],
  });
}

/** The share of right answers among the most confident, by how many of all these are. */
export function plotRiskCoverage(document: PageDocument, { points }: RiskCoverage): PageElement {
  const shown = points.map(({ coverage, risk }) => ({ coverage, right: 1 - risk }));
  // A few answers alone say little, and would stretch the axis.
  const least = Math.min(
    ...shown.filter(({ coverage }) => coverage >= 0.05)
      .map(({ right }) => right),
  );
  return Plot.plot({
    document,
    ...FRAME,
    x: {
      domain: [0, 1],
      label: "most confident answers",
      tickFormat: percent,
      ticks: 5,
      labelAnchor: "center",
    },
    y: {
      domain: [Math.max(0, Math.floor(least * 10) / 10), 1],
      label: "right",
      tickFormat: percent,
      ticks: 5,
      grid: true,
      clamp: true,
    },
    marks: [
      Plot.line(shown, {
        x: "coverage",
        y: "right",
        stroke: "var(--accent)",
        strokeWidth: 2,
        curve: "step-after",
      }),
    ],
  });
}

/** Labels in rows, answers in columns; a cell is the darker the larger its share of the row. */
export function plotConfusion(
  document: PageDocument,
  { confusion: { labels, answers, counts } }: PropertyScore,
): PageElement {
  const cells = labels.flatMap((label, row) => {
    const total = counts[row]!.reduce((sum, count) => sum + count, 0);
    return answers.map((answer, column) => ({
      label,
      answer,
      count: counts[row]![column]!,
      share: counts[row]![column]! / total,
      isRight: label === answer,
    }));
  });
  const longest = Math.max(...labels.map((label) => label.length));
  return Plot.plot({
    document,
    width: 60 + longest * 7 + answers.length * 56,
    height: 90 + labels.length * 32,
    marginLeft: 24 + longest * 7,
    marginTop: 76,
    padding: 0.06,
    style: STYLE,
    x: { domain: answers, axis: "top", label: null, tickRotate: -40, tickSize: 0 },
    y: { domain: labels, label: null, tickSize: 0 },
    marks: [
      Plot.cell(cells, {
        x: "answer",
        y: "label",
        fill: (cell) => cell.isRight ? "var(--right)" : "var(--wrong)",
        fillOpacity: (cell) => cell.count === 0 ? 0.04 : 0.12 + 0.6 * cell.share,
        title: (cell) => `${cell.label}: ${cell.count} answered ${cell.answer}`,
      }),
      Plot.text(cells.filter(({ count }) => count > 0), {
        x: "answer",
        y: "label",
        text: (cell) => String(cell.count),
        fill: "currentColor",
      }),
    ],
    color: { type: "identity" },
    opacity: { type: "identity" },
  });
}
