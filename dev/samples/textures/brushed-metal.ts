import { fractalNoise, gradientNoise, smoothStep } from "../noise.ts";
import { type Colour, shade } from "../raster.ts";

const STEEL: Colour = [172, 175, 179];

/** Brushed stainless steel: hair-fine parallel scratches under a broad, soft reflection. */
export function brushedMetal(x: number, y: number, seed = 0): Colour {
  const fine = gradientNoise(x / 210, y / 0.9, 81 + seed) +
    0.7 * gradientNoise(x / 90, y / 1.4, 82 + seed);
  const medium = fractalNoise(x / 420, y / 5, 3, 83 + seed);
  const scratch = smoothStep(0.52, 0.75, gradientNoise(x / 46, y / 1.1, 84 + seed));
  // The reflection of a window, stretched along the scratches.
  const position = (x * 0.93 + y * 0.16) / 512;
  const glow = 0.30 * bell((position - 0.34) / 0.17) + 0.13 * bell((position - 0.86) / 0.11) -
    0.12 * bell((position - 0.63) / 0.09);
  const light = 0.80 + glow + 0.07 * fine + 0.06 * medium + 0.12 * scratch;
  return shade(STEEL, light);
}

function bell(distance: number): number {
  return 1 / (1 + distance * distance * distance * distance + distance * distance);
}
