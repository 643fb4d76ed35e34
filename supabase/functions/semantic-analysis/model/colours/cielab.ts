/** A colour in CIELAB, of the white D65 that sRGB is made for. */
export interface Cielab {
  /** 0 black to 100 white. */
  lightness: number;
  /** Negative green to positive red. */
  a: number;
  /** Negative blue to positive yellow. */
  b: number;
}

/** Of the white D65, with 2° of view. */
const WHITE = [0.95047, 1, 1.08883] as const;

/** Converts `#rrggbb`, sRGB, to CIELAB (IEC 61966-2-1, then CIE 15:2004). */
export function toCielab(hex: string): Cielab {
  const [red, green, blue] = [1, 3, 5].map((at) => toLinear(parseInt(hex.slice(at, at + 2), 16)));
  const [x, y, z] = [
    0.4124564 * red! + 0.3575761 * green! + 0.1804375 * blue!,
    0.2126729 * red! + 0.7151522 * green! + 0.072175 * blue!,
    0.0193339 * red! + 0.119192 * green! + 0.9503041 * blue!,
  ].map((value, index) => toRoot(value / WHITE[index]!));
  return { lightness: 116 * y! - 16, a: 500 * (x! - y!), b: 200 * (y! - z!) };
}

function toLinear(byte: number): number {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function toRoot(share: number): number {
  return share > (6 / 29) ** 3 ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29;
}
