import { fractalNoise, gradientNoise, smoothStep } from "../noise.ts";
import { type Colour, mixColours, shade } from "../raster.ts";

const EARLYWOOD: Colour = [190, 138, 84];
const LATEWOOD: Colour = [118, 72, 36];

/** A flat-sawn board: growth rings cut nearly lengthwise, with fibres and short dark pores. */
export function wood(x: number, y: number, seed = 0): Colour {
  // The board lies beside the heart of the tree, which runs slightly askew: rings become long arches.
  const along = x / 512;
  const across = (y - 262) / 512 + 0.035 * fractalNoise(along * 1.6, y / 300, 3, 11 + seed);
  const depth = 0.10 + 0.24 * along + 0.05 * fractalNoise(along * 2.2, 3.7, 2, 12 + seed);
  const radius = Math.sqrt(across * across + depth * depth) +
    0.006 * fractalNoise(along * 5, across * 14, 3, 13 + seed);
  const ring = radius * 33;
  const phase = ring - Math.floor(ring);
  // A ring darkens slowly through the summer and ends sharply.
  const latewood = smoothStep(0.25, 0.88, phase) * (1 - smoothStep(0.93, 1, phase));
  const ringStrength = 0.65 + 0.35 * gradientNoise(Math.floor(ring) * 0.71, 2.3, 14 + seed);

  const fibre = fractalNoise(x / 70, y / 1.9, 3, 15 + seed);
  const broad = fractalNoise(x / 240, y / 60, 3, 16 + seed);
  const pore = smoothStep(0.42, 0.62, gradientNoise(x / 16, y / 1.5, 17 + seed));
  const base = mixColours(EARLYWOOD, LATEWOOD, latewood * ringStrength * 0.8);
  return shade(base, (1 + 0.24 * fibre + 0.16 * broad) * (1 - 0.28 * pore));
}
