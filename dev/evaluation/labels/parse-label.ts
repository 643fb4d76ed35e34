/** What a label says: the text of a CSV's cell or a folder's name, by the property it stands for. */
import {
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
  QUALITY_FLAGS,
} from "../../../supabase/functions/_shared/client/material.ts";
import type { LabelledProperty } from "../answers/answer-line.ts";

/** Between the items of a list, in a cell. */
export const ITEM_SEPARATOR = "|";

/** A label's value, or what is wrong with it. */
export type ParsedLabel =
  | { value: string | string[] }
  | { problem: string };

/** The values of a property with a closed list; null for one without. */
export function valuesOf(property: LabelledProperty): readonly string[] | null {
  if (property === "quality_flags") return QUALITY_FLAGS;
  return property in MATERIAL_VOCABULARY
    ? MATERIAL_VOCABULARY[property as keyof typeof MATERIAL_VOCABULARY]
    : null;
}

/** Whether a property is a list of items. */
export function isList(property: LabelledProperty): boolean {
  return property !== "type" && !(property in MATERIAL_VOCABULARY);
}

/** Case, blanks and hyphens don't matter: `Semi-Gloss` is `semi_gloss`. @param text not empty */
export function parseLabel(property: LabelledProperty, text: string): ParsedLabel {
  if (property === "type") {
    const value = toWords(text);
    return value.length <= MATERIAL_LIMITS.type
      ? { value }
      : { problem: `type is longer than ${MATERIAL_LIMITS.type} characters` };
  }
  const values = valuesOf(property);
  const toItem = values === null ? toWords : toName;
  const items = (isList(property) ? text.split(ITEM_SEPARATOR) : [text]).map(toItem)
    .filter((item) => item !== "");
  if (items.length === 0) return { problem: `${property} "${text}" has no item` };
  for (const item of items) {
    if (item === "unknown") {
      return { problem: `${property} "unknown" is no label, leave it empty` };
    }
    if (values !== null && !values.includes(item)) {
      const known = values.filter((value) => value !== "unknown").join(", ");
      return { problem: `${property} "${item}" is not one of ${known}` };
    }
  }
  return { value: isList(property) ? items : items[0]! };
}

function toWords(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, " ");
}

function toName(text: string): string {
  return toWords(text).replace(/[\s-]/g, "_");
}
