/** From the objects in what a model said to a material whose every field can be relied on. */

import {
  type Material,
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
  QUALITY_FLAGS,
} from "../../../_shared/client/material.ts";
import { isObject } from "../../../_shared/platform/parse-json.ts";
import { cleanText } from "./clean-text.ts";
import type { JsonObject, JsonValue } from "./json/parser.ts";
import { hasLetters } from "./no-answer.ts";
import { MATERIAL_FORM, MATERIAL_SCHEMA } from "../material-schema.ts";
import { withoutThinking } from "./thinking/thinking.ts";
import { isUnknown, toTerm, toText, toTexts, toWord } from "./value-texts.ts";

/** What one object says of a material. */
export interface MaterialAnswer {
  /** The object that it was read from. */
  object: JsonObject;
  /** Not yet cleaned or bounded. */
  description: string;
  material: Material;
  /** The model's own figure, in [0, 1]; null when it gave none that can be used. */
  statedConfidence: number | null;
  /** Values that were not in the vocabulary, as `field "value"`. */
  unknownValues: string[];
  /** Something beside the description is known. */
  hasProperties: boolean;
}

/** Names under which models put the prose of an answer. */
const PROSE_KEYS = [
  "description",
  "analysis",
  "answer",
  "summary",
  "caption",
  "text",
  "content",
  "response",
  "output",
  "result",
];

/** Whether a key names the description, by this or another word for it. */
export const isProseKey = (key: string) => PROSE_KEYS.includes(toTerm(key));

/** Objects within objects are looked at so deep: `{"answer": {…}}`, `[{…}]`. */
const MAX_DEPTH = 4;

/** The object and those within it, outermost first. */
export function listObjects(value: JsonValue, depth = 0): JsonObject[] {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return [];
  const within = Object.values(value).flatMap((each) => listObjects(each, depth + 1));
  return Array.isArray(value) ? within : [value, ...within];
}

const FORM_KEYS = MATERIAL_SCHEMA.schema.required;

const OTHER_SPELLINGS: Record<string, string> = {
  colour: "colors",
  colours: "colors",
  color: "colors",
  application: "applications",
  styles: "style",
  lookalike: "lookalikes",
  material_family: "family",
  material_type: "type",
  flags: "quality_flags",
};

/** The same object with the names of our form. */
function withOurNames(object: JsonObject): JsonObject {
  const named: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(object)) {
    const term = toTerm(key);
    named[Object.hasOwn(OTHER_SPELLINGS, term) ? OTHER_SPELLINGS[term]! : term] ??= value;
  }
  return named;
}

/** The same with the properties that are in an object of their own, beside the prose. */
function withPropertiesWithin(named: JsonObject): JsonObject {
  const all: JsonObject = { ...named };
  for (const [key, value] of Object.entries(named)) {
    if (!isObject(value) || FORM_KEYS.includes(key)) continue;
    const within = withOurNames(value);
    if (!("family" in within) || findNamedProse(within) !== null) continue;
    for (const each of FORM_KEYS) all[each] ??= within[each] ?? null;
  }
  return all;
}

const clip = (text: string, maxLength: number) =>
  cleanText(text, { isSingleLine: true, maxLength });

function toStrings(
  value: JsonValue | undefined,
  { items, length }: { items: number; length: number },
) {
  const texts = toTexts(value).map((text) => clip(text, length));
  const known = texts.filter((text) => text !== "" && !isUnknown(text));
  return [...new Set(known)].slice(0, items);
}

type Vocabulary = typeof MATERIAL_VOCABULARY;

function toClosed<Field extends keyof Vocabulary>(
  field: Field,
  value: JsonValue | undefined,
): Vocabulary[Field][number] {
  const values: readonly string[] = MATERIAL_VOCABULARY[field];
  const word = toWord(value) ?? "unknown";
  // `wood (oak)`, `wood, veneer`, `- wood?` and `Wood.` are wood.
  const terms = [word, word.replace(/^[\s"'•-]+/, "").split(/[("',;:/.|?\n–—]|\s-\s/)[0]!].map(
    toTerm,
  );
  const term = terms.find((each) => values.includes(each));
  return term === undefined ? "unknown" : term as Vocabulary[Field][number];
}

/** `0.9`, `"0.9"`, `"0,9"`, `90` and `"90%"`. */
function toConfidence(value: JsonValue | undefined): number | null {
  const text = toWord(value)?.trim() ?? "";
  if (!/^\d+([.,]\d+)?\s*%?$/.test(text)) return null;
  const number = Number.parseFloat(text.replace(",", "."));
  const isPercentage = text.endsWith("%") || number >= 2 && Number.isInteger(number);
  const confidence = isPercentage ? number / 100 : number;
  return confidence <= 1 ? confidence : null;
}

/** What an object comes to; null when it is no answer: nothing we asked for, or our own words again. */
export function readMaterial(object: JsonObject): MaterialAnswer | null {
  const own = withOurNames(object);
  if (isEcho(own)) return null;
  const named = withPropertiesWithin(own);
  const material: Material = {
    family: toClosed("family", named.family),
    type: clip(toWord(named.type) ?? "", MATERIAL_LIMITS.type) || "unknown",
    finish: toClosed("finish", named.finish),
    texture: toClosed("texture", named.texture),
    pattern: toClosed("pattern", named.pattern),
    colors: toStrings(named.colors, MATERIAL_LIMITS.colors),
    reflectivity: toClosed("reflectivity", named.reflectivity),
    transparency: toClosed("transparency", named.transparency),
    applications: toStrings(named.applications, MATERIAL_LIMITS.applications),
    style: toStrings(named.style, MATERIAL_LIMITS.style),
    quality_flags: [...new Set(toTexts(named.quality_flags).map(toTerm))].filter(isQualityFlag)
      .slice(0, MATERIAL_LIMITS.quality_flags.items),
    lookalikes: toStrings(named.lookalikes, MATERIAL_LIMITS.lookalikes),
  };
  const hasProperties = isKnown(material);
  const description = findNamedProse(named);
  if (description === null) return null;
  return {
    object,
    description,
    material,
    statedConfidence: toConfidence(named.confidence),
    unknownValues: findUnknownValues(named, material),
    hasProperties,
  };
}

/** The prose that an object holds under any of its usual names, or another one; null when it holds none. */
export function findProse(object: JsonObject): string | null {
  return findNamedProse(withOurNames(object));
}

/** The same of an object that has our names already. */
function findNamedProse(named: JsonObject): string | null {
  for (const key of PROSE_KEYS) {
    const value = named[key];
    // An object under another name than `description` is taken for the answer itself.
    const isText = typeof value === "string" || Array.isArray(value) || key === "description";
    const text = isText ? withoutThinking(toText(value) ?? "").trim() : "";
    if (hasLetters(text)) return text;
  }
  // The answer has our form and no description: its longest sentence stands in.
  if (!("family" in named)) return null;
  const sentences = Object.entries(named).filter(([key]) => !FORM_KEYS.includes(key))
    .map(([, value]) => typeof value === "string" ? withoutThinking(value).trim() : "")
    .filter((text) => /\S\s+\S+\s+\S/.test(text) && hasLetters(text));
  return sentences.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** A known property: of these the answer is made, quality flags are about the picture. */
function isKnown({ quality_flags: _, palette: __, ...properties }: Material): boolean {
  return Object.values(properties).some((value) =>
    Array.isArray(value) ? value.length > 0 : !isUnknown(value)
  );
}

const isQualityFlag = (value: string): value is Material["quality_flags"][number] =>
  QUALITY_FLAGS.some((flag) => flag === value);

const SCHEMA_TYPES = ["string", "number", "integer", "boolean", "array", "object"];

/** `{ "type": "string" }`, as a schema says what a property is. */
const isSchema = ({ type, $ref, enum: values }: JsonObject) =>
  $ref !== undefined || Array.isArray(type) || Array.isArray(values) ||
  typeof type === "string" && SCHEMA_TYPES.includes(type);

const PLACEHOLDERS = ["string", "text", "description", "...", "…"];

/** The schema, or the words that ask for it, instead of an answer. */
function isEcho(named: JsonObject): boolean {
  if ("$schema" in named || "$defs" in named) return true;
  const parts = [named.properties ?? null, ...FORM_KEYS.map((key) => named[key] ?? null)];
  if (parts.some((part) => listObjects(part).some(isSchema))) return true;
  if (named.type === "object" || Array.isArray(named.required)) return true;
  const description = typeof named.description === "string" ? named.description.trim() : "";
  if (PLACEHOLDERS.includes(description.toLowerCase())) return true;
  return description.length >= 20 && MATERIAL_FORM.includes(description.slice(0, 60));
}

function findUnknownValues(named: JsonObject, material: Material): string[] {
  const fields = Object.keys(MATERIAL_VOCABULARY) as (keyof Vocabulary)[];
  return fields.flatMap((field) => {
    const value = toWord(named[field]);
    const isLost = value !== null && value.trim() !== "" && material[field] === "unknown" &&
      !isUnknown(value);
    return isLost ? [`${field} "${clip(value, 40)}"`] : [];
  });
}
