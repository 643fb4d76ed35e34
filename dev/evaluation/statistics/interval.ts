import { toNormalQuantile } from "./distributions.ts";

/** An estimate with its 95 % interval. */
export interface Estimate {
  value: number;
  /** null where there are too few clusters to say. */
  interval: [low: number, high: number] | null;
}

/** Of 95 %, two-sided. */
const Z_95 = toNormalQuantile(0.975);

/**
 * Wilson's score interval of a share, which a share of 0 or 1 has as well. E. B. Wilson, "Probable inference,
 * the law of succession, and statistical inference", JASA 22 (1927).
 */
export function toWilsonInterval(share: number, count: number): [number, number] {
  const z2 = Z_95 ** 2 / count;
  const centre = (share + z2 / 2) / (1 + z2);
  const half = Z_95 / (1 + z2) * Math.sqrt(share * (1 - share) / count + z2 / (4 * count));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** The value below which this share of the sorted values lies, between two of them by interpolation. */
export function toQuantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
