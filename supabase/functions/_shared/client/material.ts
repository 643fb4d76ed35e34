/** The structured properties of a material: their vocabulary, their limits, their wire form. */

/** Values of each closed property. Every list ends with `unknown`. */
export const MATERIAL_VOCABULARY = {
  family: [
    "wood",
    "stone",
    "metal",
    "textile",
    "leather",
    "ceramic",
    "brick",
    "concrete",
    "plaster",
    "glass",
    "plastic",
    "rubber",
    "paper",
    "composite",
    "other",
    "unknown",
  ],
  finish: [
    "matte",
    "satin",
    "semi_gloss",
    "glossy",
    "polished",
    "brushed",
    "honed",
    "hammered",
    "painted",
    "lacquered",
    "oiled",
    "glazed",
    "raw",
    "unknown",
  ],
  texture: [
    "smooth",
    "fine",
    "coarse",
    "rough",
    "ribbed",
    "woven",
    "fibrous",
    "granular",
    "pitted",
    "cracked",
    "unknown",
  ],
  pattern: [
    "plain",
    "grain",
    "veined",
    "speckled",
    "striped",
    "checked",
    "geometric",
    "floral",
    "weave",
    "bond",
    "irregular",
    "unknown",
  ],
  reflectivity: ["none", "low", "medium", "high", "mirror", "unknown"],
  transparency: ["opaque", "translucent", "transparent", "unknown"],
} as const;

/** What may be wrong with the picture, or with asking about it. */
export const QUALITY_FLAGS = [
  "blurry",
  "dark",
  "overexposed",
  "low_resolution",
  "partial_view",
  "multiple_materials",
  "text_in_picture",
  "no_material",
] as const;

type Vocabulary = typeof MATERIAL_VOCABULARY;

/** What may make an answer about a picture less sure. */
export type QualityFlag = (typeof QUALITY_FLAGS)[number];

/** A colour of a picture, measured from its pixels. */
export interface PaletteColor {
  /** `#rrggbb`. */
  hex: string;
  /** Part of the picture that is nearest to this colour, in (0, 1]. */
  share: number;
  /** Plain English, such as `warm brown`. */
  name: string;
}

/** The measured colours of a picture, and who measured them: the caller of this one request. */
export interface MaterialPalette {
  source: "caller";
  colors: PaletteColor[];
}

/** `material` of an analysis. Strings and arrays are bounded by `MATERIAL_LIMITS`. */
export interface Material {
  family: Vocabulary["family"][number];
  /** As narrow as the picture allows, such as `white oak`; `unknown` where it doesn't. */
  type: string;
  finish: Vocabulary["finish"][number];
  texture: Vocabulary["texture"][number];
  pattern: Vocabulary["pattern"][number];
  /** Plain names, the most prominent first. */
  colors: string[];
  reflectivity: Vocabulary["reflectivity"][number];
  transparency: Vocabulary["transparency"][number];
  applications: string[];
  style: string[];
  quality_flags: QualityFlag[];
  /** Materials it could be taken for. */
  lookalikes: string[];
  /** Only in the answer to a request with `options.palette`: no part of what is stored of an analysis. */
  palette?: MaterialPalette;
}

/** Bounds that keep the longest completion below 700 tokens. */
export const MATERIAL_LIMITS = {
  /** Characters of `description`. */
  description: 600,
  type: 60,
  /** Items, and characters of each. */
  colors: { items: 5, length: 24 },
  applications: { items: 4, length: 40 },
  style: { items: 3, length: 24 },
  quality_flags: { items: 4 },
  lookalikes: { items: 3, length: 40 },
} as const;
