import type { Plane } from "./plane.ts";

/**
 * Circular autocorrelation of a plane minus its mean, 1 at lag (0, 0).
 *
 * By the Wiener–Khinchin theorem: the transform of the power spectrum. The edge must be a power of
 * two. The value at lag (dx, dy) is at `(dy mod size) * size + (dx mod size)`; a plane without any
 * variation gives zeros.
 */
export function autocorrelate({ size, values }: Plane): Plane {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const real = values.map((value) => value - mean);
  const isFlat = real.reduce((sum, value) => sum + value ** 2, 0) / values.length < 1e-9;
  if (isFlat) return { size, values: real.fill(0) };
  const imaginary = new Float64Array(values.length);
  transformPlane(real, imaginary, size);
  for (let index = 0; index < real.length; index++) {
    real[index] = real[index]! ** 2 + imaginary[index]! ** 2;
  }
  imaginary.fill(0);
  transformPlane(real, imaginary, size);
  const variance = real[0]!;
  return { size, values: real.map((value) => value / variance) };
}

function transformPlane(real: Float64Array, imaginary: Float64Array, size: number): void {
  // The angles are those of every line: half a turn in `size / 2` steps.
  const angles = Array.from({ length: size / 2 }, (_, index) => -2 * Math.PI * index / size);
  const turns = { cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
  for (let line = 0; line < size; line++) {
    transformLine(real, imaginary, { start: line * size, step: 1, length: size, ...turns });
  }
  for (let line = 0; line < size; line++) {
    transformLine(real, imaginary, { start: line, step: size, length: size, ...turns });
  }
}

/** Numbers of a plane, `step` apart, and what they are turned by. */
interface Line {
  start: number;
  step: number;
  length: number;
  cosines: readonly number[];
  sines: readonly number[];
}

/** In-place radix-2 Cooley–Tukey transform. */
function transformLine(
  real: Float64Array,
  imaginary: Float64Array,
  { start, step, length, cosines, sines }: Line,
): void {
  for (let index = 1, mirror = 0; index < length; index++) {
    let bit = length >> 1;
    for (; mirror & bit; bit >>= 1) mirror ^= bit;
    mirror ^= bit;
    if (index < mirror) {
      swap(real, start + index * step, start + mirror * step);
      swap(imaginary, start + index * step, start + mirror * step);
    }
  }
  for (let block = 2; block <= length; block *= 2) {
    const half = block / 2;
    for (let offset = 0; offset < half; offset++) {
      const angle = offset * length / block;
      const cosine = cosines[angle]!;
      const sine = sines[angle]!;
      for (let first = offset; first < length; first += block) {
        const even = start + first * step;
        const odd = even + half * step;
        const turnedReal = real[odd]! * cosine - imaginary[odd]! * sine;
        const turnedImaginary = real[odd]! * sine + imaginary[odd]! * cosine;
        real[odd] = real[even]! - turnedReal;
        imaginary[odd] = imaginary[even]! - turnedImaginary;
        real[even] = real[even]! + turnedReal;
        imaginary[even] = imaginary[even]! + turnedImaginary;
      }
    }
  }
}

function swap(values: Float64Array, left: number, right: number): void {
  const kept = values[left]!;
  values[left] = values[right]!;
  values[right] = kept;
}
