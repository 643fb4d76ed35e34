/** Figures as people read them. */
import type { Estimate } from "../statistics/interval.ts";

/** Dollars, with as many digits as small ones need. */
export function toUsd(usd: number): string {
  if (usd === 0) return "$0";
  return `$${usd.toFixed(usd < 0.01 ? 6 : usd < 1 ? 4 : 2)}`;
}

/** A share in percent. */
export function toPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** A share in percent with its interval. */
export function toPercentEstimate({ value, interval }: Estimate): string {
  if (interval === null) return toPercent(value);
  const [low, high] = interval.map((each) => (each * 100).toFixed(1));
  return `${toPercent(value)} (${low}–${high})`;
}

/** A figure with its interval. */
export function toEstimate({ value, interval }: Estimate, digits = 3): string {
  if (interval === null) return value.toFixed(digits);
  const [low, high] = interval.map((each) => each.toFixed(digits));
  return `${value.toFixed(digits)} (${low}–${high})`;
}

/** Milliseconds in seconds. */
export function toSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Lines of a table whose columns are lined up; the first column to the left, the others to the right. */
export function toTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => [...row[column] ?? ""].length))
  );
  return all.map((row) =>
    widths.map((width, column) => {
      const cell = row[column] ?? "";
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd()
  );
}
