/**
 * Seeded gradient noise: the same seed gives the same picture on every machine.
 *
 * Lattice gradients come from an integer hash (no table, no `Math.random`), and only arithmetic that
 * IEEE 754 rounds exactly is used, so results do not depend on the platform.
 */

/** A number in [0, 1) that depends only on the integers given. */
export function hashToUnit(x: number, y: number, seed: number): number {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** Perlin-style gradient noise in about [-1, 1], zero on the integer lattice. */
export function gradientNoise(x: number, y: number, seed: number): number {
  const cellX = Math.floor(x);
  const cellY = Math.floor(y);
  const fractionX = x - cellX;
  const fractionY = y - cellY;
  const corner = (offsetX: number, offsetY: number): number => {
    const gradientX = hashToUnit(cellX + offsetX, cellY + offsetY, seed) * 2 - 1;
    const gradientY = hashToUnit(cellX + offsetX, cellY + offsetY, seed + 7919) * 2 - 1;
    return gradientX * (fractionX - offsetX) + gradientY * (fractionY - offsetY);
  };
  const fadeX = fade(fractionX);
  const fadeY = fade(fractionY);
  const top = mix(corner(0, 0), corner(1, 0), fadeX);
  const bottom = mix(corner(0, 1), corner(1, 1), fadeX);
  return mix(top, bottom, fadeY) * 1.6;
}

/** Fractal sum of {@linkcode gradientNoise}: each octave twice as fine and half as strong. */
export function fractalNoise(x: number, y: number, octaves: number, seed: number): number {
  let sum = 0;
  let amplitude = 0.5;
  let frequency = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += amplitude * gradientNoise(x * frequency, y * frequency, seed + octave * 101);
    amplitude /= 2;
    frequency *= 2;
  }
  return sum;
}

/** What {@linkcode nearestCells} finds at a point. */
export interface CellHit {
  /** Distance to the nearest cell's seed point, in cells. */
  nearest: number;
  /** Distance to the second nearest, in cells; equal to `nearest` on a border. */
  second: number;
  /** A number in [0, 1) that is the same all over the cell. */
  identity: number;
}

/** The two nearest of one jittered seed point per lattice cell (Worley noise). */
export function nearestCells(x: number, y: number, seed: number): CellHit {
  const cellX = Math.floor(x);
  const cellY = Math.floor(y);
  let nearest = Infinity;
  let second = Infinity;
  let identity = 0;
  for (let row = cellY - 1; row <= cellY + 1; row++) {
    for (let column = cellX - 1; column <= cellX + 1; column++) {
      const dx = column + hashToUnit(column, row, seed) - x;
      const dy = row + hashToUnit(column, row, seed + 1) - y;
      const distance = Math.sqrt(dx * dx + dy * dy);
      if (distance < nearest) {
        second = nearest;
        nearest = distance;
        identity = hashToUnit(column, row, seed + 2);
      } else if (distance < second) {
        second = distance;
      }
    }
  }
  return { nearest, second, identity };
}

/** Linear interpolation from `from` (at 0) to `to` (at 1). */
export function mix(from: number, to: number, amount: number): number {
  return from + (to - from) * amount;
}

/** 0 below `low`, 1 above `high`, smooth in between. */
export function smoothStep(low: number, high: number, value: number): number {
  const amount = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return amount * amount * (3 - 2 * amount);
}

function fade(amount: number): number {
  return amount * amount * amount * (amount * (amount * 6 - 15) + 10);
}
