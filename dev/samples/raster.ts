import { mix } from "./noise.ts";

/** Red, green and blue, each 0 to 255, not yet rounded or clipped. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The colour of a texture at a pixel; `x` to the right, `y` down, fractions allowed. */
export type Texture = (x: number, y: number) => Colour;

/** Mixes two colours channel by channel. */
export function mixColours(from: Colour, to: Colour, amount: number): Colour {
  return [
    mix(from[0], to[0], amount),
    mix(from[1], to[1], amount),
    mix(from[2], to[2], amount),
  ];
}

/** Brightens (above 1) or darkens (below 1) a colour. */
export function shade(colour: Colour, factor: number): Colour {
  return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

/**
 * Draws a texture: packed RGB, `size` × `size` pixels.
 *
 * @param perEdge samples of a pixel in each direction
 */
export function rasterize(texture: Texture, size: number, perEdge = 2): Uint8Array {
  const offsets = Array.from({ length: perEdge }, (_, index) => (index + 0.5) / perEdge);
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0];
      for (const offsetY of offsets) {
        for (const offsetX of offsets) {
          const colour = texture(x + offsetX, y + offsetY);
          for (let channel = 0; channel < 3; channel++) {
            sum[channel] = (sum[channel] ?? 0) + (colour[channel] ?? 0);
          }
        }
      }
      for (let channel = 0; channel < 3; channel++) {
        const value = Math.round((sum[channel] ?? 0) / perEdge ** 2);
        pixels[(y * size + x) * 3 + channel] = Math.min(255, Math.max(0, value));
      }
    }
  }
  return pixels;
}
