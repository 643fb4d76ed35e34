import { type CellHit, fractalNoise, nearestCells, smoothStep } from "../noise.ts";
import { type Colour, mixColours, shade } from "../raster.ts";

const FELDSPAR: Colour = [214, 196, 184];
const PINK_FELDSPAR: Colour = [196, 150, 132];
const QUARTZ: Colour = [150, 150, 152];
const MICA: Colour = [42, 42, 46];

/** Polished granite: interlocking crystals of feldspar, quartz and black mica, in no direction. */
export function granite(x: number, y: number, seed = 0): Colour {
  const warpedX = x + 9 * fractalNoise(x / 14, y / 14, 3, 91 + seed);
  const warpedY = y + 9 * fractalNoise(x / 14, y / 14, 3, 92 + seed);
  const crystal = nearestCells(warpedX / 17, warpedY / 17, 93 + seed);
  const grain = nearestCells(warpedX / 8 + 31, warpedY / 8 + 17, 94 + seed);
  const clustering = fractalNoise(x / 60, y / 60, 3, 95 + seed);

  let colour = mineralOf(crystal);
  const isMica = grain.identity < 0.2 + 0.35 * clustering;
  const isQuartz = !isMica && grain.identity > 0.78;
  if (isQuartz) colour = mixColours(colour, QUARTZ, 0.8);
  if (isMica) colour = mixColours(colour, MICA, 0.6 + 0.4 * smoothStep(0, 0.22, border(grain)));
  const facet = 1 + 0.14 * (crystal.identity * 7 % 1 - 0.5) + 0.1 * (grain.identity * 13 % 1 - 0.5);
  const seam = 1 - 0.14 * (1 - smoothStep(0, 0.12, border(crystal)));
  return shade(colour, facet * seam * (1 + 0.12 * fractalNoise(x / 6, y / 6, 2, 96 + seed)));
}

function mineralOf(crystal: CellHit): Colour {
  if (crystal.identity < 0.34) return QUARTZ;
  return crystal.identity < 0.62 ? PINK_FELDSPAR : FELDSPAR;
}

function border(hit: CellHit): number {
  return hit.second - hit.nearest;
}
