import { FAMILIES } from "../picture/families.ts";
import type { Known } from "./fill-schema.ts";

const PAIR =
  /"([a-z_]{1,40})"\s*:\s*("(?:[^"\\\n]|\\.)*"|\[[^\][{}]*\]|-?\d+(?:\.\d+)?|true|false)/gi;

/** A line that sets a quotation apart: dashes, backticks, quotes and the like. */
const FENCE = /^\s*([-=*`"'~_#])\1{2,}\w*\s*$/;

/**
 * What a text says of a material: a JSON object, whole or broken, or failing that the first family
 * that is named in it.
 *
 * Reads the latest of several texts that says anything, and of that only what stands between two lines
 * of dashes or the like, if there are such: the rest is instructions.
 */
export function readProperties(texts: readonly string[]): Known {
  for (const whole of texts.toReversed()) {
    const text = toQuotation(whole);
    const properties = readObject(text) ?? readPairs(text) ?? readProse(text);
    if (properties !== null) return properties;
  }
  return new Map();
}

function toQuotation(text: string): string {
  const lines = text.split("\n");
  const fences = lines.flatMap((line, index) => FENCE.test(line) ? [index] : []);
  const [first, last] = [fences.at(0), fences.at(-1)];
  return first === undefined || first === last ? text : lines.slice(first + 1, last).join("\n");
}

function readObject(text: string): Known | null {
  const value = parseJson(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : null;
}

/** What is whole in JSON that is not: the last value of each name. */
function readPairs(text: string): Known | null {
  const pairs = [...text.matchAll(PAIR)]
    .map(([, name = "", value = ""]): [string, unknown] => [name, parseJson(value)])
    .filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? null : new Map(pairs);
}

function readProse(text: string): Known | null {
  const family = text.toLowerCase().match(/[a-z]+/g)
    ?.find((word) => (FAMILIES as string[]).includes(word));
  return family === undefined ? null : new Map([["description", text], ["family", family]]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
