import { fractalNoise, gradientNoise, hashToUnit, smoothStep } from "../noise.ts";
import { type Colour, mixColours, shade } from "../raster.ts";

const ROW_HEIGHT = 64;
const BRICK_WIDTH = 170.67;
const JOINT = 5.5;
const MORTAR: Colour = [186, 178, 166];
const PALE_BRICK: Colour = [178, 92, 66];
const DARK_BRICK: Colour = [122, 52, 40];

/** A wall in running bond: fired clay of varying shades, worn edges, rough recessed mortar. */
export function brick(x: number, y: number, seed = 0): Colour {
  const wobbleX = x + 2.4 * fractalNoise(x / 30, y / 30, 3, 41 + seed);
  const wobbleY = y + 2.4 * fractalNoise(x / 30, y / 30, 3, 42 + seed);
  const height = surfaceHeight(wobbleX, wobbleY, x, y, seed);
  const light = height - surfaceHeight(wobbleX - 1.6, wobbleY - 1.6, x - 1.6, y - 1.6, seed);

  const row = Math.floor(wobbleY / ROW_HEIGHT);
  const column = Math.floor((wobbleX + offsetOf(row)) / BRICK_WIDTH);
  const tone = hashToUnit(column, row, 43 + seed);
  const burn = smoothStep(0.1, 0.6, fractalNoise(x / 60 + tone * 40, y / 40, 4, 44 + seed));
  const speck = smoothStep(0.5, 0.8, gradientNoise(x / 3.2, y / 3.2, 45 + seed));
  let clay = mixColours(PALE_BRICK, DARK_BRICK, 0.7 * tone + 0.35 * burn);
  clay = shade(clay, 1 + 0.16 * fractalNoise(x / 9, y / 9, 3, 46 + seed) - 0.22 * speck);
  const mortar = shade(MORTAR, 1 + 0.2 * fractalNoise(x / 5, y / 5, 3, 47 + seed));

  const cover = smoothStep(0.2, 0.7, height);
  const shadow = 1 - 0.3 * (1 - smoothStep(0, 0.6, height)) * smoothStep(0, 0.3, light + 0.1);
  return shade(mixColours(mortar, clay, cover), (1 - 0.55 * light) * shadow);
}

/** 0 in the joint, 1 on the face, rounded between; roughened so that the light catches it. */
function surfaceHeight(
  wobbleX: number,
  wobbleY: number,
  x: number,
  y: number,
  seed: number,
): number {
  const row = Math.floor(wobbleY / ROW_HEIGHT);
  const left = modulo(wobbleX + offsetOf(row), BRICK_WIDTH);
  const top = modulo(wobbleY, ROW_HEIGHT);
  const edge = Math.min(left, BRICK_WIDTH - left, top, ROW_HEIGHT - top);
  const face = smoothStep(
    JOINT - 3,
    JOINT + 3,
    edge + 1.2 * gradientNoise(x / 7, y / 7, 48 + seed),
  );
  return face + 0.1 * fractalNoise(x / 8, y / 8, 3, 49 + seed);
}

function offsetOf(row: number): number {
  return (row & 1) === 0 ? 0 : BRICK_WIDTH / 2;
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}
