/** The texts in the values of what a model said, in whatever form it put them. */

import { isObject } from "../../../_shared/platform/parse-json.ts";
import type { JsonObject, JsonValue } from "./json/parser.ts";
import { hasLetters } from "./no-answer.ts";

/** `Material Family`, `materialFamily` and `material-family` are `material_family`. */
export const toTerm = (text: string) =>
  text.replace(/[*`]/g, "").trim().replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase().replace(
    /[\s-]+/g,
    "_",
  );

/** The text of a value of any type; null where it has none. */
export function toText(value: JsonValue | undefined): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return null;
  const texts = (Array.isArray(value) ? value : listNamed(value)).map(toText)
    .filter((each) => each !== null);
  return texts.length > 0 ? texts.join(", ") : null;
}

/** What an object says in place of a text: its name, else its texts, else the names of what it counts. */
function listNamed(object: JsonObject): JsonValue[] {
  const name = object.name ?? object.value ?? object.label ?? object.text;
  if (name !== undefined && name !== null) return [name];
  const entries = Object.entries(object);
  const within = entries.map(([, value]) => value).filter((value) =>
    typeof value === "string" && hasLetters(value) && !HEX.test(value) ||
    typeof value === "object" && value !== null
  );
  if (within.length > 0) return within;
  const shareOf = ([, value]: [string, JsonValue]) =>
    Number(value) || Number.parseFloat(`${value}`);
  return entries.filter((each) => shareOf(each) > 0).sort((a, b) => shareOf(b) - shareOf(a))
    .map(([key]) => key);
}

const HEX = /^#[\da-f]{3,8}$/i;

/** A list of texts, whether it came as one, as one of lists or of objects, or as a text with commas. */
export function toTexts(value: JsonValue | undefined): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    // Of an object in a list the first text is its name, what follows is said of it.
    return value.flatMap((each) =>
      Array.isArray(each) ? toTexts(each) : [toText(isObject(each) ? listNamed(each)[0] : each)]
    ).filter((each) => each !== null).map(withoutBullet);
  }
  if (isObject(value)) return toTexts(listNamed(value));
  if (typeof value !== "string") return [toText(value)].filter((each) => each !== null);
  return isUnknown(value) ? [] : value.split(/[,;/|\n]|\band\b|&/).map(withoutBullet);
}

/** Without what a list in words, or one that is a text itself, has around each of its texts. */
const withoutBullet = (text: string) =>
  text.trim().replace(/^(?:[-*•–]\s+|\d{1,2}[.)]\s+|[["'[]+)/, "").replace(/["'\]]+$/, "");

/** Of a list the first value counts: a family is one. */
export function toWord(value: JsonValue | undefined): string | null {
  if (Array.isArray(value)) return toWord(value[0]);
  return toText(isObject(value) ? listNamed(value)[0] : value);
}

/** How models say that they don't know, in place of a value. */
const UNKNOWN = new RegExp(
  [
    "(?:un|in)(?:known|specified|determined|determinate|identified|identifiable|clear|certain|defined|distinguishable)(?![a-z])",
    "(?:can't|cannot|can_not|couldn't|could_not|unable|impossible|not|none)(?![a-z])",
    "(?:hard|difficult)_to_|no_(?:answer|clear|data|evidence|image|information|material|specific|visible)",
    "(?:n[/_]?a|null|nil|false)(?![a-z])",
    "неизвестно|не_|未知|不明|不详|unbekannt|unklar|desconocid|inconnu|sconosciut|onbekend|okänd|nieznan",
  ].map((each) => `^(?:${each})`).join("|"),
);

/** No word of a language, or one that says that nothing is known. */
export const isUnknown = (text: string) =>
  !/[a-z\d]/i.test(text) && !/[\p{L}\p{N}]/u.test(text) ||
  UNKNOWN.test(toTerm(text).replace("’", "'"));
