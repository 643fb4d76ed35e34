/**
 * Finds the JSON objects in what a model says while it comes, whatever is put around them: one scanner
 * for a stream and for a whole.
 */

import type { Input, Waiting } from "./lexer.ts";
import { createJsonParser, type JsonObject, type ObjectSource, type OnMember } from "./parser.ts";

/** Who takes what is found. */
export interface JsonScannerOptions {
  /** Takes what is outside of objects. */
  onChat?: (text: string) => void;
  /** Takes each outermost object as it ends. */
  onObject?: (object: JsonObject) => void;
  onMember?: OnMember | undefined;
}

/** Takes a text in pieces, until `end` says that no more comes. */
export interface JsonScanner {
  push(text: string): void;
  end(): void;
  /** Of every object, also those within others. */
  sourceOf(object: JsonObject): ObjectSource;
  /** All that was pushed. */
  text(): string;
}

/** A scanner of one completion. */
export function createJsonScanner(
  options: JsonScannerOptions = {},
): JsonScanner {
  const { onChat, onObject, onMember } = options;
  const input: Input = { text: "", at: 0, isAtEnd: false };
  const { beginsMember, readObject, sourceOf, isFull } = createJsonParser(
    input,
    onMember,
  );

  function* scan(): Waiting<void> {
    for (let isDebris = false;;) {
      const brace = isFull() ? -1 : input.text.indexOf("{", input.at);
      const end = brace === -1 ? input.text.length : brace;
      if (end > input.at && !isDebris) {
        onChat?.(input.text.slice(input.at, end));
      }
      input.at = end;
      if (brace === -1) {
        if (input.isAtEnd) return;
        yield;
        continue;
      }
      if (!(yield* beginsMember(input.at + 1))) {
        if (!isDebris) onChat?.("{");
        input.at++;
        continue;
      }
      const object = yield* readObject();
      onObject?.(object);
      // What follows a broken object belonged to it, until another one begins.
      isDebris = !sourceOf(object).isWhole;
    }
  }

  const scanning = scan();
  scanning.next();
  return {
    push(text) {
      input.text += text;
      scanning.next();
    },
    end() {
      input.isAtEnd = true;
      scanning.next();
    },
    sourceOf,
    text: () => input.text,
  };
}
