/** The form that a structured answer is asked for, as JSON Schema and in words. */

import {
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
  QUALITY_FLAGS,
} from "../../_shared/client/material.ts";

const oneOf = (values: readonly string[]) => ({ type: "string", enum: [...values] });

const listOf = ({ items, length }: { items: number; length: number }) => ({
  type: "array",
  maxItems: items,
  items: { type: "string", maxLength: length },
});

/** `description` comes first, so that a stream can show it before the rest is there. */
const PROPERTIES = {
  description: { type: "string", minLength: 1, maxLength: MATERIAL_LIMITS.description },
  family: oneOf(MATERIAL_VOCABULARY.family),
  type: { type: "string", maxLength: MATERIAL_LIMITS.type },
  finish: oneOf(MATERIAL_VOCABULARY.finish),
  texture: oneOf(MATERIAL_VOCABULARY.texture),
  pattern: oneOf(MATERIAL_VOCABULARY.pattern),
  colors: listOf(MATERIAL_LIMITS.colors),
  reflectivity: oneOf(MATERIAL_VOCABULARY.reflectivity),
  transparency: oneOf(MATERIAL_VOCABULARY.transparency),
  applications: listOf(MATERIAL_LIMITS.applications),
  style: listOf(MATERIAL_LIMITS.style),
  quality_flags: {
    type: "array",
    maxItems: MATERIAL_LIMITS.quality_flags.items,
    items: oneOf(QUALITY_FLAGS),
  },
  lookalikes: listOf(MATERIAL_LIMITS.lookalikes),
  confidence: { type: "number", minimum: 0, maximum: 1 },
};

/** For `response_format`. */
export const MATERIAL_SCHEMA = {
  name: "material_analysis",
  schema: {
    type: "object",
    properties: PROPERTIES,
    required: Object.keys(PROPERTIES),
    additionalProperties: false,
  },
};

/** The same in words, for models that can't be held to a schema and those that want it in the prompt. */
export const MATERIAL_FORM = [
  "Answer with one JSON object and nothing else, with these keys in this order:",
  "description: two or three sentences that somebody could search for: the material and its type, " +
  "its surface and finish, its colours, texture and pattern, and typical uses",
  toLine("family"),
  "type: as narrow as the picture allows, or unknown",
  toLine("finish"),
  toLine("texture"),
  toLine("pattern"),
  `colors: up to ${MATERIAL_LIMITS.colors.items} plain names, the most prominent first`,
  toLine("reflectivity"),
  toLine("transparency"),
  `applications: up to ${MATERIAL_LIMITS.applications.items}`,
  `style: up to ${MATERIAL_LIMITS.style.items}`,
  `quality_flags: those that apply of ${QUALITY_FLAGS.join(", ")}`,
  `lookalikes: up to ${MATERIAL_LIMITS.lookalikes.items} materials it could be taken for`,
  "confidence: how sure you are of the family, from 0 to 1",
].join("\n");

function toLine(key: keyof typeof MATERIAL_VOCABULARY): string {
  return `${key}: one of ${MATERIAL_VOCABULARY[key].join(", ")}`;
}
