/**
 * What a model thinks aloud before its answer. It is asked not to; some do it all the same, between the
 * tags of their templates, of which some leave out the opening one. So whatever stands before the last
 * closing tag is thinking, wherever it began.
 */

const NAME = "(?:seed:|ant)?(?:(?:inner|internal)_?)?" +
  "(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|rationale|monologue|cot)(?:_\\w{1,20})?";
const [LEFT, RIGHT] = ["(?:<|&lt;|＜)\\s?", "\\b[^<>&＜＞]{0,40}(?:>|&gt;|＞)"];

/** `<think>` and its kin; Mistral's, Kimi's, MedGemma's, Cohere's, and the channels of OpenAI's and Google's. */
const OPENING = [
  `${LEFT}${NAME}${RIGHT}`,
  "\\[(?:THINK(?:ING)?|REASONING)\\]",
  "◁think▷",
  "<unused94>",
  `<\\|(?:(?:begin|start)_(?:of_)?)?${NAME}\\|>`,
  "<\\|channel>\\s*(?:thought|analysis|commentary)\\b",
  "<\\|channel\\|>\\s*(?:analysis|commentary)\\s*<\\|message\\|>",
].join("|");
const CLOSING = [
  `${LEFT}/\\s?${NAME}${RIGHT}`,
  "\\[/(?:THINK(?:ING)?|REASONING)\\]",
  "◁/think▷",
  "<unused95>",
  `<\\|(?:end_(?:of_)?|/)${NAME}\\|>`,
  "<channel\\|>",
  "<\\|channel\\|>\\s*final\\s*<\\|message\\|>",
].join("|");

/**
 * What every tag begins with. Most texts have none of it, and so need none of the expressions for whole tags,
 * which take V8 a millisecond to compile.
 */
const MAY_HAVE_TAGS = /[<＜&◁]|\[\/?(?:[tr]|$)/i;

/** `<think/>`: there is none. */
const NONE = `${LEFT}${NAME}\\s?/\\s?(?:>|&gt;|＞)`;

const TAG = new RegExp(`(?<none>${NONE})|(?<opening>${OPENING})|(?<closing>${CLOSING})`, "i");
const TAGS = new RegExp(TAG.source, "gi");

/** What may become a tag with more of the text. */
const UNFINISHED =
  /(?:<\|channel>\s{0,4}[a-z]{0,10}|<\|channel\|>[^<>]{0,20}(?:<\|?[a-z]{0,10}\|?)?|(?:<|&lt;|＜)[^<>＜＞]{0,50}|&(?:l|lt)?|\[\/?[A-Z]{0,9}|◁[^▷]{0,8})$/i;

/** Takes a completion in pieces, and passes on what is no thinking. */
export interface ThinkingFilter {
  push(text: string): void;
  /** @param isTruncated Cut at `max_tokens`, so that the thinking need not have ended. */
  end(isTruncated: boolean): void;
}

/** The habits of the model, and who takes the rest. */
export interface ThinkingFilterOptions {
  /** The model leaves out the opening tag, so nothing is passed on before the closing one. */
  isUnopened: boolean;
  /** Takes text outside the thinking, as it comes. */
  emit: (text: string) => void;
  /** A closing tag has come: all that was emitted so far was thinking. */
  onRestart: () => void;
}

/** Passes on what isn't thinking. Where the thinking doesn't end, nothing after its opening tag is. */
export function createThinkingFilter(
  { isUnopened, emit, onRestart }: ThinkingFilterOptions,
): ThinkingFilter {
  /** What may be the beginning of a tag. */
  let pending = "";
  /** What only a further closing tag can tell to be thinking. */
  let held = "";
  let mode: "text" | "thinking" | "held" = isUnopened ? "held" : "text";
  let depth = 0;
  let hasEnded = false;

  function pass(text: string): void {
    if (mode === "held") held += text;
    if (mode === "text" && text !== "") emit(text);
  }

  function takeTags(): void {
    if (!MAY_HAVE_TAGS.test(pending)) return;
    for (
      let match = TAG.exec(pending);
      match !== null;
      match = TAG.exec(pending)
    ) {
      const { opening, none } = match.groups!;
      const isOpening = opening !== undefined;
      pass(pending.slice(0, match.index));
      pending = pending.slice(match.index + match[0].length);
      if (none !== undefined) continue;
      if (!isOpening) onRestart();
      hasEnded ||= !isOpening;
      depth = isOpening ? depth + 1 : Math.max(0, depth - 1);
      // Of several opening tags each may have its closing one, or be no more than a word of the thinking.
      mode = isOpening ? "thinking" : depth === 0 ? "text" : "held";
      held = "";
    }
  }

  return {
    push(text) {
      pending += text;
      takeTags();
      const tag = MAY_HAVE_TAGS.test(pending) ? UNFINISHED.exec(pending) : null;
      const unfinished = tag?.index ?? pending.length;
      pass(pending.slice(0, unfinished));
      pending = pending.slice(unfinished);
    },

    end(isTruncated) {
      takeTags();
      pass(pending);
      pending = "";
      // Without a closing tag a model that leaves out the opening one hasn't thought, or wasn't done.
      if (mode === "held" && (hasEnded || !isTruncated) && held !== "") emit(held);
    },
  };
}

/** The text without its tags and what is between them. */
export function withoutThinking(text: string): string {
  if (!MAY_HAVE_TAGS.test(text)) return text;
  let [kept, from] = ["", 0];
  let isThinking = false;
  for (const { index, 0: tag, groups } of text.matchAll(TAGS)) {
    if (!isThinking) kept += text.slice(from, index);
    from = index + tag.length;
    if (groups!.none === undefined) isThinking = groups!.opening !== undefined;
  }
  return isThinking ? kept : kept + text.slice(from);
}

/**
 * Whether all thinking is within the texts of an object, at their beginning, so that what stands before
 * it is no thinking.
 */
export function isThinkingWithin(text: string): boolean {
  let isThinking = false;
  for (const { index, groups } of text.matchAll(TAGS)) {
    if (groups!.none !== undefined) continue;
    const isOpening = groups!.opening !== undefined;
    if (isOpening === isThinking) return false;
    if (isOpening && !/"\s*$/.test(text.slice(Math.max(0, index - 20), index))) return false;
    isThinking = isOpening;
  }
  return !isThinking;
}

/** Whether some thinking ends within the text. */
export function endsThinking(text: string): boolean {
  return MAY_HAVE_TAGS.test(text) &&
    [...text.matchAll(TAGS)].some(({ groups }) => groups!.closing !== undefined);
}

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
    opening: /^\s*`{3}(?:think(?:ing)?|thoughts?|reasoning)[^\S\n]*\n/i,
    toClosing: () => /`{3}/,
    isSure: true,
  },
  {
    // The channels of OpenAI's models, of which a server has taken out the marks.
    opening: /^\s*(?:assistant)?analysis(?=[A-Z])/,
    toClosing: () => /assistantfinal/,
    isSure: true,
  },
  {
    opening: /^\s*[<＜](analysis|plan(?:ning)?|observations?|details)\b[^<>＜＞]{0,80}[>＞]/i,
    toClosing: (name) => new RegExp(`[<＜]/${name}\\s?[>＞]`, "i"),
    isSure: false,
  },
  {
    opening:
      /^\s*(?:\*\*|#{1,4} )(?:thinking|thoughts?|thought process|reasoning):?(?:\*\*)?:?[^\S\n]{0,8}\n/i,
    toClosing: () =>
      /\n[^\S\n]{0,8}(?:\*\*|#{1,4} )(?:final )?(?:answer|description|response):?(?:\*\*)?:?/i,
    isSure: false,
  },
];

/** Most texts, which so need none of the expressions. */
const BEGINS_OTHERWISE = /^\s*[^\s`<＜*#a]/;

/** What may become the opening of one. */
const MAY_BE_OPENING =
  /^\s*(?:`{1,3}[a-z]{0,9}\s*|[<＜][^<>＜＞]{0,100}|(?:\*{1,2}|#{1,4} ?)[a-z: ]{0,20}\*{0,2}:?\s*)$/i;
const UNMARKED_CHANNELS = ["analysis", "assistantanalysis"];

const mayBeOpening = (text: string) =>
  MAY_BE_OPENING.test(text) ||
  UNMARKED_CHANNELS.some((each) => each.startsWith(text.trimStart()));

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
      if (IS_ANSWER.test(rest)) {
        [held, searchedLength] = [rest, 0];
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
      held += text;
      take(false, false);
    },
    end: (isTruncated) => take(true, isTruncated),
  };
}
