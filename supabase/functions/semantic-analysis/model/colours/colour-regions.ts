/**
 * What people call a colour, as regions of CIELAB: a range of lightness, and a neutral core or a sector of
 * hues. Regions are wide, because a photograph's light shifts its colours and one word means many: a region
 * holds every colour that its word is used for, not only those that it fits best.
 */

import type { Cielab } from "./cielab.ts";

/** Ranges; absent: any. */
export interface ColourRegion {
  lightness?: readonly [least: number, most: number];
  /** Distance from grey. */
  chroma?: readonly [least: number, most: number];
  /** Degrees from red by yellow, green and blue; from a larger to a smaller one it goes through 0. */
  hue?: readonly [from: number, to: number];
}

const BLACK: ColourRegion = { lightness: [0, 42], chroma: [0, 25] };
const WHITE: ColourRegion = { lightness: [70, 100], chroma: [0, 15] };
const GREY: ColourRegion = { lightness: [15, 92], chroma: [0, 16] };
const BROWN: ColourRegion = { lightness: [10, 68], chroma: [8, 65], hue: [25, 95] };
const BEIGE: ColourRegion = { lightness: [58, 97], chroma: [3, 45], hue: [40, 112] };
const RED: ColourRegion = { lightness: [15, 68], chroma: [25, 999], hue: [350, 50] };
const PINK: ColourRegion = { lightness: [45, 97], chroma: [6, 999], hue: [315, 50] };
const ORANGE: ColourRegion = { lightness: [38, 88], chroma: [30, 999], hue: [32, 85] };
const YELLOW: ColourRegion = { lightness: [50, 100], chroma: [20, 999], hue: [65, 118] };
const GREEN: ColourRegion = { chroma: [14, 999], hue: [95, 205] };
const TEAL: ColourRegion = { chroma: [14, 999], hue: [155, 255] };
const BLUE: ColourRegion = { chroma: [14, 999], hue: [205, 312] };
const PURPLE: ColourRegion = { chroma: [14, 999], hue: [285, 12] };
const GOLD: ColourRegion = { lightness: [35, 92], chroma: [15, 999], hue: [55, 105] };

/** Words that tell a colour, in British and American spelling. */
const REGIONS: Record<string, ColourRegion> = {
  black: BLACK,
  charcoal: { ...BLACK, lightness: [0, 50] },
  white: WHITE,
  ivory: BEIGE,
  cream: BEIGE,
  grey: GREY,
  gray: GREY,
  silver: { lightness: [35, 100], chroma: [0, 16] },
  brown: BROWN,
  beige: BEIGE,
  tan: { ...BEIGE, lightness: [45, 90] },
  red: RED,
  pink: PINK,
  orange: ORANGE,
  yellow: YELLOW,
  gold: GOLD,
  golden: GOLD,
  green: GREEN,
  teal: TEAL,
  turquoise: TEAL,
  cyan: TEAL,
  blue: BLUE,
  navy: { ...BLUE, lightness: [0, 45] },
  purple: PURPLE,
  violet: PURPLE,
};

/** Words that lean a colour towards another. */
const LEANING: Record<string, string> = {
  reddish: "red",
  pinkish: "pink",
  orangish: "orange",
  yellowish: "yellow",
  greenish: "green",
  bluish: "blue",
  purplish: "purple",
  brownish: "brown",
  greyish: "grey",
  grayish: "gray",
  blackish: "black",
  whitish: "white",
};

/**
 * The regions that a colour's name speaks of, `reddish brown` of two; none for a name that says nothing
 * known, such as `natural`.
 */
export function toRegions(name: string): ColourRegion[] {
  const words = name.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.flatMap((word) => {
    const key = Object.hasOwn(LEANING, word) ? LEANING[word]! : word;
    return Object.hasOwn(REGIONS, key) ? [REGIONS[key]!] : [];
  });
}

/** How far a colour lies outside a region, in CIELAB's units; 0 within. */
export function distanceTo(
  { lightness: [darkest, lightest] = [0, 100], chroma: [dullest, vividest] = [0, 999], hue }:
    ColourRegion,
  { lightness, a, b }: Cielab,
): number {
  const beside = Math.max(darkest - lightness, lightness - lightest, 0);
  const chroma = Math.hypot(a, b);
  const degrees = (Math.atan2(b, a) * 180 / Math.PI + 360) % 360;
  const turn = hue ? turnTo(hue, degrees) : 0;
  // The nearest place of the sector lies on its edge, as far out as the colour is along it.
  const along = chroma * Math.cos(turn);
  const across = chroma * Math.sin(turn);
  const inward = Math.max(dullest - along, along - vividest, 0);
  return Math.hypot(beside, inward, across);
}

/** Radians from a hue to the nearest edge of a range; 0 within. */
function turnTo([from, to]: readonly [number, number], degrees: number): number {
  const width = (to - from + 360) % 360;
  const after = (degrees - from + 360) % 360;
  if (after <= width) return 0;
  return Math.min(after - width, 360 - after) * Math.PI / 180;
}
