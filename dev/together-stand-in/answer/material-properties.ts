import type { Description } from "../picture/describe.ts";
import { toFeatures } from "../picture/families.ts";
import type { Known } from "./fill-schema.ts";
import type { Measurements } from "../picture/measure.ts";
import type { Picture } from "../picture/picture.ts";

/** Below this mean lightness a picture is called dark. */
const DARK = 0.2;
/** Above this mean lightness nearly every pixel is white. */
const OVEREXPOSED = 0.97;
/** Below this shorter edge, in pixels, there is little to measure. */
const LOW_RESOLUTION = 200;
/** A family that is at least this probable is worth naming beside the likeliest. */
const LOOKALIKE_PROBABILITY = 0.1;

/**
 * What the measurements say of a material, by the names such properties go by.
 *
 * What pixels of one picture can't tell (reflectivity, transparency, what it is used for) is not here.
 */
export function toMaterialProperties(description: Description, picture: Picture): Known {
  const { families, family, probability, measurements } = description;
  const { grain } = measurements;
  const finish = family === "metal" && grain.strength > 0.65 ? "brushed" : undefined;
  return new Map<string, unknown>([
    ["description", description.text.replaceAll(/(?<=\.) /g, "\n")],
    ["family", family],
    ["finish", finish],
    ["texture", toTexture(grain.edgeDensity)],
    ["pattern", toPattern(measurements)],
    ["colors", measurements.colours.map(({ name }) => name)],
    ["quality_flags", toQualityFlags(measurements, picture)],
    [
      "lookalikes",
      families.slice(1).filter((guess) => guess.probability >= LOOKALIKE_PROBABILITY)
        .map((guess) => guess.family),
    ],
    ["confidence", Number(probability.toFixed(3))],
  ]);
}

/** As the description has it. */
function toTexture(edgeDensity: number): string {
  return edgeDensity > 0.4 ? "coarse" : edgeDensity > 0.08 ? "fine" : "smooth";
}

/** The strongest of what was measured, if anything is. */
function toPattern(measurements: Measurements): string | undefined {
  const features = toFeatures(measurements);
  const repetition = Math.max(features["fine repetition"], features["wide repetition"]);
  const crossing = features["crossing lines"];
  const strengths: [name: string, strength: number][] = [
    ["weave", features["fine repetition"] * (crossing >= 0.25 ? 1 : 0)],
    ["geometric", features["wide repetition"] * (crossing >= 0.25 ? 1 : 0)],
    ["striped", features.grain >= 0.35 ? repetition : 0],
    ["grain", features.grain],
    ["speckled", features.speckle],
    ["veined", features.veins],
    ["plain", features.evenness],
  ];
  const [name, strength] = strengths.reduce((best, next) => next[1] > best[1] ? next : best);
  return strength >= 0.35 ? name : undefined;
}

function toQualityFlags({ lightness }: Measurements, { width, height }: Picture): string[] {
  const flags: [name: string, isSet: boolean][] = [
    ["dark", lightness < DARK],
    ["overexposed", lightness > OVEREXPOSED],
    ["low_resolution", Math.min(width, height) < LOW_RESOLUTION],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}
