/**
 * The block of `config.toml` that names the installed functions. The file is read as TOML and edited
 * as text: all that its owner wrote, comments and order included, stays as it is.
 */
import { isDeepStrictEqual } from "node:util";
import { parse as parseText, TomlError } from "smol-toml";
import type { ConfigFile, FunctionSettings } from "./function-settings.ts";
import { InstallError } from "./errors.ts";

const BEGIN = "# >>> semantic-analysis";
const END = "# <<< semantic-analysis";

const HEADER = `${BEGIN} (written by \`deno task install\`, which replaces these lines)
# Callers are authenticated in code (users by their token, services by a project secret), so the
# platform's own check, which knows users only, is off.`;

/** A `config.toml` taken apart. */
export interface Config {
  /** Before the block, or all where there is none. */
  before: string;
  /** The block with its markers; undefined where there is none. */
  block: string | undefined;
  after: string;
  /** Names of the functions that the owner has configured. */
  functions: string[];
}

type Toml = Record<string, unknown>;

/** TOML knows integers beyond those of JavaScript, and Windows editors write a byte order mark. */
function parse(text: string): Toml {
  return parseText(text.replace(/^\uFEFF/, ""), { integersAsBigInt: "asNeeded" });
}

/**
 * Finds the block.
 *
 * @throws {InstallError} when the file is no TOML, or one of the markers is missing
 */
export function parseConfig(text: string): Config {
  const begin = findLine(text, BEGIN);
  const end = findLine(text, END);
  if ((begin === undefined) !== (end === undefined) || begin && end && end.start < begin.start) {
    throw new InstallError(
      `supabase/config.toml has only one of the lines "${BEGIN} …" and "${END}", delete what is between`,
    );
  }
  const [before, block, after] = begin && end
    ? [text.slice(0, begin.start), text.slice(begin.start, end.end), text.slice(end.end)]
    : [text, undefined, ""];
  const functions = toTable(parseToml(before + after).functions);
  return { before, block, after, functions: Object.keys(functions) };
}

/** The block of these functions. */
export function formatBlock(functions: Record<string, FunctionSettings>): string {
  return [HEADER, ...Object.entries(functions).map(formatFunction), END].join("\n\n");
}

/** The file as others see it. @throws {InstallError} as `parseConfig` */
export function parseTomlConfig(text: string): ConfigFile {
  const config = parseConfig(text);
  return {
    path: "supabase/config.toml",
    part: "the marked lines",
    functions: config.functions,
    ours: config.block,
    format: formatBlock,
    replace: (functions) =>
      replaceBlock(
        config,
        Object.keys(functions).length === 0 ? undefined : formatBlock(functions),
      ),
  };
}

/**
 * The file with a block in place of the one it has, or behind all else; without one where `block` is
 * undefined.
 *
 * @throws {InstallError} when the block doesn't fit what the owner wrote
 */
export function replaceBlock(config: Config, block: string | undefined): string {
  const { before, after } = config;
  const lineEnd = before.includes("\r\n") ? "\r\n" : "\n";
  const inStyle = (text: string) => text.replaceAll("\r\n", "\n").replaceAll("\n", lineEnd);
  const text = block === undefined
    ? config.block === undefined ? before : withoutGap(before, after, lineEnd)
    : config.block !== undefined
    ? before + inStyle(block) + after
    : `${before}${toGap(before, lineEnd)}${inStyle(block)}${isOpen(before) ? "" : lineEnd}`;
  checkResult(config, text, block);
  return text;
}

function formatFunction([name, settings]: [string, FunctionSettings]): string {
  return `[functions.${name}]
verify_jwt = ${settings.verify_jwt}
entrypoint = "${settings.entrypoint}"
import_map = "${settings.import_map}"`;
}

/** What the owner wrote must mean the same with the block as without. */
function checkResult({ before, after }: Config, text: string, block: string | undefined): void {
  const conflict = new InstallError(
    "supabase/config.toml defines functions in a way that takes no further tables: write each as [functions.<name>]",
  );
  let [result, owners, ours]: Toml[] = [];
  try {
    [result, owners, ours] = [parse(text), parse(before + after), parse(block ?? "")];
  } catch {
    throw conflict;
  }
  const expected = block === undefined
    ? owners
    : { ...owners, functions: { ...toTable(owners!.functions), ...toTable(ours!.functions) } };
  if (!isDeepStrictEqual(toPlain(result), toPlain(expected))) throw conflict;
}

/** smol-toml's tables and dates have prototypes of their own. */
function toPlain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each) => typeof each === "bigint" ? `${each}` : each),
  );
}

function parseToml(text: string): Toml {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new InstallError(`supabase/config.toml can't be read, line ${error.line}: ${reason}`);
  }
}

function toTable(value: unknown): Toml {
  return typeof value === "object" && value !== null ? value as Toml : {};
}

/** A line that begins with these words, without its end. */
function findLine(text: string, words: string): { start: number; end: number } | undefined {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(start, next).replace(/\r?\n$/, "");
    if (line === words || line.startsWith(`${words} `)) return { start, end: start + line.length };
    start = next;
  }
  return undefined;
}

/** Its last line has no end; then the block has none either, by which that is known when it is taken out. */
const isOpen = (before: string) => before !== "" && !before.endsWith("\n");

/** One empty line between what is there and the block. */
function toGap(before: string, lineEnd: string): string {
  if (before === "") return "";
  return isOpen(before) ? lineEnd + lineEnd : lineEnd;
}

/** What is left without a block, what was put between the two, and the end of its last line. */
function withoutGap(before: string, after: string, lineEnd: string): string {
  const gap = after === "" ? lineEnd + lineEnd : lineEnd;
  const kept = before.endsWith(`\n${lineEnd}`) ? before.slice(0, -gap.length) : before;
  return kept + (after.startsWith(lineEnd) ? after.slice(lineEnd.length) : after);
}
