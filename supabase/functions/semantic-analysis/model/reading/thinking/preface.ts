/**
 * Thoughts that a model puts in front of its answer without the tags of its templates: in a fence, under a
 * heading, announced in words, or in an element that a caller's prompt could have asked for as well.
 */

import type { ThinkingFilter } from "./thinking.ts";

/** Thoughts in front of an answer, in a form that could hold an answer as well. */
interface Preface {
  opening: RegExp;
  /** @param name What the opening has in its group. */
  toClosing: (name: string) => RegExp;
  /** It is no form that a caller's prompt can have asked for. */
  isSure: boolean;
}

const PREFACES: readonly Preface[] = [
  {
    opening: /^`{3}(?:think(?:ing)?|thoughts?|reasoning)[^\S\n]{0,8}\n/i,
    toClosing: () => /`{3}/,
    isSure: true,
  },
  {
    // The channels of OpenAI's models, of which a server has taken out the marks.
    opening: /^(?:assistant)?analysis(?=[A-Z])/,
    toClosing: () => /assistantfinal/,
    isSure: true,
  },
  {
    // The words of Apriel, which ends its thoughts with a tag, and of Granite.
    opening: /^Here(?:'s| is| are) my (?:reasoning steps|thought process):/,
    toClosing: () => /Here(?:'s| is) my response:/,
    isSure: true,
  },
  {
    opening: /^[<＜](analysis|plan(?:ning)?|observations?|details)\b[^<>＜＞]{0,80}[>＞]/i,
    toClosing: (name) => new RegExp(`[<＜]/${name}\\s?[>＞]`, "i"),
    isSure: false,
  },
  {
    opening:
      /^(?:\*\*|#{1,4} )(?:thinking|thoughts?|thought process|reasoning):?(?:\*\*)?:?[^\S\n]{0,8}\n/i,
    toClosing: () =>
      /\n[^\S\n]{0,8}(?:\*\*|#{1,4} )(?:final )?(?:answer|description|response):?(?:\*\*)?:?/i,
    isSure: false,
  },
];

/** Most texts, which so need none of the expressions. */
const BEGINS_OTHERWISE = /^[^\s`<＜*#aH]/;

/** What may become the opening of one. */
const MAY_BE_OPENING =
  /^(?:`{1,3}[a-z]{0,9}|[<＜][^<>＜＞]{0,100}|(?:\*{1,2}|#{1,4} ?)[a-z: ]{0,20}\*{0,2}:?)[^\S\n]{0,8}$/i;
const OPENING_WORDS = [
  ...["analysis", "assistantanalysis", "Here are my reasoning steps:"],
  ...["Here is my thought process:", "Here's my thought process:"],
];

const mayBeOpening = (text: string) =>
  MAY_BE_OPENING.test(text) || OPENING_WORDS.some((each) => each.startsWith(text));

/** No closing is longer, so that only the end of what was searched is searched again. */
const MAX_CLOSING_LENGTH = 64;

/** An answer, rather than a word or two beside one: three words, JSON, or a script that has no blanks. */
const IS_ANSWER = /\S\s+\S+\s+\S|[[{]|[\u2e80-\uffdc]{4}/;

/** Which prefaces there can be, and who takes the rest. */
export interface PrefaceFilterOptions {
  /** The prompt is the caller's, and may have asked for any form. */
  isOwnPrompt: boolean;
  /** Takes the answer, as it comes. */
  emit: (text: string) => void;
}

/** Passes on a text without its prefaces; one that no answer follows may be the answer. */
export function createPrefaceFilter({ isOwnPrompt, emit }: PrefaceFilterOptions): ThinkingFilter {
  /** Without white space at its beginning: some models write blank lines until they are cut. */
  let held: string | null = "";
  /** So much of it has no closing. */
  let searchedLength = 0;

  function pass(text: string): void {
    held = null;
    if (text !== "") emit(text);
  }

  const findPreface = (text: string) =>
    PREFACES.filter(({ isSure }) => isSure || !isOwnPrompt)
      .map((preface) => ({ ...preface, begin: preface.opening.exec(text) }))
      .find(({ begin }) => begin !== null);

  function take(isAtEnd: boolean, isTruncated: boolean): void {
    if (held !== null && BEGINS_OTHERWISE.test(held)) return pass(held);
    while (held !== null) {
      const preface = findPreface(held);
      if (preface === undefined) {
        if (isAtEnd || !mayBeOpening(held)) pass(held);
        return;
      }
      const within = held.slice(preface.begin![0].length);
      const closing = preface.toClosing(preface.begin![1] ?? "");
      const end = closing.exec(within.slice(searchedLength));
      const endAt = searchedLength + (end?.index ?? 0);
      const rest = end === null ? "" : within.slice(endAt + end[0].length);
      if (end === null) searchedLength = Math.max(0, within.length - MAX_CLOSING_LENGTH);
      if (end !== null && (preface.isSure || IS_ANSWER.test(rest))) {
        [held, searchedLength] = [rest.trimStart(), 0];
        continue;
      }
      if (!isAtEnd) return;
      if (end !== null) pass(`${within.slice(0, endAt)}${rest}`);
      else pass(preface.isSure && isTruncated ? "" : held);
    }
  }

  return {
    push(text) {
      if (held === null) return emit(text);
      held = held === "" ? text.trimStart() : held + text;
      if (held !== "") take(false, false);
    },
    end: (isTruncated) => take(true, isTruncated),
  };
}
