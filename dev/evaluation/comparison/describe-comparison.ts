import { countOf } from "../../../supabase/functions/_shared/client/count-of.ts";
import { type Comparison, SIGNIFICANCE } from "./compare.ts";

/** A comparison in plain words, a sentence each. */
export function describeComparison(comparison: Comparison): string[] {
  const { a, b, pictures, sources, unpaired, difference, onlyA, onlyB, p } = comparison;
  if (pictures === 0) return [`${a} and ${b} have answered no picture in common.`];
  const points = Math.abs(difference.value) * 100;
  const [better, other] = difference.value < 0 ? [a, b] : [b, a];
  const between = difference.interval
    ? ` (95 %: ${toPoints(difference.interval[0])} to ${toPoints(difference.interval[1])})`
    : "";
  const isClaimed = p < SIGNIFICANCE;
  const finding = onlyA + onlyB === 0
    ? `${a} and ${b} are right on the same pictures`
    : points < 0.05
    ? `${a} and ${b} are right equally often${between}`
    : `${better} is right ${points.toFixed(1)} points more often than ${other}${
      difference.value < 0 && difference.interval
        ? ` (95 %: ${toPoints(-difference.interval[1])} to ${toPoints(-difference.interval[0])})`
        : between
    }`;
  const chance = isClaimed
    ? `this is hardly chance: p ${toP(p)}`
    : `this could be chance: p ${toP(p)}`;
  return [
    onlyA + onlyB === 0 ? `${finding}.` : `${finding}; ${chance}.`,
    `On ${countOf(pictures, "picture")} of ${
      countOf(sources, "source")
    }: ${onlyB} only ${b} has right, ` +
    `${onlyA} only ${a}.` + (unpaired > 0 ? ` ${unpaired} have an answer of one alone.` : ""),
    `The smallest difference that such a comparison finds, in 90 of 100: ${
      toPoints(comparison.smallestDifference)
    } points.`,
  ];
}

function toPoints(share: number): string {
  return (share * 100).toFixed(1);
}

function toP(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}
