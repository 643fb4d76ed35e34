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
  const imaginary = new Float64Array(values.length);
  transformPlane(real, imaginary, size);
  for (let index = 0; index < real.length; index++) {
    real[index] = real[index]! ** 2 + imaginary[index]! ** 2;
  }
  imaginary.fill(0);
  transformPlane(real, imaginary, size);
  const variance = real[0]!;
  const isFlat = variance / size ** 4 < 1e-9;
  return { size, values: real.map((value) => isFlat ? 0 : value / variance) };
}

function transformPlane(real: Float64Array, imaginary: Float64Array, size: number): void {
  for (let line = 0; line < size; line++) transformLine(real, imaginary, line * size, 1, size);
  for (let line = 0; line < size; line++) transformLine(real, imaginary, line, size, size);
}

/** In-place radix-2 Cooley–Tukey transform of `length` numbers from `start` on, `step` apart. */
function transformLine(
  real: Float64Array,
  imaginary: Float64Array,
  start: number,
  step: number,
  length: number,
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
      const angle = -Math.PI * offset / half;
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
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
