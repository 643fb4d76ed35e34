/**
 * What a model thinks aloud before its answer. It is asked not to; some do it all the same, between
 * the tags of their templates.
 */

export const THINKING_BEGINS = "<think>";
export const THINKING_ENDS = "</think>";

/** The answer alone; empty where the thinking doesn't end. */
export function withoutReasoning(text: string): string {
  if (!text.trimStart().startsWith(THINKING_BEGINS)) return text;
  const end = text.indexOf(THINKING_ENDS);
  return end === -1 ? "" : text.slice(end + THINKING_ENDS.length);
}
