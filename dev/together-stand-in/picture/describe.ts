import type { PaletteColor } from "../../../supabase/functions/_shared/client/contract.ts";
import { type Family, type FamilyGuess, rankFamilies } from "./families.ts";
import type { Grain } from "./grain.ts";
import { type Measurements, measurePicture } from "./measure.ts";
import type { Picture } from "./picture.ts";
import type { Regularity } from "./regularity.ts";

/** What the stand-in has to say about a picture. */
export interface Description {
  measurements: Measurements;
  /** All families, most likely first. */
  families: FamilyGuess[];
  /** The most likely family; the word stands once in `text` before any other family's. */
  family: Family;
  /** Of `family`, 0 to 1. */
  probability: number;
  /** Three plain English sentences. */
  text: string;
}

/** Measures a picture and says in plain English what was found and how sure it is. */
export function describePicture(picture: Picture): Description {
  const measurements = measurePicture(picture);
  const families = rankFamilies(measurements);
  const best = families[0]!;
  const text = [
    `Looks most like ${best.family} (${
      toPercent(best.probability)
    } by its measured ${best.reason}).`,
    `${describeColours(measurements.colours)}, ${describeTone(measurements)}.`,
    `The surface has ${describeGrain(measurements.grain)} and ` +
    `${describeRegularity(measurements.regularity)}, measured from pixels, not seen.`,
  ].join(" ");
  return { measurements, families, family: best.family, probability: best.probability, text };
}

function describeColours(colours: readonly PaletteColor[]): string {
  const [main, ...others] = colours.slice(0, 3);
  if (main === undefined) return "No dominant colour";
  const named = others.map((colour) => `${toOtherName(colour, main)} ${toFigures(colour)}`);
  const first = `${main.name.charAt(0).toUpperCase()}${main.name.slice(1)} ${toFigures(main)}`;
  return named.length === 0 ? first : `${first} with ${named.join(" and ")}`;
}

function toFigures({ hex, share }: PaletteColor): string {
  return `(${hex}, ${toPercent(share)})`;
}

function toOtherName(colour: PaletteColor, main: PaletteColor): string {
  return colour.name === main.name ? "another shade of it" : colour.name;
}

function describeTone({ lightness, contrast, saturation }: Measurements): string {
  const tone = lightness > 0.8 ? "light" : lightness < 0.4 ? "dark" : "medium";
  const span = contrast < 0.12 ? "low" : contrast < 0.3 ? "moderate" : "high";
  const chroma = saturation < 0.025
    ? "nearly colourless"
    : saturation < 0.12
    ? "muted colour"
    : "vivid colour";
  return `${tone} in tone, ${span} contrast, ${chroma}`;
}

function describeGrain({ strength, crossing, directionDegrees, edgeDensity }: Grain): string {
  const relief = edgeDensity > 0.4 ? "a coarse" : edgeDensity > 0.08 ? "a fine" : "a smooth";
  if (strength >= 0.35) {
    const much = strength > 0.65 ? "strong" : "visible";
    return `${relief} texture with ${much} grain running ${toDirection(directionDegrees)}`;
  }
  if (crossing >= 0.25) return `${relief} texture with lines crossing at right angles`;
  return `${relief} texture with no grain`;
}

function toDirection(directionDegrees: number): string {
  const rounded = Math.round(directionDegrees) % 180;
  const word = rounded <= 15 || rounded >= 165
    ? "horizontally"
    : Math.abs(rounded - 90) <= 15
    ? "vertically"
    : "diagonally";
  return `${word} (${rounded}°)`;
}

function describeRegularity({ strength, periodShare }: Regularity): string {
  if (strength < 0.4) return "no repeating pattern";
  return `a regular pattern repeating every ${toPercent(periodShare)} of its shorter edge`;
}

function toPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
