import type { PaletteColor } from "../../../supabase/functions/_shared/client/contract.ts";
import { findDominantColours } from "../../../supabase/functions/_shared/client/picture/dominant-colours.ts";
import { type Grain, measureGrain } from "./grain.ts";
import type { Picture } from "./picture.ts";
import { measureRegularity, type Regularity } from "./regularity.ts";

/** Everything that is known about a picture; nothing else is looked at. */
export interface Measurements {
  /** Largest first, five at most. */
  colours: PaletteColor[];
  /** Mean, 0 black to 1 white (Oklab). */
  lightness: number;
  /** Lightness of the 95th minus that of the 5th percentile, 0 to 1. */
  contrast: number;
  /** How one-sided the lightness is, -1 to 1: negative for few dark pixels on light ground, as veins. */
  skew: number;
  /** Mean chroma (Oklab): 0 grey, 0.05 dull, above 0.2 vivid. */
  saturation: number;
  /** Mean chroma towards orange (positive) or towards blue (negative). */
  warmth: number;
  grain: Grain;
  regularity: Regularity;
}

/** Direction of "warm" in Oklab: between red and yellow. */
const WARM_HUE = 50 * Math.PI / 180;

/** Measures a picture; the same picture always gives the same figures. */
export function measurePicture({ colours, lightness }: Picture): Measurements {
  const sorted = lightness.values.toSorted();
  const percentile = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const contrast = percentile(0.95) - percentile(0.05);
  const mean = (of: (index: number) => number) =>
    colours.reduce((sum, _, index) => sum + of(index), 0) / Math.max(1, colours.length);
  return {
    colours: findDominantColours(colours),
    lightness: mean((index) => colours[index]!.lightness),
    contrast,
    skew: contrast === 0
      ? 0
      : (percentile(0.95) + percentile(0.05) - 2 * percentile(0.5)) / contrast,
    saturation: mean((index) => Math.hypot(colours[index]!.a, colours[index]!.b)),
    warmth: mean((index) =>
      colours[index]!.a * Math.cos(WARM_HUE) + colours[index]!.b * Math.sin(WARM_HUE)
    ),
    grain: measureGrain(lightness),
    regularity: measureRegularity(lightness),
  };
}
