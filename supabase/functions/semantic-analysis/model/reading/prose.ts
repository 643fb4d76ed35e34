/** A completion read as prose. */

import { createGrowingText } from "./clean-text.ts";
import type { JsonObject } from "./json/parser.ts";
import { createJsonScanner } from "./json/scanner.ts";
import { findProse, listObjects } from "./material-answer.ts";
import { hasLetters, isDeclining, isNoise, mayDecline, saysNothing } from "./no-answer.ts";
import {
  beginsWrapped,
  mayAnnounce,
  mayBeWrapped,
  readQuoted,
  unwrap,
  withoutAnnouncement,
} from "./wrapping.ts";
import { PLAIN, type ReaderOptions, type ReadingState, toMaxLength } from "./reading.ts";

/** Reads a completion that is to be prose. What could turn out to be a wrapping or a no is held back. */
export function createProseState(options: ReaderOptions): ReadingState {
  const { isOwnPrompt, isJsonWanted, show } = options;
  let shown = "";
  const showNoted = (text: string) => {
    shown += text;
    show?.(text);
  };
  const limits = { isSingleLine: false, maxLength: toMaxLength(options), isJsonWanted };
  const prose = createGrowingText({ ...limits, show: showNoted });
  /** Not yet known to be the answer. */
  let held = "";
  let isHeld = true;
  let isWrapped = false;
  let hasWord = false;
  /** What announces the answer, if anything does, is over. */
  let isBegun = isJsonWanted;
  /** A letter may come in two halves. */
  let lastHalf = "";
  let raw = "";

  const release = () => {
    isHeld = false;
    prose.push(held);
    held = "";
  };
  const take = (text: string) => {
    if (!isHeld) return prose.push(text);
    if (isWrapped) {
      held += text;
      return;
    }
    // The new piece alone is searched: all that is held may have come in tens of thousands of them.
    hasWord ||= hasLetters(lastHalf + text);
    lastHalf = text.slice(-1);
    held += text;
    if (!isBegun) {
      held = withoutAnnouncement(held, isOwnPrompt);
      isBegun = !mayAnnounce(held);
    }
    isWrapped = hasWord && isBegun && !isJsonWanted && beginsWrapped(held);
    const mayBeOther = isWrapped || !hasWord || !isBegun || !isJsonWanted && mayBeWrapped(held) ||
      !isOwnPrompt && mayDecline(held);
    if (!mayBeOther) release();
  };
  const scanner = createJsonScanner({
    onChat: take,
    onObject: (object) => take(toObjectProse(object)),
  });

  return {
    push(text) {
      raw += text;
      if (isJsonWanted) take(text);
      else scanner.push(text);
    },
    shown: () => show ? shown : "",
    text: () => raw,
    read(completion) {
      if (!isJsonWanted) scanner.end();
      if (isHeld && !isJsonWanted) held = readWrapped(held);
      const isDeclined = isDeclining(isHeld ? held : shown);
      const isNothing = isHeld &&
        (isNoise(held) || !isOwnPrompt && (isDeclined || saysNothing(held)));
      if (isNothing) {
        return { ...PLAIN, judgement: "nothing", analysis: "", isDeclined };
      }
      release();
      prose.end();
      const analysis = prose.text();
      return {
        ...PLAIN,
        judgement: isNoise(analysis) ? "nothing" : "answer",
        analysis,
        isCut: completion.end !== "complete" || prose.isCut(),
        isDeclined,
      };
    },
  };
}

/** The text in its wrapping, of which one may be JSON in the form of a text. */
function readWrapped(text: string): string {
  const inside = unwrap(text);
  const quoted = readQuoted(inside);
  return quoted !== null && looksLikeJson(quoted) ? proseOf(quoted) : inside;
}

/** A text of JSON within a text of JSON, and so on: what is deeper says nothing. */
const MAX_DEPTH = 4;

/** The text with each object replaced by its prose. */
export function proseOf(text: string, depth = 0): string {
  let prose = "";
  const scanner = createJsonScanner({
    onChat: (chat) => prose += chat,
    onObject: (object) => prose += toObjectProse(object, depth),
  });
  scanner.push(text);
  scanner.end();
  return unwrap(prose);
}

/** The outermost prose of an object, itself never JSON. */
function toObjectProse(object: JsonObject, depth = 0): string {
  for (const each of listObjects(object)) {
    const prose = findProse(each);
    if (prose === null) continue;
    if (!looksLikeJson(prose)) return prose;
    return depth === MAX_DEPTH ? "" : proseOf(prose, depth + 1);
  }
  return "";
}

/** Whether a text begins like an object or a list, in a fence or not. */
export const looksLikeJson = (text: string) => /^\s*(?:```[a-z]*\s*)?[[{]/.test(text);
