/** Finds the JSON object in what a model said, whatever it put around it. */

/** Says what an object comes to; null when it isn't the one that is looked for. */
export type Accept<Value> = (object: Record<string, unknown>) => Value | null;

/** Where an object that begins at a brace ends, or how far it is whole. */
interface Extent {
  /** Index after its closing brace; null when the text ends first. */
  end: number | null;
  /** Index of the last comma between two of its own members; null when there is none. */
  lastComma: number | null;
}

/** A brace that can begin an object; that of `{this}` can't. */
const BRACE = /\{(?=\s*["}])/g;

/** What begins like an object and is none may cost a pass over all the rest, so these are bounded. */
const MAX_FAILURES = 5;

/**
 * The first JSON object in a text that is accepted: bare, fenced, or in the middle of chat. Objects
 * within another one are not looked at.
 *
 * @returns null when there is none that is whole.
 */
export function findJsonObject<Value>(text: string, accept: Accept<Value>): Value | null {
  return find(text, ({ start, end }) => {
    const object = end === null ? null : parseObject(text.slice(start, end));
    return object && { value: accept(object), end: end! };
  });
}

/**
 * The same for the members that are whole of an object that was cut off.
 *
 * @returns null when not one is.
 */
export function findCutJsonObject<Value>(text: string, accept: Accept<Value>): Value | null {
  return find(text, ({ start, end, lastComma }) => {
    if (end !== null) return parseObject(text.slice(start, end)) && { value: null, end };
    const object = lastComma === null ? null : parseObject(`${text.slice(start, lastComma)}}`);
    const value = object && accept(object);
    return value === null ? null : { value, end: text.length };
  });
}

/** What a text says beside its objects, whole or not. */
export function withoutJsonObjects(text: string): string {
  const braces = new RegExp(BRACE);
  let rest = "";
  let from = 0;
  for (let match = braces.exec(text); match !== null; match = braces.exec(text)) {
    rest += text.slice(from, match.index);
    from = braces.lastIndex = measure(text, match.index).end ?? text.length;
  }
  return rest + text.slice(from);
}

/** Goes from brace to brace, and past each object that is whole. */
function find<Value>(
  text: string,
  read: (extent: Extent & { start: number }) => { value: Value | null; end: number } | null,
): Value | null {
  const braces = new RegExp(BRACE);
  for (let failures = 0; failures < MAX_FAILURES;) {
    const start = braces.exec(text)?.index;
    if (start === undefined) return null;
    const found = read({ start, ...measure(text, start) });
    if (found === null) failures++;
    else if (found.value !== null) return found.value;
    else braces.lastIndex = found.end;
  }
  return null;
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
