/** The structured properties of an analysis, as the document tells them. */
import * as z from "zod";
import {
  type Material,
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
  QUALITY_FLAGS,
} from "../../../supabase/functions/_shared/client/material.ts";
import type { Same } from "../same-type.ts";

function texts({ items, length }: { items: number; length: number }, description: string) {
  return z.array(z.string().max(length)).max(items).describe(description);
}

const { family, finish, texture, pattern, reflectivity, transparency } = MATERIAL_VOCABULARY;

export const familySchema = z.enum(family).describe("What the material is made of.");

export const colorSchema = z.object({
  hex: z.string().regex(/^#[0-9a-f]{6}$/i),
  share: z.number().gt(0).lte(1).describe("Part of the picture that is nearest to this colour."),
  name: z.string().describe("Plain English, such as `warm brown`."),
}).meta({ id: "PaletteColor", description: "A colour of a picture, measured from its pixels." });

const paletteSchema = z.object({
  source: z.literal("caller"),
  colors: z.array(colorSchema).max(8),
}).describe("What the caller of this one request has measured, where it sent that.");

export const materialSchema = z.object({
  family: familySchema,
  type: z.string().max(MATERIAL_LIMITS.type).describe(
    "As narrow as the picture allows, such as `white oak`; `unknown` where it does not.",
  ),
  finish: z.enum(finish),
  texture: z.enum(texture),
  pattern: z.enum(pattern),
  colors: texts(MATERIAL_LIMITS.colors, "Plain names, the most prominent first."),
  reflectivity: z.enum(reflectivity),
  transparency: z.enum(transparency),
  applications: texts(MATERIAL_LIMITS.applications, "What it is used for."),
  style: texts(MATERIAL_LIMITS.style, "How it looks, in a word or two each."),
  quality_flags: z.array(z.enum(QUALITY_FLAGS)).max(MATERIAL_LIMITS.quality_flags.items).describe(
    "What may be wrong with the picture, or with asking about it.",
  ),
  lookalikes: texts(MATERIAL_LIMITS.lookalikes, "Materials it could be taken for."),
  palette: paletteSchema.exactOptional(),
}).meta({ id: "Material", description: "Structured properties, from closed vocabularies." });

/** The compiler holds the schema against the type of the wire. */
export const isMaterial: Same<z.infer<typeof materialSchema>, Material> = true;
