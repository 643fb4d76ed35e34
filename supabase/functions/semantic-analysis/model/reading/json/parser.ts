/**
 * Reads one JSON object by recursive descent, while its text is still coming.
 *
 * It reads what is broken in a way that can be meant in one way only: trailing and missing commas,
 * comments, dots for what is left out, raw line breaks, other quotes or none, `None`, `True`, `NaN`,
 * equals signs, a decimal comma, quotes within a text. Of what is
 * cut off, or broken beyond that, the members are kept that came before.
 */

import {
  Broken,
  createJsonLexer,
  type Input,
  isColon,
  isQuote,
  type JsonLexer,
  type Waiting,
} from "./lexer.ts";

/** Any value of JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** An object of JSON. Its keys are whatever the model wrote. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Where a member of an object is in the text. */
export interface MemberSpan {
  keyStart: number;
  valueStart: number;
  valueEnd: number;
}

/** How an object came about. */
export interface ObjectSource {
  start: number;
  end: number;
  /** Its closing brace came. */
  isWhole: boolean;
  /** The text ended within it, rather than going on with something else. */
  isCut: boolean;
  /** A text within it had quotes that were not escaped. */
  hasStrayQuotes: boolean;
  /** The member whose text or word the input ended in. */
  cutKey: string | null;
  members: Map<string, MemberSpan>;
}

/**
 * Asked for each member of an outermost object before its value.
 *
 * @param index 0 for the first one.
 * @returns what takes a text while it comes, up to the first quote that isn't escaped.
 */
export type OnMember = (key: string, index: number) => ((piece: string) => void) | undefined;

/** Reads from where the input stands. Every method waits, as a generator, for text to come. */
export interface JsonParser {
  beginsMember: JsonLexer["beginsMember"];
  /** From its opening brace on. */
  readObject(): Waiting<JsonObject>;
  /** Of every object, also those within others. */
  sourceOf(object: JsonObject): ObjectSource;
  /** So many objects were read that no further one is. */
  isFull(): boolean;
}

/** Deeper than any answer; what goes deeper is none. */
const MAX_DEPTH = 8;
/** More than any answer has; each costs a worker a tenth of a millisecond of its CPU. */
const MAX_OBJECTS = 256;

/**
 * A parser of one input.
 *
 * @param onMember Told the key of each member before its value is read; what it returns takes a text while
 * it comes
 */
export function createJsonParser(input: Input, onMember?: OnMember): JsonParser {
  const lexer = createJsonLexer(input);
  const { flags } = lexer;
  const sources = new Map<JsonObject, ObjectSource>();
  let depth = 0;
  /** What was read of a list or an object that turned out to be broken. */
  let brokenValue: JsonValue | null = null;

  const isFull = () => sources.size >= MAX_OBJECTS;

  function* readValue(
    place: "member" | "item",
    onPiece?: (piece: string) => void,
  ): Waiting<JsonValue> {
    const character = lexer.now.skip() ?? (yield* lexer.skip());
    if (character === undefined) throw new Broken();
    if (character === "{") return yield* readObject();
    if (character === "[") return yield* readList();
    if (!isQuote(character)) return yield* lexer.readWord(place);
    const text = lexer.now.readText(place);
    if (text === null) return yield* lexer.readText(place, onPiece);
    if (text !== "") onPiece?.(text);
    return text;
  }

  function* readList(): Waiting<JsonValue[]> {
    const list: JsonValue[] = [];
    if (depth >= MAX_DEPTH) throw new Broken();
    depth++;
    input.at++;
    try {
      for (;;) {
        const character = lexer.now.skipCommas() ?? (yield* lexer.skipCommas());
        if (character === "]") {
          input.at++;
          return list;
        }
        if (character === undefined || character === "}") throw new Broken();
        const item = yield* readValue("item");
        if (flags.isTextCut) throw new Broken();
        list.push(item);
      }
    } catch (error) {
      brokenValue ??= list;
      throw error;
    } finally {
      depth--;
    }
  }

  function* readMembers(object: JsonObject, source: ObjectSource): Waiting<void> {
    const isOutermost = depth === 1;
    for (let index = 0;; index++) {
      const character = lexer.now.skipCommas() ?? (yield* lexer.skipCommas());
      if (character === "}") {
        input.at++;
        source.isWhole = true;
        return;
      }
      if (character === undefined) throw new Broken();
      const keyStart = input.at;
      const key: string = isQuote(character)
        ? lexer.now.readText("key") ?? (yield* lexer.readText("key"))
        : yield* lexer.readName();
      const colon = lexer.now.skip() ?? (yield* lexer.skip());
      if (flags.isTextCut || !isColon(colon)) throw new Broken();
      input.at++;
      const first = lexer.now.skip() ?? (yield* lexer.skip());
      // Ruby and PHP write an arrow.
      if (colon === "=" && first === ">") input.at++;
      if (lexer.now.skip() === null) yield* lexer.skip();
      const valueStart = input.at;
      brokenValue = null;
      try {
        object[key] = yield* readValue("member", isOutermost ? onMember?.(key, index) : undefined);
      } catch (error) {
        if (brokenValue !== null) object[key] = brokenValue;
        throw error;
      }
      source.members.set(key, { keyStart, valueStart, valueEnd: input.at });
      if (flags.isTextCut) {
        source.cutKey = key;
        throw new Broken();
      }
    }
  }

  function* readObject(): Waiting<JsonObject> {
    const object: JsonObject = Object.create(null);
    const source: ObjectSource = {
      start: input.at,
      end: input.at,
      isWhole: false,
      isCut: false,
      hasStrayQuotes: false,
      cutKey: null,
      members: new Map(),
    };
    const isOutermost = depth === 0;
    if (isOutermost) Object.assign(flags, { hasStrayQuotes: false, isTextCut: false });
    if (depth >= MAX_DEPTH || isFull()) throw new Broken();
    sources.set(object, source);
    depth++;
    input.at++;
    try {
      yield* readMembers(object, source);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      source.isCut = input.isAtEnd && input.at >= input.text.length;
      // What holds this one is broken as well, and keeps what is known of it.
      brokenValue = object;
      if (!isOutermost) throw error;
    } finally {
      depth--;
      Object.assign(source, { end: input.at, hasStrayQuotes: flags.hasStrayQuotes });
    }
    return object;
  }

  return {
    beginsMember: lexer.beginsMember,
    readObject,
    sourceOf: (object) => sources.get(object)!,
    isFull,
  };
}
