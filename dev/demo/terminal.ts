/** Text for a terminal of any width. */
import { styleText } from "node:util";

const isColourful = () => !Deno.noColor && Deno.stdout.isTerminal();

/** Bold, where the terminal shows it. */
export const bold = (text: string) => isColourful() ? styleText("bold", text) : text;

/** Less bright, where the terminal shows it. */
export const dim = (text: string) => isColourful() ? styleText("dim", text) : text;

/** Writes a line over the last one written so. @returns whether there is a terminal; else nothing is written */
export function writeOver(line: string): boolean {
  if (!Deno.stdout.isTerminal()) return false;
  Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${line}`));
  return true;
}

const BAR_CELLS = 24;

/** A bar of how many have ended, and beside it each part that says something. */
export function toBar(ended: number, all: number, ...parts: string[]): string {
  const cells = all === 0 ? BAR_CELLS : Math.round(ended / all * BAR_CELLS);
  const bar = `[${"#".repeat(cells)}${"-".repeat(BAR_CELLS - cells)}]`;
  return [bar, `${ended}/${all}`, ...parts.filter((part) => part !== "")].join("  ");
}

/** Columns of a swatch, where there are any. */
export const SWATCH_COLUMNS = 7;

/** A block of a colour, with a blank behind it; nothing where the terminal shows no colours. */
export function toSwatch(hex: string): string {
  if (!isColourful()) return "";
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `\x1b[48;2;${red};${green};${blue}m      \x1b[0m `;
}

/** Columns of the terminal that is there, 80 where there is none; never what `COLUMNS` says. */
export function readWidth(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // a pipe or a file
  }
}

/**
 * Breaks a text into lines. A word that is wider than a line is broken as well.
 *
 * @param width of a line in columns, its indent included
 * @param indent before each line; `hanging` more before all but the first
 */
export function wrap(
  text: string,
  { width, indent = 0, hanging = 0 }: { width: number; indent?: number; hanging?: number },
): string[] {
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let isEmpty = true;
  const end = () => {
    lines.push(line);
    line = " ".repeat(indent + hanging);
    isEmpty = true;
  };
  for (let word of text.split(/\s+/).filter((word) => word !== "")) {
    if (!isEmpty && line.length + 1 + word.length > width) end();
    const room = () => Math.max(1, width - line.length);
    while (isEmpty && word.length > room()) {
      const part = word.slice(0, room());
      word = word.slice(part.length);
      line += part;
      end();
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  if (!isEmpty || lines.length === 0) lines.push(line);
  return lines;
}
