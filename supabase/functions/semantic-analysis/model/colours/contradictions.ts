/** Colour words of a model that measured colours contradict. */

import type { PaletteColor, Warning } from "../../../_shared/client/contract.ts";
import { toCielab } from "./cielab.ts";
import { distanceTo, toRegions } from "./colour-regions.ts";

/**
 * In units of CIELAB: what exposure and white balance do to a colour in a photograph. With it names that
 * people and standards gave to colours fit those colours in 99 % of cases.
 */
const TOLERANCE = 12;

/** What of a palette a message names. */
const MAX_NAMED_COLORS = 3;

/**
 * A warning for each name none of whose colours is, within a tolerance, among those measured. A name that
 * tells no known colour is not judged.
 */
export function toContradictionWarnings(
  names: readonly string[],
  palette: readonly PaletteColor[],
): Warning[] {
  const measured = palette.map(({ hex }) => toCielab(hex));
  const isContradicted = (name: string) => {
    const regions = toRegions(name);
    return regions.length > 0 &&
      !regions.some((region) => measured.some((colour) => distanceTo(region, colour) <= TOLERANCE));
  };
  return names.filter(isContradicted).map((name) => ({
    code: "COLOR_CONTRADICTED",
    message: `The model said "${name}", which is none of the measured colours: ${
      palette.slice(0, MAX_NAMED_COLORS).map(({ hex, name }) => `${name} (${hex})`).join(", ")
    }`,
  }));
}
