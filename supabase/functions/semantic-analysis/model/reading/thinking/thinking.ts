/**
 * What a model thinks aloud before its answer. It is asked not to; some do it all the same, between the
 * tags of their templates, of which some leave out the opening one. So whatever stands before the last
 * closing tag is thinking, wherever it began.
 */

const NAME =
  "(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|rationale|monologue|cot)(?:_\\w{1,20})?";
/** The same as a part of a longer name: `chain_of_thought`, `seed:think`, `antThinking`. */
const ELEMENT = `(?:[a-z]{1,12}[:_-]){0,3}(?:ant|inner|internal)?${NAME}`;
const [LEFT, RIGHT] = ["(?:<|&lt;|＜)\\s?", "\\b[^<>&＜＞]{0,40}(?:>|&gt;|＞)"];

/** `<think>` and its kin; Mistral's, Kimi's, MedGemma's, Cohere's, the channels of OpenAI's and Google's; Apriel's end. */
const OPENING = [
  `${LEFT}${ELEMENT}${RIGHT}`,
  "\\[(?:THINK(?:ING)?|REASONING)\\]",
  "◁think▷",
  "<unused94>",
  `<\\|(?:(?:begin|start)_(?:of_)?)?${NAME}\\|>`,
  "<\\|channel\\|?>\\s*(?:thought|analysis|commentary)\\b",
].join("|");
const CLOSING = [
  `${LEFT}/\\s?${ELEMENT}${RIGHT}`,
  "\\[/(?:THINK(?:ING)?|REASONING)\\]",
  "◁/think▷",
  "<unused95>",
  `<\\|(?:end_(?:of_)?|/)${NAME}\\|>`,
  "<channel\\|>",
  "<\\|channel\\|>\\s*final\\s*(?:<\\|constrain\\|>\\s*\\w{0,20}\\s*)?<\\|message\\|>",
  "\\[BEGIN FINAL RESPONSE\\]",
].join("|");

/**
 * What every tag begins with. Most texts have none of it, and so need none of the expressions for whole tags,
 * which take V8 a millisecond to compile.
 */
const MAY_HAVE_TAGS = /[<＜&◁]|\[\/?(?:[trb]|$)/i;

/** `<think/>`: there is none. */
const NONE = `${LEFT}${ELEMENT}\\s?/\\s?(?:>|&gt;|＞)`;

const TAG = new RegExp(`(?<none>${NONE})|(?<opening>${OPENING})|(?<closing>${CLOSING})`, "i");
const TAGS = new RegExp(TAG.source, "gi");

/** What may become a tag with more of the text. */
const UNFINISHED =
  /(?:<\|channel\|?>[\sa-z<|>]{0,60}|(?:<|&lt;|＜)[^<>＜＞]{0,50}|&(?:l|lt)?|\[\/?[A-Z ]{0,20}|◁[^▷]{0,8})$/i;

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
