/** From what the model said to a material whose every field can be relied on. */

import * as z from "zod/mini";
import {
  type Material,
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
  QUALITY_FLAGS,
} from "../../_shared/client/material.ts";
import { findCutJsonObject, findJsonObject } from "./json-object.ts";
import { withoutReasoning } from "./reasoning.ts";

export interface MaterialAnswer {
  description: string;
  material: Material;
  /** The model's own figure, in [0, 1]; null when it gave none that can be used. */
  statedConfidence: number | null;
  /** Values that were not in the vocabulary, as `field "value"`. */
  unknownValues: string[];
}

const clip = (text: string, length: number) =>
  [...text.replace(/\s+/g, " ").trim()].slice(0, length).join("");

/** `Semi-gloss` and `semi gloss` are `semi_gloss`. */
const toTerm = (text: string) => text.trim().toLowerCase().replace(/[\s-]+/g, "_");

function closed<const Value extends string>(values: readonly [...Value[], "unknown"]) {
  const term = z.pipe(z.pipe(z.string(), z.transform(toTerm)), z.enum(values as readonly Value[]));
  return z.catch(term, "unknown" as Value);
}

function strings({ items, length }: { items: number; length: number }) {
  const clipped = z.transform((list: unknown[]) => {
    const texts = list.filter((item) => typeof item === "string").map((item) => clip(item, length));
    return [...new Set(texts)].filter((text) => text !== "").slice(0, items);
  });
  return z.catch(z.pipe(z.array(z.unknown()), clipped), []);
}

const isQualityFlag = (value: unknown): value is Material["quality_flags"][number] =>
  QUALITY_FLAGS.some((flag) => flag === value);

const qualityFlags = z.catch(
  z.pipe(
    z.array(z.unknown()),
    z.transform((list: unknown[]) =>
      [...new Set(list.filter(isQualityFlag))].slice(0, MATERIAL_LIMITS.quality_flags.items)
    ),
  ),
  [],
);

/** Only the description must be there: an answer without one says nothing. */
const answerSchema = z.object({
  description: z.string().check(z.trim(), z.minLength(1)),
  family: closed(MATERIAL_VOCABULARY.family),
  type: z.catch(
    z.pipe(
      z.string(),
      z.transform((text) => clip(text, MATERIAL_LIMITS.type) || "unknown"),
    ),
    "unknown",
  ),
  finish: closed(MATERIAL_VOCABULARY.finish),
  texture: closed(MATERIAL_VOCABULARY.texture),
  pattern: closed(MATERIAL_VOCABULARY.pattern),
  colors: strings(MATERIAL_LIMITS.colors),
  reflectivity: closed(MATERIAL_VOCABULARY.reflectivity),
  transparency: closed(MATERIAL_VOCABULARY.transparency),
  applications: strings(MATERIAL_LIMITS.applications),
  style: strings(MATERIAL_LIMITS.style),
  quality_flags: qualityFlags,
  lookalikes: strings(MATERIAL_LIMITS.lookalikes),
  confidence: z.catch(z.nullable(z.number().check(z.gte(0), z.lte(1))), null),
});

/** Parses an answer, fenced or chatty as it may be; null when there is none. */
export function parseMaterialAnswer(text: string): MaterialAnswer | null {
  return findJsonObject(withoutReasoning(text), toAnswer);
}

/** Parses what is whole of an answer that was cut off; null when its description isn't. */
export function parseCutMaterialAnswer(text: string): MaterialAnswer | null {
  return findCutJsonObject(withoutReasoning(text), toAnswer);
}

function toAnswer(object: Record<string, unknown>): MaterialAnswer | null {
  const answer = answerSchema.safeParse(object);
  if (!answer.success) return null;
  const { description, confidence, ...material } = answer.data;
  return {
    description,
    material,
    statedConfidence: confidence,
    unknownValues: findUnknownValues(object, material),
  };
}

function findUnknownValues(object: Record<string, unknown>, material: Material): string[] {
  const fields = Object.keys(MATERIAL_VOCABULARY) as (keyof typeof MATERIAL_VOCABULARY)[];
  return fields.flatMap((field) => {
    const value = object[field];
    const isUnknown = typeof value === "string" && material[field] === "unknown" &&
      toTerm(value) !== "unknown";
    return isUnknown ? [`${field} "${clip(value, 40)}"`] : [];
  });
}
