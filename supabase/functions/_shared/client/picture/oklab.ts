/** A colour in Oklab, where equal distances look about equally different. */
export interface Oklab {
  /** 0 black to 1 white. */
  lightness: number;
  /** Negative green to positive red, about ±0.4 at most. */
  a: number;
  /** Negative blue to positive yellow, about ±0.4 at most. */
  b: number;
}

const LINEAR = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/** Converts 8-bit sRGB to Oklab; matrices from Björn Ottosson, "A perceptual color space", 2020. */
export function toOklab(red: number, green: number, blue: number): Oklab {
  const r = LINEAR[red] ?? 0;
  const g = LINEAR[green] ?? 0;
  const b = LINEAR[blue] ?? 0;
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {
    lightness: 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
    a: 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
    b: 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
  };
}

/** Converts Oklab to `#rrggbb`, clipped to sRGB. */
export function toHex({ lightness, a, b }: Oklab): string {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  const channels = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
  ];
  return `#${channels.map(toHexByte).join("")}`;
}

function toHexByte(linear: number): string {
  const share = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  const value = Math.round(Math.min(1, Math.max(0, share)) * 255);
  return value.toString(16).padStart(2, "0");
}
