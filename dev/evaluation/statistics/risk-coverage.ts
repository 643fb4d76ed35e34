import type { AnsweredLine } from "../answers/answer-line.ts";

/** Of the answers with at least this raw figure. */
export interface CoveragePoint {
  /** The threshold. */
  raw: number;
  /** Their share of all labelled answers. */
  coverage: number;
  /** The share of them that is wrong. */
  risk: number;
}

/** What is right of the most confident answers, by how many of all they are. */
export interface RiskCoverage {
  /** From the greatest raw figure down; one point a figure. */
  points: CoveragePoint[];
  /**
   * The mean risk over the coverages up to the last point's: Y. Geifman & R. El-Yaniv, "Selective
   * classification for deep neural networks" (NeurIPS 2017).
   */
  area: number;
}

/**
 * By the raw figure: one that is capped tells fewer answers apart, and a calibration keeps the order. Answers
 * without one are never covered.
 *
 * @returns null where there is no figure at all
 */
export function measureRiskCoverage(lines: readonly AnsweredLine[]): RiskCoverage | null {
  const labelled = lines.filter(({ right }) => right.family !== undefined);
  const sorted = labelled.filter(({ raw_confidence }) => raw_confidence !== null)
    .toSorted((left, right) => right.raw_confidence! - left.raw_confidence!);
  if (sorted.length === 0) return null;
  const points: CoveragePoint[] = [];
  let wrong = 0;
  let area = 0;
  for (const [index, { raw_confidence: raw, right }] of sorted.entries()) {
    wrong += right.family ? 0 : 1;
    area += wrong / (index + 1) / sorted.length;
    if (sorted[index + 1]?.raw_confidence === raw) continue;
    points.push({
      raw: raw!,
      coverage: (index + 1) / labelled.length,
      risk: wrong / (index + 1),
    });
  }
  return { points, area };
}

/** The point with the least coverage that is at least this; null where none reaches it. */
export function findCoverage({ points }: RiskCoverage, coverage: number): CoveragePoint | null {
  return points.find((point) => point.coverage >= coverage) ?? null;
}
