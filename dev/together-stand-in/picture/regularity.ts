import { autocorrelate } from "./fourier.ts";
import type { Plane } from "./plane.ts";

/** Whether a surface repeats itself. */
export interface Regularity {
  /** 0: no repetition; 1: shifted by one period the picture is the same again. */
  strength: number;
  /** Length of the shortest shift after which the pattern repeats, as part of the plane's edge. */
  periodShare: number;
}

/** Longest shift looked at, as part of the edge: beyond, too little of the picture overlaps. */
const MAX_LAG_SHARE = 3 / 8;
/** A shorter shift is preferred if its peak stands out this much of the strongest one's. */
const NEARLY_AS_STRONG = 0.75;
/** What the longest shift loses: of shifts that fit equally well the shortest wins. */
const TAPER = 0.1;

interface Peak {
  lag: number;
  value: number;
  prominence: number;
}

/**
 * Looks for peaks of the autocorrelation beside the one at no shift.
 *
 * A peak counts by its prominence: how far one must descend from it before one can climb to a higher
 * one. Smooth pictures and long parallel lines correlate widely but have no such peak.
 */
export function measureRegularity(plane: Plane): Regularity {
  const { size } = plane;
  const reach = Math.floor(size * MAX_LAG_SHARE);
  const peaks = findPeaks(toWindow(autocorrelate(plane), reach), reach);
  const strongest = Math.max(0, ...peaks.map(strengthOf));
  if (strongest === 0) return { strength: 0, periodShare: 0 };
  const nearest = peaks
    .filter((peak) => strengthOf(peak) >= NEARLY_AS_STRONG * strongest)
    .reduce((left, right) => (right.lag < left.lag ? right : left));
  return { strength: Math.min(1, strengthOf(nearest)), periodShare: nearest.lag / size };
}

function strengthOf({ value, prominence }: Peak): number {
  return Math.max(0, Math.min(value, prominence));
}

/**
 * Lags -reach … reach in both directions, made up for the part that wrapped around the edge.
 *
 * Tapered, or all points of a ridge between parallel stripes would be equally high.
 */
function toWindow({ size, values }: Plane, reach: number): Float64Array {
  const width = 2 * reach + 1;
  const window = new Float64Array(width * width);
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const value = values[((dy + size) % size) * size + (dx + size) % size]!;
      const overlap = (1 - Math.abs(dx) / size) * (1 - Math.abs(dy) / size);
      const taper = 1 - TAPER * Math.hypot(dx, dy) / reach;
      window[(dy + reach) * width + dx + reach] = Math.min(1, value / overlap) * taper;
    }
  }
  return window;
}

/** All peaks but the central one, found by flooding from the top (union-find, highest point first). */
function findPeaks(window: Float64Array, reach: number): Peak[] {
  const width = 2 * reach + 1;
  const centre = reach * width + reach;
  const order = Array.from(window.keys().filter((index) => window[index]! > 0))
    .sort((left, right) => window[right]! - window[left]! || (left === centre ? -1 : left - right));
  const parent = new Int32Array(window.length).fill(-1);
  const find = (index: number): number => {
    while (parent[index] !== index) {
      parent[index] = parent[parent[index]!]!;
      index = parent[index]!;
    }
    return index;
  };
  const peaks: Peak[] = [];
  for (const index of order) {
    const value = window[index]!;
    parent[index] = index;
    for (const neighbour of neighboursOf(index, width)) {
      if (parent[neighbour] === -1) continue;
      const mine = find(index);
      const theirs = find(neighbour);
      if (mine === theirs) continue;
      // A component is named by its summit; the lower summit ends here, at the saddle.
      const [higher, lower] = isHigher(mine, theirs) ? [mine, theirs] : [theirs, mine];
      parent[lower] = higher;
      if (window[lower]! > value) peaks.push(toPeak(lower, value));
    }
  }
  for (const index of order) {
    if (parent[index] === index && index !== centre) peaks.push(toPeak(index, 0));
  }
  return peaks;

  function isHigher(left: number, right: number): boolean {
    if (left === centre || right === centre) return left === centre;
    return window[left]! > window[right]! || (window[left] === window[right] && left < right);
  }
  function toPeak(index: number, saddle: number): Peak {
    const dx = index % width - reach;
    const dy = Math.floor(index / width) - reach;
    return { lag: Math.hypot(dx, dy), value: window[index]!, prominence: window[index]! - saddle };
  }
}

function neighboursOf(index: number, width: number): number[] {
  const x = index % width;
  const y = Math.floor(index / width);
  const neighbours: number[] = [];
  for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1], [-1, -1], [1, 1], [-1, 1], [1, -1]]) {
    const neighbourX = x + dx!;
    const neighbourY = y + dy!;
    if (neighbourX < 0 || neighbourY < 0 || neighbourX >= width || neighbourY >= width) continue;
    neighbours.push(neighbourY * width + neighbourX);
  }
  return neighbours;
}
