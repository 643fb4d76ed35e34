/**
 * The texts, words and white space of JSON from a model, read from a text that may still be coming:
 * wherever it ends before the stream does, the lexer waits, as a generator.
 */

/** The text so far, and how far it is read. */
export interface Input {
  text: string;
  at: number;
  /** Nothing more comes. */
  isAtEnd: boolean;
}

/** A computation that yields where it needs more of the input. */
export type Waiting<Result> = Generator<void, Result, void>;

/** The text isn't what it began as. */
export class Broken extends Error {}

/** Where a text stands, by which it can be told whether a quote ends it. */
export type Place = "key" | "member" | "item";

/** Reads from the place in the input where the parser stands, and moves it on. */
export interface JsonLexer {
  /** Past white space and comments. @returns what follows; undefined at the end. */
  skip(): Waiting<string | undefined>;
  /** Past white space, comments and commas. @returns what follows. */
  skipCommas(): Waiting<string | undefined>;
  /** Whether what follows a brace or a comma can begin a member, or end the object. */
  beginsMember(from: number): Waiting<boolean>;
  /** @param onPiece Takes the text while it comes, up to the first quote that isn't escaped. */
  readText(place: Place, onPiece?: (piece: string) => void): Waiting<string>;
  /** A number, one of the words that stand for a value, or a text without quotes. */
  readWord(place: "member" | "item"): Waiting<string | number | boolean | null>;
  /** A key without quotes. */
  readName(): Waiting<string>;
  /**
   * The same as `skip`, `skipCommas` and `readText` where all of it is there and plain, else null: most
   * answers are, and a generator for each of their texts costs ten times as much.
   */
  now: {
    skip(): string | null;
    skipCommas(): string | null;
    readText(place: Place): string | null;
  };
  /** Of the texts since the last reset: one had quotes that were not escaped; the input ended in it. */
  flags: { hasStrayQuotes: boolean; isTextCut: boolean };
}

/** White space, and what has no width. */
const BLANK = /[\s\ufeff\u200b-\u200d\u2060]/;
/** Models that write Chinese put their own punctuation between members; those that write code, an equals sign. */
export const isColon = (character: string | undefined) =>
  character !== undefined && ":：=".includes(character);
const OTHER_COMMAS = "，、；;";
const isComma = (character: string | undefined) =>
  character !== undefined && (character === "," || OTHER_COMMAS.includes(character));

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "\n": "\n" };
/** What may close each quote. */
const CLOSING_QUOTES: Record<string, string> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": '”"',
  "‘": "’'",
  "«": "»",
  "»": "«",
};
const WORDS: Record<string, boolean | null> = {
  null: null,
  none: null,
  undefined: null,
  nan: null,
  infinity: null,
  "-infinity": null,
  true: true,
  false: false,
};
const NUMBER = /^[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NAME_AND_COLON = /^[A-Za-z_][\w-]{0,40}\s*[:：]/;
/** Characters that show whether a name and its colon are there. */
const NAME_LENGTH = 44;
/** The same with or without quotes, and what may become it. */
const KEY_AND_COLON =
  /^(?:(?:"(?:[^"\\\n]|\\.){0,120}"|['“‘«»`][^'“”‘’«»`\n]{0,60}['”’«»`])\s*[:：=]|[A-Za-z_][\w-]{0,40}\s*[:：])/;
const KEY_BEGINS =
  /^(?:"(?:[^"\\\n]|\\.){0,120}(?:\\|"\s*)?|['“‘«»`][^'“”‘’«»`\n]{0,60}(?:['”’«»`]\s*)?|[A-Za-z_][\w-]{0,40}\s*)$/;
const KEY_LENGTH = 160;
/** What shows beyond doubt that a quote has ended its text. */
const AFTER_TEXT: Record<Place, RegExp> = {
  key: /:/y,
  member: /\s*(?:,\s*"\w{1,40}":|})/y,
  item: /\s*[,\]]/y,
};
/** What stands for further members, where only they, or the end, follow. */
const LEFT_OUT = /^(?:\.{3}|…)\s*[,}]/;
const LEFT_OUT_BEGINS = /^(?:\.{1,3}|…)\s*$/;
/** With a comma for the point, which in front of three digits may be one of thousands. */
const DECIMAL_COMMA = /^[+-]?(?:0,\d+|\d+,\d{1,2})$/;
/** Behind a comma of an object comes no digit, so between two of them it is part of a number. */
const WORD_END = {
  member: /[，；;}\]\n"{[]|,(?!\d|$)|(?<!\d),/,
  item: /[,，；;}\]\n"{[]/,
};
/** A text without quotes is a few words. */
const MAX_WORD_LENGTH = 100;
/** With what is said of it behind it on its line: it is searched anew with each piece. */
const MAX_WORD_AND_COMMENT = 1_000;

/** Whether a character may open a text, in JSON or in what models write for it. */
export const isQuote = (character: string) => Object.hasOwn(CLOSING_QUOTES, character);

/** A lexer that shares its input with the parser. */
export function createJsonLexer(input: Input): JsonLexer {
  const flags = { hasStrayQuotes: false, isTextCut: false };

  /** Waits for as many further characters, as far as they come. */
  function* fill(count: number): Waiting<void> {
    while (input.at + count > input.text.length && !input.isAtEnd) yield;
  }

  function* skip(): Waiting<string | undefined> {
    for (;;) {
      yield* fill(1);
      const character = input.text[input.at];
      if (character === undefined) return undefined;
      if (BLANK.test(character)) {
        input.at++;
        continue;
      }
      if (character !== "/" && character !== "#") return character;
      yield* fill(2);
      const isBlock = input.text.startsWith("/*", input.at);
      if (character === "/" && !isBlock && input.text[input.at + 1] !== "/") return character;
      const terminator = isBlock ? "*/" : "\n";
      let [end, from] = [-1, input.at + 1];
      for (;;) {
        end = input.text.indexOf(terminator, from);
        if (end !== -1 || input.isAtEnd) break;
        from = Math.max(from, input.text.length - 1);
        yield;
      }
      input.at = end === -1 ? input.text.length : end + terminator.length;
    }
  }

  function* skipCommas(): Waiting<string | undefined> {
    for (;;) {
      const character = yield* skip();
      if (character === ".") yield* fill(3);
      if (input.text.startsWith("...", input.at)) input.at += 3;
      else if (isComma(character) || character === "…") input.at++;
      else return character;
    }
  }

  /** What comes after white space, without going there. */
  function* lookAhead(from: number): Waiting<{ character: string | undefined; index: number }> {
    for (let index = from;; index++) {
      while (index >= input.text.length && !input.isAtEnd) yield;
      const character = input.text[index];
      if (character === undefined || !BLANK.test(character)) return { character, index };
    }
  }

  function* beginsMember(from: number): Waiting<boolean> {
    let { character, index } = yield* lookAhead(from);
    while (isComma(character)) ({ character, index } = yield* lookAhead(index + 1));
    if (character === undefined || "}]/#".includes(character)) return true;
    const next = () => input.text.slice(index, index + KEY_LENGTH);
    const isBegun = () => KEY_BEGINS.test(next()) || LEFT_OUT_BEGINS.test(next());
    while (isBegun() && next().length < KEY_LENGTH && !input.isAtEnd) yield;
    if (LEFT_OUT.test(next())) return input.text[from - 1] !== "{";
    // Where the input ends within it, it may have become one.
    return KEY_AND_COLON.test(next()) || KEY_BEGINS.test(next());
  }

  /** Whether a quote ends its text, or is one of the text's own that should have been escaped. */
  function* isEndOfText(place: Place): Waiting<boolean> {
    const { character, index } = yield* lookAhead(input.at + 1);
    if (character === undefined) return true;
    if (place === "key") return isColon(character);
    if (character === "}" || character === "]") return true;
    if (character === "," && place === "item") return true;
    if (isComma(character)) {
      return place === "member"
        ? yield* beginsMember(index + 1)
        : isQuote((yield* lookAhead(index + 1)).character ?? "");
    }
    // A comma is missing where the next text begins on a line of its own.
    const isOnNextLine = input.text.slice(input.at + 1, index).includes("\n");
    return isOnNextLine && (isQuote(character) || character === "/" || character === "#");
  }

  function* readEscape(): Waiting<string> {
    yield* fill(2);
    const kind = input.text[input.at + 1];
    const length = kind === "u" ? 4 : kind === "x" ? 2 : 0;
    yield* fill(2 + length);
    const digits = input.text.slice(input.at + 2, input.at + 2 + length);
    const isCode = length > 0 && digits.length === length && /^[0-9a-f]+$/i.test(digits);
    input.at = Math.min(input.text.length, input.at + (isCode ? 2 + length : 2));
    if (isCode) return String.fromCharCode(Number.parseInt(digits, 16));
    return kind === undefined ? "" : ESCAPES[kind] ?? kind;
  }

  function* readText(place: Place, onPiece?: (piece: string) => void): Waiting<string> {
    const closing = CLOSING_QUOTES[input.text[input.at]!]!;
    input.at++;
    let value = "";
    let take = onPiece;
    const add = (piece: string) => {
      value += piece;
      if (piece !== "") take?.(piece);
    };
    const isPlain = (character: string | undefined) =>
      character !== undefined && character !== "\\" && !closing.includes(character);
    for (;;) {
      const from = input.at;
      while (isPlain(input.text[input.at])) input.at++;
      add(input.text.slice(from, input.at));
      yield* fill(1);
      const character = input.text[input.at];
      if (character === undefined) {
        flags.isTextCut = true;
        return value;
      }
      if (character === "\\") {
        add(yield* readEscape());
        continue;
      }
      if (isPlain(character)) continue;
      const isEnd = yield* isEndOfText(place);
      input.at++;
      if (isEnd) return value;
      // An apostrophe belongs to its text; what comes after another quote may not.
      if (character === '"' || character === "”") {
        flags.hasStrayQuotes = true;
        take = undefined;
      }
      add(character);
    }
  }

  function* readWord(place: "member" | "item"): Waiting<string | number | boolean | null> {
    const rest = () => input.text.slice(input.at);
    const findEnd = () => rest().search(WORD_END[place]);
    while (findEnd() === -1 && !input.isAtEnd && rest().length <= MAX_WORD_AND_COMMENT) yield;
    const end = findEnd() === -1 ? rest().search(/,$/) : findEnd();
    const raw = end === -1 ? rest() : rest().slice(0, end);
    const word = raw.replace(/(?:\/\/|#).*$/, "").trim();
    if (word === "" || word.length > MAX_WORD_LENGTH) throw new Broken();
    input.at += raw.length;
    flags.isTextCut ||= end === -1;
    if (Object.hasOwn(WORDS, word.toLowerCase())) return WORDS[word.toLowerCase()]!;
    const number = DECIMAL_COMMA.test(word) ? word.replace(",", ".") : word.replaceAll("_", "");
    return NUMBER.test(number) ? Number(number) : word;
  }

  function* readName(): Waiting<string> {
    const next = () => input.text.slice(input.at, input.at + NAME_LENGTH);
    while (/^[\w\s-]*$/.test(next()) && next().length < NAME_LENGTH && !input.isAtEnd) yield;
    const name = NAME_AND_COLON.exec(next())?.[0];
    if (name === undefined) throw new Broken();
    input.at += name.length - 1;
    return name.slice(0, -1).trim();
  }

  function skipNow(skipped: string): string | null {
    for (; input.at < input.text.length; input.at++) {
      const character = input.text[input.at]!;
      if (skipped.includes(character)) continue;
      const isOdd = `/#.…${OTHER_COMMAS}`.includes(character) || BLANK.test(character);
      return isOdd ? null : character;
    }
    return null;
  }

  function readTextNow(place: Place): string | null {
    const { text, at } = input;
    const end = text[at] === '"' ? text.indexOf('"', at + 1) : -1;
    if (end === -1) return null;
    AFTER_TEXT[place].lastIndex = end + 1;
    const value = text.slice(at + 1, end);
    if (!AFTER_TEXT[place].test(text) || value.includes("\\")) return null;
    input.at = end + 1;
    return value;
  }

  const now = {
    skip: () => skipNow(" \n"),
    skipCommas: () => skipNow(" \n,"),
    readText: readTextNow,
  };
  return { skip, skipCommas, beginsMember, readText, readWord, readName, now, flags };
}
