/** Searches of every kind, so that the figures do not rest on one query plan. */
import { createRandom } from "../../dev/random.ts";
import { drawPalettes } from "../../dev/samples/palettes.ts";
import { makeMaterial } from "./catalogue.ts";

/** Of `material_search_find_materials`, without their `p_`. */
export type Parameters = Record<string, unknown>;

/** What visual-search makes of words. */
const byText = (query_text: string): Parameters => ({ query_text, weights: [0, 0.75, 0, 0.25] });

/** What visual-search makes of an analysis: the words of its structure, and its properties. */
function byPicture(n: number): Parameters {
  const { analysis, category } = makeMaterial(n);
  const { material_type: type, finish_type: finish, surface_texture: texture } = analysis;
  const { pattern_grain: pattern, structural_properties: { family } } = analysis;
  const colors = analysis.color_description.split(", ");
  return {
    picture_text: [family, type, finish, texture, pattern, ...colors, category, "modern"].join(" "),
    picture_properties: { family, type, finish, texture, pattern, colors },
    weights: [0, 0.5, 0.333333, 0.166667],
  };
}

/** Searches by kind. */
export const KINDS: Record<string, Parameters[]> = {
  "a picture": [7, 11, 13, 17, 19].map(byPicture),
  "a broad word": ["oak", "brown", "flooring", "grey", "polished"].map(byText),
  "a rare word": ["quartzite", "terrazzo", "herringbone", "patinated", "sett"].map(byText),
  "two words": ["white marble", "oiled oak", "brushed steel", "grey felt", "black slate"].map(
    byText,
  ),
  "a sentence": [
    "a dark wooden floor with a herringbone pattern",
    "polished white stone slab for a kitchen worktop",
    "soft blue fabric for an armchair or a curtain",
  ].map(byText),
  "a misspelling": ["travertyne", "marbel", "alumnium", "porcelan", "terazzo"].map(byText),
  "a list and a range": [10, 20, 30].map((max) => ({
    material_types: ["wood", "stone"],
    property_filters: { finish: ["polished", "oiled", "matte"], thickness_mm: { min: 5, max } },
    weights: [0, 0, 1, 0],
  })),
  "a range alone": [3, 20, 50].map((min) => ({
    property_filters: { thickness_mm: { min, max: min + 2 } },
    weights: [0, 0, 1, 0],
  })),
  // An oak's brown, a grey, a white, a blue, a vivid violet.
  "a colour": ["#b68350", "#808080", "#f4f1ea", "#2a4d7c", "#8a2be2"].map((color) => ({
    color,
    weights: [1, 0, 0, 0],
  })),
  "a palette": drawPalettes(5, createRandom(3)).map((palette) => ({
    palette,
    weights: [1, 0, 0, 0],
  })),
  "a word in a colour": ["oak", "flooring", "marble"].map((word) => ({
    ...byText(word),
    color: "#b68350",
  })),
  "a value": [7, 77, 777].map((lot) => ({ property_filters: { lot }, weights: [0, 0, 1, 0] })),
};
