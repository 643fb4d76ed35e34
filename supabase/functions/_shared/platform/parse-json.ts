/** @returns undefined for what is no JSON: the SyntaxError would quote the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What JSON calls an object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether arrays and objects are within each other more often than this; found without recursion. */
export function isDeeperThan(value: unknown, depth: number): boolean {
  const isNested = (each: unknown) => typeof each === "object" && each !== null;
  let level = [value].filter(isNested);
  for (let at = 0; at < depth && level.length > 0; at++) {
    level = level.flatMap((each) => Object.values(each as object).filter(isNested));
  }
  return level.length > 0;
}
