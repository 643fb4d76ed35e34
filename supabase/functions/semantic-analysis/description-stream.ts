/**
 * Turns a streamed answer into the prose that may be shown while the rest is still coming: all of a
 * plain answer, or the decoded `description` of a JSON one, which comes first in it.
 */

export interface DescriptionStream {
  /** Takes the next piece of the answer. */
  push(text: string): void;
  /** Everything that was shown so far. */
  shown(): string;
}

type Mode = "undecided" | "prose" | "inside" | "silent";

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** Where the description begins, whatever fence or chat stands before it. */
const OPENING = /\{\s*"description"\s*:\s*"/;

/** An answer that is no object after as much as this is prose. */
const MAX_CHAT_LENGTH = 160;

/** @param show Told each piece of prose, never an empty one. */
export function createDescriptionStream(
  { isStructured, show }: { isStructured: boolean; show: (text: string) => void },
): DescriptionStream {
  let mode: Mode = isStructured ? "undecided" : "prose";
  /** What can't be decided or decoded yet. */
  let pending = "";
  const prose = createTrimmedText(show);

  function decide(): void {
    const opening = OPENING.exec(pending);
    if (opening) {
      mode = "inside";
      pending = pending.slice(opening.index + opening[0].length);
    } else if (pending.length > MAX_CHAT_LENGTH && !/[`{]/.test(pending)) {
      mode = "prose";
    }
    // An object that doesn't begin with its description is shown when it is complete.
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
      if (mode === "undecided") decide();
      if (mode === "inside") decodeInside();
      if (mode === "prose") {
        prose.push(pending);
        pending = "";
      }
    },
    shown: prose.shown,
  };
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
