/** A completion read as an object in our form, whatever is around it. */

import { MATERIAL_LIMITS } from "../../../_shared/client/material.ts";
import type { ChatCompletion } from "../../../_shared/together-ai/completion/completion.ts";
import { cleanText, createGrowingText, type GrowingText } from "./clean-text.ts";
import type { JsonObject, ObjectSource } from "./json/parser.ts";
import { createJsonScanner } from "./json/scanner.ts";
import { isProseKey, listObjects, type MaterialAnswer, readMaterial } from "./material-answer.ts";
import { hasLetters, isDeclining, isNoise, mayDecline, saysNothing } from "./no-answer.ts";
import { looksLikeJson, proseOf } from "./prose.ts";
import { readQuoted, withoutAnnouncement } from "./wrapping.ts";
import { MATERIAL_SCHEMA } from "../material-schema.ts";
import {
  PLAIN,
  type ReaderOptions,
  type Reading,
  type ReadingState,
  toMaxLength,
} from "./reading.ts";

/** By then it is known whether a description is one; if not, it is read at the end and not shown before. */
const MAX_BEGINNING_LENGTH = 1_000;

/** How much of a description is kept. */
const DESCRIPTION_LIMITS = { isSingleLine: true, maxLength: MATERIAL_LIMITS.description };

/** Reads a completion that is to be an object. Of it the description alone is shown while it comes. */
export function createStructuredState(options: ReaderOptions): ReadingState {
  const { show } = options;
  const objects: JsonObject[] = [];
  let chat = "";
  let shown = "";
  let live: GrowingText | null = null;

  /** Shows the description of the first object that begins with it, unless that looks like JSON. */
  const showLive = () => {
    let beginning: string | null = "";
    live = createGrowingText({
      ...DESCRIPTION_LIMITS,
      show(text) {
        shown += text;
        show!(text);
      },
    });
    return (piece: string) => {
      if (beginning !== null) {
        if (beginning.length > MAX_BEGINNING_LENGTH) return;
        beginning += piece;
        if (beginning.trim() === "" || /^\s*[[{<"'`]/.test(beginning)) return;
        if (!hasLetters(beginning) || mayDecline(beginning)) return;
        live!.push(beginning);
        beginning = null;
        return;
      }
      live!.push(piece);
    };
  };
  const scanner = createJsonScanner({
    onChat: (text) => chat += text,
    onObject: (object) => objects.push(object),
    onMember: show &&
      ((key, index) =>
        index === 0 && key === "description" && live === null ? showLive() : undefined),
  });

  return {
    push: scanner.push,
    shown: () => shown,
    text: scanner.text,
    read(completion) {
      scanner.end();
      const shownAlready = shown;
      const quoted = objects.length === 0 ? readQuoted(chat) : null;
      if (quoted !== null) {
        const inside = createStructuredState({ ...options, show: undefined });
        inside.push(quoted);
        return { ...inside.read(completion), label: null };
      }
      const sourceOf = (object: JsonObject): ObjectSource => {
        const source = scanner.sourceOf(object);
        const isWhole = source.isCut && completion.end === "complete" && hasAllMembers(source);
        return isWhole ? { ...source, isWhole, isCut: false, cutKey: null } : source;
      };
      const found = choose(objects.map((object) => readObject(object, sourceOf)));
      const read = found === null
        ? toProseReading(chat, completion, options)
        : toStructuredReading(found, scanner.text(), completion);
      if (shownAlready === "") return read;
      // What was shown stays; of its description the rest is no longer told.
      const isBeginning = read.analysis.startsWith(shownAlready) && read.analysis !== "";
      const isAll = read.analysis === shownAlready;
      return {
        ...read,
        judgement: read.judgement === "nothing" ? "answer" : read.judgement,
        analysis: shownAlready,
        isCut: read.isCut || !isAll,
        isAltered: !isBeginning,
        isSalvaged: read.isSalvaged || !isAll,
      };
    },
  };
}

/** An answer, and the outermost object it was found in. */
interface Found {
  answer: MaterialAnswer;
  source: ObjectSource;
  /** Of the object itself, which may be within another one or within a text. */
  ownSource: ObjectSource | null;
}

type SourceOf = (object: JsonObject) => ObjectSource;

/** Of an object that ends with its last member nothing but the closing brace is missing. */
function hasAllMembers({ members }: ObjectSource): boolean {
  return MATERIAL_SCHEMA.schema.required.every((key) => members.has(key));
}

/** The first answer within an object that knows something; else the first one. */
function readObject(object: JsonObject, sourceOf: SourceOf): Found | null {
  const source = sourceOf(object);
  for (const each of listObjects(object)) {
    // Half of a sentence says something; half of any other value is left out.
    const { cutKey } = sourceOf(each);
    if (cutKey !== null && !isProseKey(cutKey)) delete each[cutKey];
  }
  const direct = listObjects(object).map(readMaterial).filter((each) => each !== null);
  const within = listObjects(object).flatMap(listTexts).flatMap(readWithin);
  const answers = [...direct, ...within].map(withoutJsonDescription).filter((each) =>
    each !== null
  );
  const answer = answers.find((each) => each.hasProperties) ?? answers[0];
  if (answer === undefined) return null;
  const isDirect = direct.some((each) => each.object === answer.object);
  return { answer, source, ownSource: isDirect ? sourceOf(answer.object) : null };
}

const listTexts = (object: JsonObject) =>
  Object.values(object).filter((value) => typeof value === "string").filter(looksLikeJson);

/** Answers within a text that is JSON itself. */
function readWithin(text: string): MaterialAnswer[] {
  const objects: JsonObject[] = [];
  const scanner = createJsonScanner({ onObject: (object) => objects.push(object) });
  scanner.push(text);
  scanner.end();
  return objects.flatMap((object) => listObjects(object)).map(readMaterial)
    .filter((each) => each !== null);
}

function withoutJsonDescription(answer: MaterialAnswer): MaterialAnswer | null {
  if (!looksLikeJson(answer.description)) return answer;
  const description = readWithin(answer.description)[0]?.description ?? proseOf(answer.description);
  return hasLetters(description) && !looksLikeJson(description) ? { ...answer, description } : null;
}

/** The first whole object that knows something, else the first broken one, else one of prose alone. */
function choose(found: (Found | null)[]): Found | null {
  const all = found.filter((each) => each !== null);
  const knowing = all.filter(({ answer }) => answer.hasProperties);
  return knowing.find(({ source }) => source.isWhole) ?? knowing[0] ??
    all.find(({ source }) => source.isWhole) ?? all[0] ?? null;
}

function toStructuredReading(
  { answer, source, ownSource }: Found,
  text: string,
  completion: ChatCompletion,
): Reading {
  const description = createGrowingText(DESCRIPTION_LIMITS);
  description.push(answer.description);
  description.end();
  const analysis = description.text();
  const isBroken = !source.isWhole || completion.end === "broken";
  const span = ownSource?.members.get("family");
  const isTruncated = source.isCut && completion.end === "truncated";
  const hasForm = answer.hasProperties || source.isWhole && !source.hasStrayQuotes;
  return {
    judgement: isNoise(analysis) ? "nothing" : isTruncated ? "cut" : "answer",
    analysis,
    answer: hasForm ? answer : null,
    label: span && ownSource ? { text, span, end: ownSource.end } : null,
    isCut: isBroken || completion.end !== "complete" || description.isCut(),
    isSalvaged: isBroken || source.hasStrayQuotes,
    isDeclined: isDeclining(analysis) && !answer.hasProperties,
    isAltered: false,
    needsRepair: !isTruncated && (isBroken || !hasForm),
  };
}

/** Prose in place of structure. */
function toProseReading(
  chat: string,
  completion: ChatCompletion,
  options: ReaderOptions,
): Reading {
  const analysis = cleanText(withoutAnnouncement(chat, options.isOwnPrompt), {
    isSingleLine: true,
    maxLength: toMaxLength(options),
  });
  const isDeclined = isDeclining(analysis);
  const isNothing = isNoise(analysis) || isDeclined || saysNothing(analysis) ||
    looksLikeJson(analysis);
  const isTruncated = completion.end === "truncated";
  return {
    ...PLAIN,
    judgement: isNothing ? "nothing" : isTruncated ? "cut" : "answer",
    analysis: isNothing ? "" : analysis,
    isCut: completion.end !== "complete",
    isSalvaged: true,
    isDeclined,
    needsRepair: !isNothing && !isTruncated,
  };
}
