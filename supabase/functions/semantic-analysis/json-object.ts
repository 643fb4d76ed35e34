/** Finds the JSON object in what a model said, whatever it put around it. */

/** Where an object that begins at a brace ends, or how far it is whole. */
interface Extent {
  /** Index after its closing brace; null when the text ends first. */
  end: number | null;
  /** Index of the last comma between two of its own members; null when there is none. */
  lastComma: number | null;
}

/** Text before the object that could hold a brace of its own. */
const MAX_CANDIDATES = 5;

/**
 * The first JSON object in a text: bare, fenced, or in the middle of chat.
 *
 * @returns null when there is none that is whole.
 */
export function findJsonObject(text: string): Record<string, unknown> | null {
  for (const start of findBraces(text)) {
    const { end } = measure(text, start);
    const object = end === null ? null : parseObject(text.slice(start, end));
    if (object) return object;
  }
  return null;
}

/**
 * The members that are whole of an object that was cut off.
 *
 * @returns null when not one is.
 */
export function findCutJsonObject(text: string): Record<string, unknown> | null {
  for (const start of findBraces(text)) {
    const { end, lastComma } = measure(text, start);
    if (end !== null || lastComma === null) continue;
    const object = parseObject(`${text.slice(start, lastComma)}}`);
    if (object) return object;
  }
  return null;
}

function findBraces(text: string): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf("{"); at !== -1; at = text.indexOf("{", at + 1)) {
    starts.push(at);
    if (starts.length === MAX_CANDIDATES) break;
  }
  return starts;
}

function measure(text: string, start: number): Extent {
  let depth = 0;
  let isInString = false;
  let lastComma: number | null = null;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === "\\") at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') {
      isInString = true;
    } else if (character === "{" || character === "[") {
      depth++;
    } else if (character === "}" || character === "]") {
      depth--;
      if (depth === 0) return { end: at + 1, lastComma };
    } else if (character === "," && depth === 1) {
      lastComma = at;
    }
  }
  return { end: null, lastComma };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
