/** Palettes of a made-up catalogue, with the colours that materials have: many greys and browns. */
import { converter, formatHex, inGamut } from "culori";
import type { PaletteColor } from "../../supabase/functions/_shared/client/contract.ts";
import { drawNormal } from "../random.ts";

/** Part of a catalogue, and the mean and spread of lightness, chroma and hue (CIELAB). */
interface ColourFamily {
  share: number;
  lightness: [mean: number, spread: number];
  chroma: [mean: number, spread: number];
  hueDegrees: [mean: number, spread: number];
}

const FAMILIES: ColourFamily[] = [
  { share: 0.22, lightness: [55, 15], chroma: [22, 10], hueDegrees: [65, 14] }, // woods
  { share: 0.2, lightness: [65, 18], chroma: [3, 3], hueDegrees: [80, 60] }, // stones, concrete, steel
  { share: 0.1, lightness: [88, 5], chroma: [5, 4], hueDegrees: [85, 30] }, // whites
  { share: 0.12, lightness: [78, 8], chroma: [14, 7], hueDegrees: [80, 12] }, // beiges
  { share: 0.08, lightness: [18, 8], chroma: [3, 3], hueDegrees: [60, 90] }, // blacks
  { share: 0.08, lightness: [45, 10], chroma: [38, 12], hueDegrees: [40, 15] }, // bricks, leathers
  { share: 0.07, lightness: [40, 14], chroma: [25, 14], hueDegrees: [265, 25] }, // blues
  { share: 0.05, lightness: [50, 14], chroma: [25, 14], hueDegrees: [145, 25] }, // greens
  { share: 0.04, lightness: [60, 12], chroma: [60, 20], hueDegrees: [60, 25] }, // oranges, golds
  { share: 0.04, lightness: [50, 14], chroma: [50, 18], hueDegrees: [10, 25] }, // reds, pinks, purples
];

const toRgb = converter("rgb");

/**
 * Draws the palettes of so many materials: one to five colours each, the largest share first. Most of a
 * material's colours are lighter and darker ones of the same hue.
 *
 * @param random Numbers in [0, 1); the same numbers give the same palettes.
 */
export function drawPalettes(count: number, random: () => number): PaletteColor[][] {
  return Array.from({ length: count }, () => {
    const family = drawFamily(random);
    const colours = 1 + Math.floor(random() * 5);
    const shares = Array.from({ length: colours }, () => 0.1 + random()).sort((a, b) => b - a);
    const sum = shares.reduce((total, share) => total + share, 0);
    return shares.map((share) => ({
      hex: drawHex(random() < 0.85 ? family : drawFamily(random), random),
      share: Math.floor(share / sum * 1000) / 1000,
      name: "drawn",
    }));
  });
}

function drawFamily(random: () => number): ColourFamily {
  let left = random();
  return FAMILIES.find(({ share }) => (left -= share) < 0) ?? FAMILIES[0]!;
}

function drawHex({ lightness, chroma, hueDegrees }: ColourFamily, random: () => number): string {
  const draw = ([mean, spread]: [number, number]) => mean + spread * drawNormal(random);
  for (;;) {
    const c = Math.abs(draw(chroma));
    const h = draw(hueDegrees) * Math.PI / 180;
    const rgb = toRgb({
      mode: "lab65" as const,
      l: draw(lightness),
      a: c * Math.cos(h),
      b: c * Math.sin(h),
    });
    if (inGamut("rgb")(rgb)) return formatHex(rgb);
  }
}
