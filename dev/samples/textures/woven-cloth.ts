import { fractalNoise, gradientNoise, hashToUnit, smoothStep } from "../noise.ts";
import { type Colour, mixColours, shade } from "../raster.ts";

const THREAD = 12.8;
const WARP: Colour = [70, 98, 142];
const WEFT: Colour = [112, 138, 172];

/** A plain weave seen close: uneven spun threads passing over and under each other, with fuzz. */
export function wovenCloth(x: number, y: number, seed = 0): Colour {
  // Every thread wanders a little on its own, and the whole cloth is not quite flat.
  const driftX = 3 * fractalNoise(x / 120, y / 120, 2, 61 + seed);
  const driftY = 3 * fractalNoise(x / 120, y / 120, 2, 62 + seed);
  const roughColumn = Math.floor((x + driftX) / THREAD);
  const roughRow = Math.floor((y + driftY) / THREAD);
  const u = (x + driftX + 1.1 * gradientNoise(roughColumn * 5.3, y / 34, 63 + seed)) / THREAD;
  const v = (y + driftY + 1.1 * gradientNoise(x / 34, roughRow * 5.3, 64 + seed)) / THREAD;
  const column = Math.floor(u);
  const row = Math.floor(v);
  const acrossWarp = u - column - 0.5;
  const acrossWeft = v - row - 0.5;
  const warpOnTop = ((column + row) & 1) === 0;

  // The upper thread bulges along its length, dives at its ends and curves away to its sides.
  const across = warpOnTop ? acrossWarp : acrossWeft;
  const along = warpOnTop ? acrossWeft : acrossWarp;
  const thread = warpOnTop ? hashToUnit(column, 3, 65 + seed) : hashToUnit(row, 5, 66 + seed);
  const thickness = 0.46 + 0.08 * thread +
    0.05 *
      (warpOnTop
        ? gradientNoise(column * 3.1, v * 0.35, 67 + seed)
        : gradientNoise(u * 0.35, row * 3.1, 68 + seed));
  const side = Math.min(1, Math.abs(across) / thickness);
  const roundness = Math.sqrt(1 - 0.82 * side * side);
  const dive = 1 - 1.7 * along * along;
  const corner = 1 - 0.5 * smoothStep(0.3, 0.5, Math.abs(along)) * smoothStep(0.2, 0.5, side);

  // Twisted fibres run askew along the thread; loose ones lie over everything.
  const twist = warpOnTop
    ? gradientNoise(x / 1.6 + y / 3.4, y / 7, 69 + seed)
    : gradientNoise(y / 1.6 + x / 3.4, x / 7, 70 + seed);
  const fuzz = smoothStep(0.35, 0.75, gradientNoise(x / 9 + y / 5, y / 2.2 - x / 7, 71 + seed));
  const slub = fractalNoise(x / 70, y / 70, 3, 72 + seed);
  const sideLight = 1 - 0.16 * (warpOnTop ? across : 0) - 0.16 * (warpOnTop ? 0 : across);
  const light = (0.3 + 0.74 * roundness * dive) * corner * sideLight *
    (1 + 0.2 * twist + 0.14 * slub + 0.24 * (thread - 0.5));
  const dyed = mixColours(warpOnTop ? WARP : WEFT, [176, 190, 208], 0.1 + 0.18 * thread * thread);
  return mixColours(shade(dyed, light), [182, 196, 214], 0.14 * fuzz);
}
