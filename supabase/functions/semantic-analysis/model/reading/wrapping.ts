/** What models put around the text of an answer: what announces it, fences, boxes, quotes, escapes. */

const BEGINS_WRAPPED = /^\s*(?:[[`\\]|"\s*[[{]|\{\s*[\\&])/;
const MAY_BE_WRAPPED = /^\s*(?:"[^"]*"?\s*$|\{\s*$|$)/;
/** No whole answer in quotes is longer; what goes on is searched with each piece of it. */
const MAX_QUOTED_LENGTH = 2_000;

/** Whether only the end of a text tells what it is wrapped in. */
export const beginsWrapped = (text: string) => BEGINS_WRAPPED.test(text);

/** Whether a text that goes on may turn out to be wrapped, if it doesn't begin so already. */
export const mayBeWrapped = (text: string) =>
  text.length <= MAX_QUOTED_LENGTH && MAY_BE_WRAPPED.test(text);

/** Without a fence, a box, brackets or quotes around the whole of it. */
export function unwrap(text: string): string {
  return text.trim()
    .replace(/^```[a-z]*\s*([^]*?)\s*(?:```)?$/i, "$1")
    .replace(/^\\boxed\{([^]*)\}$/, "$1")
    .replace(/^\[([^]*)\]$/, "$1").trim()
    .replace(/^"([^"]*)"$/, "$1");
}

/** `Answer:`, `**The final answer:**`, `**Answer**:`. Of blanks side by side one is bounded, or both try all. */
const ANNOUNCES =
  /^\s*(\*\*)?(?:the |my )?(?:final )?answer(?:\1\s*[:：]|\s*[:：]\s{0,9}\1)\s*(?=\S)/i;
/** The speaker: a template's mark of a turn, of which the server has taken out the rest. */
const SPEAKS = /^\s*(?:[Aa]ssistant *[:：]|assistant *\n)\s*(?=\S)/;
/** What may become one of these. */
const ANNOUNCEMENTS = [
  ...["answer:", "final answer:", "the answer:", "the final answer:"],
  ...["my answer:", "my final answer:", "assistant:"],
];
const MAX_ANNOUNCEMENT_LENGTH = 60;

/**
 * Without the words that announce an answer, as `Final answer:` does, and without its speaker.
 *
 * @param isOwnPrompt The prompt is the caller's, and may have asked for such words.
 */
export function withoutAnnouncement(text: string, isOwnPrompt: boolean): string {
  for (let left = text;;) {
    const spoken = left.replace(SPEAKS, "");
    const next = isOwnPrompt ? spoken : spoken.replace(ANNOUNCES, "");
    if (next === left) return left;
    left = next;
  }
}

/** Whether a text that goes on may turn out to be no more than that so far. */
export function mayAnnounce(text: string): boolean {
  if (text.length > MAX_ANNOUNCEMENT_LENGTH) return false;
  const plain = text.replaceAll("*", "").trim().replace(/\s+/g, " ").replace(/ ?：/, ":");
  return ANNOUNCEMENTS.some((each) => each.startsWith(plain.toLowerCase()));
}

/**
 * A text that is quoted as a whole, or an object whose every quote, or line break, is escaped as in a text or
 * as in HTML; null for any other.
 */
export function readQuoted(text: string): string | null {
  if (/^\s*[[{]\s*&quot;/.test(text)) {
    return text.replace(/&(quot|lt|gt|amp|#39);/g, (_, name: string) => CHARACTERS[name]!);
  }
  const isEscaped = /^\s*[[{]\s*\\["n]/.test(text);
  if (!isEscaped && !/^\s*"/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(
      isEscaped ? `"${text.trim().replace(/\r?\n/g, "\\n")}"` : text,
    );
    return typeof value === "string" ? value : null;
  } catch {
    const broken = text.replaceAll("\\n", "\n");
    return isEscaped && broken !== text ? broken : null;
  }
}

const CHARACTERS: Record<string, string> = {
  "quot": '"',
  "lt": "<",
  "gt": ">",
  "amp": "&",
  "#39": "'",
};
