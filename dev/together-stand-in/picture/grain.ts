import type { Plane } from "./plane.ts";

/** Which way the lines of a surface run, and how many there are. */
export interface Grain {
  /** 0 horizontal, 90 vertical, counted anticlockwise, below 180. Means little at low strength. */
  directionDegrees: number;
  /** 0: no preferred direction; 1: all lines are parallel. */
  strength: number;
  /** 0: lines of all angles; 1: all lines run along one direction or across it, as in a weave. */
  crossing: number;
  /** Part of the pixels that lie on an edge, 0 to 1. */
  edgeDensity: number;
}

/** Change of lightness per pixel from which on a pixel counts as an edge. */
const EDGE_GRADIENT = 0.035;
/** Below this mean gradient the picture is flat and a direction would be made of rounding errors. */
const FLAT_GRADIENT = 0.0008;

/**
 * Measures the directions of the lightness gradient (structure tensor over the whole plane).
 *
 * `strength` is the tensor's coherence; `crossing` is the same figure with angles taken modulo 90°.
 */
export function measureGrain({ size, values }: Plane): Grain {
  let energy = 0;
  let doubleCosine = 0;
  let doubleSine = 0;
  let quadrupleCosine = 0;
  let quadrupleSine = 0;
  let edges = 0;
  let total = 0;
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1; x < size - 1; x++) {
      const { gradientX, gradientY } = gradientAt(values, size, x, y);
      const squared = gradientX * gradientX + gradientY * gradientY;
      const magnitude = Math.sqrt(squared);
      total += magnitude;
      if (magnitude > EDGE_GRADIENT) edges++;
      if (squared === 0) continue;
      // With z = (gx + i·gy)²/|g|² = e^(2iθ): weighting by energy gives the tensor's coherence.
      const cosine = (gradientX * gradientX - gradientY * gradientY) / squared;
      const sine = 2 * gradientX * gradientY / squared;
      energy += squared;
      doubleCosine += squared * cosine;
      doubleSine += squared * sine;
      quadrupleCosine += squared * (cosine * cosine - sine * sine);
      quadrupleSine += squared * 2 * sine * cosine;
    }
  }
  const count = Math.max(1, (size - 2) ** 2);
  if (total / count < FLAT_GRADIENT) {
    return { directionDegrees: 0, strength: 0, crossing: 0, edgeDensity: edges / count };
  }
  // Lines run across the gradient, and rows count downwards: hence 90° minus the angle found.
  const gradientDegrees = Math.atan2(doubleSine, doubleCosine) * 90 / Math.PI;
  return {
    directionDegrees: modulo(90 - gradientDegrees, 180),
    strength: Math.hypot(doubleCosine, doubleSine) / energy,
    crossing: Math.hypot(quadrupleCosine, quadrupleSine) / energy,
    edgeDensity: edges / count,
  };
}

/** Scharr's 3×3 operator: turns with the picture better than Sobel's. */
function gradientAt(
  values: Float64Array,
  size: number,
  x: number,
  y: number,
): { gradientX: number; gradientY: number } {
  const above = (y - 1) * size + x;
  const here = above + size;
  const below = here + size;
  const corner = values[below + 1]! - values[above - 1]!;
  const otherCorner = values[above + 1]! - values[below - 1]!;
  return {
    gradientX: (3 * (corner + otherCorner) + 10 * (values[here + 1]! - values[here - 1]!)) / 32,
    gradientY: (3 * (corner - otherCorner) + 10 * (values[below]! - values[above]!)) / 32,
  };
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
