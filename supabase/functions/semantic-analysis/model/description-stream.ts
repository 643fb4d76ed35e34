/**
 * Turns a streamed answer into the prose that may be shown while the rest is still coming: all of a
 * plain answer, or the decoded `description` of a JSON one, which comes first in it.
 *
 * What was shown can't be taken back, so nothing is shown of an answer that could still turn out to
 * be read otherwise: no chat before the object, no thinking, and no object that doesn't begin with
 * its description, nor any after it.
 */

import { THINKING_BEGINS, THINKING_ENDS } from "./reasoning.ts";

export interface DescriptionStream {
  /** Takes the next piece of the answer. */
  push(text: string): void;
  /** Everything that was shown so far. */
  shown(): string;
}

type Mode = "beginning" | "thinking" | "before" | "inside" | "silent" | "prose";

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** A brace that can begin an object; that of `{this}` can't. */
const OBJECT = /\{(?=\s*(?:["}]|$))/;

/** Where the description begins. */
const OPENING = /\{\s*"description"\s*:\s*"/;
const OPENING_WITHOUT_SPACE = '{"description":"';

/** @param show Told each piece of prose, never an empty one. */
export function createDescriptionStream(
  { isStructured, show }: { isStructured: boolean; show: (text: string) => void },
): DescriptionStream {
  let mode: Mode = isStructured ? "beginning" : "prose";
  /** What can't be decided or decoded yet. */
  let pending = "";
  const prose = createTrimmedText(show);

  function begin(): void {
    const text = pending.trimStart();
    if (isBeginningOf(THINKING_BEGINS, text)) return;
    mode = text.startsWith(THINKING_BEGINS) ? "thinking" : "before";
  }

  function skipThinking(): void {
    const end = pending.indexOf(THINKING_ENDS);
    pending = end === -1
      ? pending.slice(-(THINKING_ENDS.length - 1))
      : pending.slice(end + THINKING_ENDS.length);
    if (end !== -1) mode = "before";
  }

  function findObject(): void {
    const at = pending.search(OBJECT);
    pending = at === -1 ? "" : pending.slice(at);
    const opening = OPENING.exec(pending);
    if (opening?.index === 0) {
      mode = "inside";
      pending = pending.slice(opening[0].length);
    } else if (!isBeginningOf(OPENING_WITHOUT_SPACE, pending.replace(/\s+/g, ""))) {
      mode = "silent";
    }
  }

  /** Decodes as far as the escapes are whole. */
  function decodeInside(): void {
    let at = 0;
    let text = "";
    while (at < pending.length) {
      const character = pending[at]!;
      if (character === '"') {
        mode = "silent";
        break;
      }
      const step = character === "\\" ? decodeEscape(pending, at) : { text: character, length: 1 };
      if (step === null) break;
      text += step.text;
      at += step.length;
    }
    pending = pending.slice(at);
    prose.push(text);
  }

  return {
    push(text) {
      if (mode === "silent") return;
      pending += text;
      if (mode === "beginning") begin();
      if (mode === "thinking") skipThinking();
      if (mode === "before") findObject();
      if (mode === "inside") decodeInside();
      if (mode === "prose") {
        prose.push(pending);
        pending = "";
      }
    },
    shown: prose.shown,
  };
}

/** As much as there is of the first description in a broken answer; null when there is none. */
export function readDescription(text: string): string | null {
  const opening = OPENING.exec(text);
  if (!opening) return null;
  const stream = createDescriptionStream({ isStructured: true, show: () => {} });
  stream.push(text.slice(opening.index));
  return stream.shown() || null;
}

/** More of the text could still make it the whole. */
function isBeginningOf(whole: string, text: string): boolean {
  return text.length < whole.length && whole.startsWith(text);
}

/** null when more of the text is needed. A pair of surrogates is one character, so it is one step. */
function decodeEscape(text: string, at: number): { text: string; length: number } | null {
  const kind = text[at + 1];
  if (kind === undefined) return null;
  if (kind !== "u") return { text: ESCAPES[kind] ?? kind, length: 2 };
  const unit = readUnit(text, at);
  if (unit === null) return null;
  if (unit < 0xd800 || unit > 0xdbff) return { text: String.fromCharCode(unit), length: 6 };
  if (text.length < at + 12 && "\\u".startsWith(text.slice(at + 6, at + 8))) return null;
  const low = readUnit(text, at + 6);
  return low === null
    ? { text: "\ufffd", length: 6 }
    : { text: String.fromCharCode(unit, low), length: 12 };
}

/** The code unit of `\uXXXX` at a place; null when it isn't there in full. */
function readUnit(text: string, at: number): number | null {
  const match = /^\\u([0-9a-f]{4})/i.exec(text.slice(at, at + 6));
  return match ? Number.parseInt(match[1]!, 16) : null;
}

/** Passes text on without the white space at either end, which only the next piece can tell. */
function createTrimmedText(show: (text: string) => void) {
  let shown = "";
  let held = "";
  return {
    push(text: string): void {
      held += text;
      const body = shown === "" ? held.trimStart() : held;
      const visible = body.trimEnd();
      held = visible === "" && shown === "" ? "" : body.slice(visible.length);
      if (visible === "") return;
      shown += visible;
      show(visible);
    },
    shown: () => shown,
  };
}
