/**
 * The installed functions in a `config.json` or `config.jsonc`, which the Supabase CLI takes in place of
 * `config.toml`. JSON has no lines to mark: what is ours is known by its entrypoint. The file is edited as
 * text, by the parser that the CLI uses: comments, order and indentation stay as they are.
 */
import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  type Edit,
  modify,
  parse,
  type ParseError,
  printParseErrorCode,
} from "jsonc-parser";
import { isObject } from "../../supabase/functions/_shared/platform/parse-json.ts";
import {
  type ConfigFile,
  type FunctionSettings,
  isInstalledFunction,
} from "./function-settings.ts";
import { InstallError } from "./errors.ts";

type Json = Record<string, unknown>;

/**
 * Reads the file.
 *
 * @param path below the owner's folder, for messages
 * @throws {InstallError} when it is no JSON, or no object
 */
export function parseJsonConfig(path: string, wholeText: string): ConfigFile {
  const mark = wholeText.startsWith("\uFEFF") ? "\uFEFF" : "";
  const text = wholeText.slice(mark.length);
  const functions = toObject(read(path, text).functions);
  const entries = Object.entries(functions);
  const ours = Object.fromEntries(entries.filter(([, settings]) => isInstalledFunction(settings)));
  return {
    path,
    part: "its functions of this project",
    functions: Object.keys(functions).filter((name) => !Object.hasOwn(ours, name)),
    ours: Object.keys(ours).length === 0 ? undefined : toText(ours),
    format: toText,
    replace: (wanted) => mark + replace(path, text, wanted),
  };
}

/** The file's text with these functions in place of ours. @throws {InstallError} when they don't fit in */
function replace(path: string, text: string, wanted: Record<string, FunctionSettings>): string {
  const { functions, ...others } = read(path, text);
  const conflict = new InstallError(
    `${path} defines functions in a way that takes no further ones: write them as one object`,
  );
  if (functions !== undefined && !isObject(functions)) throw conflict;
  const present = Object.entries(functions ?? {});
  const owners = present.filter(([, settings]) => !isInstalledFunction(settings));
  const expected = { ...Object.fromEntries(owners), ...wanted };

  let result = text;
  if (Object.keys(expected).length === 0 && present.length > 0) {
    result = remove(result, ["functions"]);
  } else if (functions === undefined && Object.keys(wanted).length > 0) {
    result = set(result, ["functions"], wanted);
  } else {
    for (const [name] of present) {
      if (expected[name] === undefined) result = remove(result, ["functions", name]);
    }
    for (const [name, settings] of Object.entries(wanted)) {
      if (!isDeepStrictEqual(functions?.[name], settings)) {
        result = set(result, ["functions", name], settings);
      }
    }
  }
  // What the owner wrote must mean the same: an object that is there twice, say, can't be edited.
  const { functions: written = {}, ...rest } = read(path, result);
  if (!isDeepStrictEqual([written, rest], [expected, others])) throw conflict;
  return result;
}

function remove(text: string, property: string[]): string {
  return applyEdits(text, modify(text, property, undefined, {}));
}

/** Indented here: the parser's own formatting would reach into the lines beside it. */
function set(text: string, property: string[], value: unknown): string {
  const { indentation, lineEnd } = readStyle(text);
  const gap = (depth: number) => lineEnd + indentation.repeat(depth);
  const depth = property.length;
  const inStyle = JSON.stringify(value, null, indentation).replaceAll("\n", gap(depth));
  // `,"name": <value>` behind others, `"name": <value>` as the first, `<value>` in place of an old one.
  const [{ offset, length, content }] = modify(text, property, value, {}) as [Edit];
  const [, comma, name] = /^(,?)("(?:[^"\\]|\\.)*": ?)?/.exec(content)!;
  const isFirst = name !== undefined && comma === "";
  const before = name === undefined ? "" : `${comma}${gap(depth)}${name}`;
  const written = `${before}${inStyle}${isFirst ? gap(depth - 1) : ""}`;
  return applyEdits(text, [{ offset, length, content: written }]);
}

function read(path: string, text: string): Json {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split("\n").length;
    throw new InstallError(
      `${path} can't be read, line ${line}: ${printParseErrorCode(error.error)}`,
    );
  }
  if (!isObject(value)) throw new InstallError(`${path} is no object`);
  return value;
}

/** The same for the same functions in any order. */
function toText(functions: Record<string, unknown>): string {
  return JSON.stringify(Object.entries(functions).toSorted(([a], [b]) => a < b ? -1 : 1));
}

/** As the file is written: its line ends, and how its first indented line is indented. */
function readStyle(text: string): { indentation: string; lineEnd: string } {
  const [, indentation = "  "] = /^([ \t]+)\S/m.exec(text) ?? [];
  return { indentation, lineEnd: text.includes("\r\n") ? "\r\n" : "\n" };
}

const toObject = (value: unknown): Json => isObject(value) ? value : {};
