/** The few colours that a picture is made of: one algorithm for apps, tools and the stand-in. */

import type { PaletteColor } from "../contract.ts";
import { toColourName } from "./colour-names.ts";
import { type Oklab, toHex } from "./oklab.ts";

const MAX_CLUSTERS = 5;
const MAX_ROUNDS = 12;
/** Clusters nearer than this are one colour to the eye. */
const MERGE_DISTANCE = 0.07;
const MIN_SHARE = 0.03;

interface Cluster {
  centre: Oklab;
  count: number;
}

/**
 * Finds up to five colours and their shares, largest first, by k-means in Oklab.
 *
 * Starts from the mean and then, each time, from the pixel farthest from all centres: no chance is
 * involved, so equal pictures give equal colours. Colours of less than 3 % are left out.
 *
 * @param pixels A few thousand are enough, and take some milliseconds.
 */
export function findDominantColours(pixels: readonly Oklab[]): PaletteColor[] {
  let clusters: Cluster[] = [{ centre: meanOf(pixels), count: pixels.length }];
  while (clusters.length < MAX_CLUSTERS) {
    const far = farthestPixel(pixels, clusters);
    if (far === null) break;
    clusters.push({ centre: far, count: 0 });
  }
  for (let round = 0; round < MAX_ROUNDS; round++) clusters = regroup(pixels, clusters);
  const shares = merge(clusters).filter(({ count }) => count / pixels.length >= MIN_SHARE);
  return shares
    .sort((left, right) => right.count - left.count)
    .map(({ centre, count }) => ({
      name: toColourName(centre),
      hex: toHex(centre),
      share: Math.round(count / pixels.length * 1000) / 1000,
    }));
}

function farthestPixel(pixels: readonly Oklab[], clusters: Cluster[]): Oklab | null {
  let farthest: Oklab | null = null;
  let greatest = (MERGE_DISTANCE / 2) ** 2;
  for (const pixel of pixels) {
    const distance = Math.min(...clusters.map(({ centre }) => squaredDistance(pixel, centre)));
    if (distance > greatest) {
      greatest = distance;
      farthest = pixel;
    }
  }
  return farthest;
}

function regroup(pixels: readonly Oklab[], clusters: Cluster[]): Cluster[] {
  const groups: Oklab[][] = clusters.map(() => []);
  for (const pixel of pixels) {
    let nearest = 0;
    let least = Infinity;
    clusters.forEach(({ centre }, index) => {
      const distance = squaredDistance(pixel, centre);
      if (distance < least) {
        least = distance;
        nearest = index;
      }
    });
    groups[nearest]?.push(pixel);
  }
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({ centre: meanOf(group), count: group.length }));
}

function merge(clusters: Cluster[]): Cluster[] {
  const merged: Cluster[] = [];
  for (const cluster of [...clusters].sort((left, right) => right.count - left.count)) {
    const twin = merged.find(({ centre }) =>
      squaredDistance(centre, cluster.centre) < MERGE_DISTANCE ** 2
    );
    if (twin === undefined) {
      merged.push({ ...cluster });
      continue;
    }
    const total = twin.count + cluster.count;
    const weight = cluster.count / total;
    twin.centre = {
      lightness: twin.centre.lightness +
        (cluster.centre.lightness - twin.centre.lightness) * weight,
      a: twin.centre.a + (cluster.centre.a - twin.centre.a) * weight,
      b: twin.centre.b + (cluster.centre.b - twin.centre.b) * weight,
    };
    twin.count = total;
  }
  return merged;
}

function meanOf(pixels: readonly Oklab[]): Oklab {
  const sum = { lightness: 0, a: 0, b: 0 };
  for (const pixel of pixels) {
    sum.lightness += pixel.lightness;
    sum.a += pixel.a;
    sum.b += pixel.b;
  }
  const count = Math.max(1, pixels.length);
  return { lightness: sum.lightness / count, a: sum.a / count, b: sum.b / count };
}

function squaredDistance(left: Oklab, right: Oklab): number {
  return (left.lightness - right.lightness) ** 2 + (left.a - right.a) ** 2 +
    (left.b - right.b) ** 2;
}
