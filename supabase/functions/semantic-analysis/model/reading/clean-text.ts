/** What may be shown and stored of a text from outside, the same whether it comes whole or in pieces. */

/** What every mark begins with: most texts have none of it, and so need not the expression for whole ones. */
const MAY_HAVE_MARKS = /[<[`]/;

/** Marks of a model's template: GLM's box, the heads and ends of turns and of texts, DeepSeek's wide bars. */
const MARKS = new RegExp(
  [
    "<\\|(?:start_header_id|im_start|start)\\|>(?:assistant)?",
    "<\\|[\\w ]{1,40}\\|>",
    "<｜[^｜<>]{1,40}｜>",
    "</?(?:answer|final_answer|response|output|result|conclusion|description|caption)>",
    "</?(?:s|bos|eos|pad|unk|image|unused\\d+|(?:start|end)_of_turn)>",
    "\\[(?:/?INST|[BE]OS|END FINAL RESPONSE)\\]",
    "`{3,}[a-z]*",
  ].join("|"),
  "gi",
);

/** What may become a mark with more of the text, at the end of what isn't white space. */
const UNFINISHED =
  /(?:[\ud800-\udbff]|<\|\w{5,15}\|>a?s{0,2}[a-z]{0,6}|<[^<>]{0,42}|\[\/?[a-z ]{0,18}|`{1,40}[a-z]{0,10}|\{\s*\\?)$/i;
/** Where JSON begins within a text. */
const JSON_BEGINS = /\{\s*\\?["'“](?!\s)/;
/** No mark is longer, so that only the end is searched. */
const MAX_UNFINISHED_LENGTH = 64;
/** So much white space at a time is held back as it is; more says no more than a blank line. */
const MAX_BLANK_LENGTH = 256;

/** From where on it depends on more of the text what is shown. */
function findUnfinished(text: string): number {
  const end = text.trimEnd().length;
  const from = Math.max(0, end - MAX_UNFINISHED_LENGTH);
  const match = UNFINISHED.exec(text.slice(from, end));
  return match === null ? end : text.slice(0, from + match.index).trimEnd().length;
}

/** Control characters other than white space, and halves of surrogate pairs: Postgres stores neither. */
const UNSTORABLE =
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** How much of a text is kept, and in which form. */
export interface TextOptions {
  /** White space of any kind is one blank. */
  isSingleLine: boolean;
  /** The most code points. */
  maxLength: number;
  /** It may be JSON; any other text ends where some begins. */
  isJsonWanted?: boolean;
  /** Told each piece as it can be shown, never an empty one. */
  show?: ((text: string) => void) | undefined;
}

/** A text that grows. What was shown of it is always its beginning. */
export interface GrowingText {
  push(text: string): void;
  /** Passes on what was held back at the end. */
  end(): void;
  text(): string;
  /** There was more than `maxLength`. */
  isCut(): boolean;
}

/** A text that is cleaned piece by piece: however it is cut into pieces, the same text comes of it. */
export function createGrowingText(options: TextOptions): GrowingText {
  const { isSingleLine, maxLength, isJsonWanted = false, show } = options;
  let [pending, shown] = ["", ""];
  /** White space that only more of the text makes part of it. */
  let blank = "";
  let left = maxLength;
  let isCut = false;

  function pass(raw: string): void {
    const marked = toStorable(MAY_HAVE_MARKS.test(raw) ? raw.replace(MARKS, "") : raw);
    const json = isJsonWanted ? -1 : marked.search(JSON_BEGINS);
    isCut ||= json !== -1;
    const cleaned = blank + (json === -1 ? marked : marked.slice(0, json));
    const spaced = isSingleLine
      ? cleaned.replace(/\s+/g, " ")
      : cleaned.replace(/\r\n?|[\v\f\u2028\u2029]/g, "\n").replace(/\t/g, " ")
        .replace(/\n{3,}/g, "\n\n");
    let visible = (shown === "" ? spaced.trimStart() : spaced).trimEnd();
    blank = spaced.slice(spaced.trimEnd().length).slice(0, MAX_BLANK_LENGTH);
    // A bound is met rarely, and counting code points of every piece costs more than its length.
    if (visible.length > left) {
      const points = [...visible];
      isCut ||= points.length > left;
      visible = points.slice(0, left).join("");
    }
    left -= [...visible].length;
    if (visible === "") return;
    shown += visible;
    show?.(visible);
  }

  return {
    push(text) {
      if (isCut) return;
      pending += text;
      const unfinished = findUnfinished(pending);
      const ready = pending.slice(0, unfinished);
      pending = pending.slice(unfinished);
      if (ready !== "") pass(ready);
      const end = pending.trimEnd().length;
      if (pending.length - end > MAX_BLANK_LENGTH) {
        pending = pending.slice(0, end) + (pending.includes("\n", end) ? "\n\n" : " ");
      }
    },

    end() {
      if (!isCut) {
        pass(pending.trimEnd().replace(/(?:<\|?|`+)$/, "").trimEnd());
      }
      pending = "";
    },

    text: () => shown.trimEnd(),
    isCut: () => isCut,
  };
}

/** The whole at once. */
export function cleanText(
  text: string,
  options: Omit<TextOptions, "show">,
): string {
  const growing = createGrowingText(options);
  growing.push(text);
  growing.end();
  return growing.text();
}

function toStorable(text: string): string {
  return text.replace(UNSTORABLE, "");
}
