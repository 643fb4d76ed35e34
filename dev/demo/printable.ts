/**
 * What callers of a project have written, at its operator's terminal: a file name, a picture's URL or a
 * label may hold sequences that a terminal obeys, to set its title, write the clipboard or hide lines.
 */

/** Control characters, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** One line as text alone: each character that a terminal would obey is `�`. */
export function toPrintable(line: string): string {
  return line.replace(UNPRINTABLE, "\ufffd");
}

/** JSON of which a terminal obeys nothing; read back, it is the value. */
export function toPrintableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split("\n")
    .map((line) =>
      line.replace(
        UNPRINTABLE,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
      )
    ).join("\n");
}

/** Prints lines. @returns 0, the exit code of what is done by that */
export function printLines(lines: readonly string[]): number {
  console.log(lines.map(toPrintable).join("\n"));
  return 0;
}

/** Prints a value as JSON. @returns as `printLines` */
export function printJson(value: unknown): number {
  console.log(toPrintableJson(value));
  return 0;
}
