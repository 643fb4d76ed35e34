import { fractalNoise, mix, smoothStep } from "../noise.ts";
import { type Colour, mixColours } from "../raster.ts";

const WHITE: Colour = [240, 239, 236];
const CLOUD: Colour = [201, 203, 206];
const VEIN: Colour = [104, 108, 116];

/** Polished white marble: soft grey clouds and branching veins that wander across the slab. */
export function marble(x: number, y: number, seed = 0): Colour {
  const warpX = 95 * fractalNoise(x / 190, y / 190, 5, 21 + seed);
  const warpY = 95 * fractalNoise(x / 190, y / 190, 5, 22 + seed);
  const u = ((x + warpX) * 0.62 + (y + warpY) * 0.78) / 512;
  const v = ((x + warpX) * -0.78 + (y + warpY) * 0.62) / 512;

  const cloud = smoothStep(-0.15, 0.5, fractalNoise(u * 5, v * 2.2, 4, 23 + seed));
  const coarse = vein(fractalNoise(u * 2.6 + 3, v * 1.1, 4, 24 + seed), 0.03, x, y, 31 + seed);
  const fine = vein(fractalNoise(u * 6 + 9, v * 2.6, 4, 25 + seed), 0.017, x, y, 32 + seed);
  const hair = vein(fractalNoise(u * 11, v * 6, 3, 26 + seed), 0.012, x, y, 33 + seed);

  let colour = mixColours(WHITE, CLOUD, cloud * 0.75);
  colour = mixColours(colour, VEIN, coarse * 0.85);
  colour = mixColours(colour, VEIN, fine * 0.5);
  return mixColours(colour, VEIN, hair * 0.22);
}

/** A vein runs where the noise crosses zero; it swells and fades along its way. */
function vein(noise: number, width: number, x: number, y: number, seed: number): number {
  const swelling = smoothStep(-0.25, 0.35, fractalNoise(x / 150, y / 150, 2, seed));
  const core = 1 - smoothStep(0, width * mix(0.35, 1.2, swelling), Math.abs(noise));
  const halo = 1 - smoothStep(0, width * 5, Math.abs(noise));
  return (core * 0.75 + halo * 0.25) * swelling;
}
