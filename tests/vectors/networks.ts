/** Vectors like those of networks, for tests of the cut-off. */
import { createRandom, drawNormal } from "../../dev/random.ts";

/** Numbers of a vector. */
export const DIMENSIONS = 256;

/** Families of a network's vectors. */
export const FAMILIES = 12;

/** Vectors of a family, one after the other. */
export const PER_FAMILY = 8;

/**
 * Vectors like a network's: pictures of different families are at a cosine of about `between`, more or
 * less by `spread`, those of one family at about `within`.
 */
export function createNetwork(
  { between, spread, within }: { between: number; spread: number; within: number },
): number[][] {
  const random = createRandom(7);
  const normal = () => drawNormal(random);
  // Directions of families in so few axes that their cosines spread as they are to.
  const axes = Math.max(2, Math.min(40, Math.round(((within - between) / spread) ** 2)));
  const toUnit = (some: number[]) => {
    const length = Math.hypot(...some);
    return some.map((number) => number / length);
  };
  const direction = (from: number, count: number) => {
    const unit = toUnit(Array.from({ length: count }, normal));
    return Array.from({ length: DIMENSIONS }, (_, index) => unit[index - from] ?? 0);
  };
  return Array.from({ length: FAMILIES }, () => direction(1, axes)).flatMap((family) =>
    Array.from({ length: PER_FAMILY }, () => {
      const noise = direction(1 + axes, DIMENSIONS - 1 - axes);
      return family.map((number, index) =>
        Math.sqrt(within - between) * number + Math.sqrt(1 - within) * noise[index]! +
        (index === 0 ? Math.sqrt(between) : 0)
      );
    })
  );
}

/** What was measured of networks: cosines of pictures of different materials. */
export const NETWORKS = {
  "SigLIP, families at 0.06": { between: 0.06, spread: 0.04, within: 0.45 },
  "texts, families at 0.09": { between: 0.09, spread: 0.06, within: 0.5 },
  "pictures, a third above 0.5": { between: 0.43, spread: 0.15, within: 0.88 },
  "pictures, two thirds above 0.5": { between: 0.57, spread: 0.14, within: 0.92 },
  "pictures, all above 0.5": { between: 0.75, spread: 0.06, within: 0.93 },
};

/** Of two vectors of length 1. */
export const cosine = (one: number[], other: number[]) =>
  one.reduce((sum, number, index) => sum + number * other[index]!, 0);
