/** The CRC-32 of PNG. https://www.w3.org/TR/png-3/#5CRC-algorithm */

const POLYNOMIAL = 0xedb88320;

/**
 * The CRC-32 of bytes and zeros behind them. Zeros cost no time by their number: the register is multiplied
 * by a power of x, as zlib's `crc32_combine` does it.
 */
export function toCrc32(bytes: Uint8Array, zeroCount: number): number {
  let register = 0xffffffff;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) register = shift(register);
  }
  return (multiply(register >>> 0, toPowerOfX(zeroCount * 8)) ^ 0xffffffff) >>> 0;
}

/** Multiplies by x, modulo the polynomial. The lowest power is the highest bit. */
function shift(value: number): number {
  return (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let factor = b, bit = 31; bit >= 0; bit--) {
    if (((a >>> bit) & 1) === 1) product ^= factor;
    factor = shift(factor);
  }
  return product >>> 0;
}

function toPowerOfX(exponent: number): number {
  // Bits are reflected: the highest stands for 1, the next one for x.
  let power = 0x80000000;
  let square = 0x40000000;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}
