/**
 * What the tasks of deno.json have in common: arguments, `--help`, exit codes. 0 is done, 1 is not done, 2
 * is arguments that can't be used, which are told in one sentence. With `--json`, what is told is printed as
 * `{ "error" }` as well, so that a script always reads JSON.
 */
import { parseArgs } from "node:util";
import { toPrintable } from "./demo/printable.ts";

/** Options of a task, by name, `--help` aside. A text takes a value, a boolean none. */
export type TaskOptions = Record<string, { type: "string" | "boolean" }>;

/** The values of options; what was not typed is not there. */
export type TaskValues<Options extends TaskOptions> = {
  [Name in keyof Options]?: Options[Name]["type"] extends "string" ? string : boolean;
};

/** How a task is used, and what it does. */
export interface Task<Options extends TaskOptions> {
  /** As in deno.json. */
  name: string;
  /** What `--help` prints, from behind `Usage: deno task <name>` on. */
  usage: string;
  /** `any`: what is typed is for another program, and given to `run` as arguments. Default: none. */
  options?: Options | "any";
  /** How many arguments that are no options it takes, at least and at most. Default none. */
  takes?: [least: number, most: number];
  /** Errors whose message tells the person at the terminal what to do. */
  expects?: readonly (new (...args: never[]) => Error)[];
  /** @returns the exit code. @throws {UsageError}, or what `expects` names: told in a sentence */
  run(values: TaskValues<Options>, args: string[]): Promise<number>;
}

/** Arguments that can't be used, in a sentence. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Where a task is typed and read. */
export interface Terminal {
  print(text: string): void;
  complain(text: string): void;
}

/** @returns the exit code. @throws what the task does not expect */
export async function runTask<Options extends TaskOptions>(
  task: Task<Options>,
  args: string[] = Deno.args,
  { print, complain }: Terminal = { print: console.log, complain: console.error },
): Promise<number> {
  const { name, options = {} as Options, takes = [0, 0], expects = [] } = task;
  const usage = `Usage: deno task ${name}${task.usage}`;
  const isJson = options !== "any" && Object.hasOwn(options, "json") && args.includes("--json");
  const tell = (message: string, text = message) => {
    complain(text);
    if (isJson) print(JSON.stringify({ error: message }));
  };
  try {
    if (args.some((arg) => arg === "--help" || arg === "-h")) {
      print(usage);
      return 0;
    }
    if (options === "any") return await task.run({}, args);
    const { values, positionals } = readArguments(args, options);
    if (positionals.length < takes[0]) {
      tell("An argument is missing", usage);
      return 2;
    }
    const tooMany = positionals[takes[1]];
    if (tooMany !== undefined) throw new UsageError(`There is no use for "${tooMany}"`);
    return await task.run(values, positionals);
  } catch (error) {
    if (error instanceof UsageError) {
      tell(toPrintable(`${error.message}; deno task ${name} --help tells how it is used`));
      return 2;
    }
    if (!expects.some((kind) => error instanceof kind)) throw error;
    tell((error as Error).message.split("\n").map(toPrintable).join("\n"));
    return 1;
  }
}

/** @throws {UsageError} for an option that there is not, or that lacks its value */
function readArguments<Options extends TaskOptions>(args: string[], options: Options) {
  const { values, positionals, tokens } = parseArgs({
    args,
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    if (!Object.hasOwn(options, name)) throw new UsageError(`There is no option "${rawName}"`);
    const isText = options[name]!.type === "string";
    if (isText && (value === undefined || !inlineValue && value.startsWith("-"))) {
      throw new UsageError(`"${rawName}" wants a value`);
    }
    if (!isText && value !== undefined) throw new UsageError(`"${rawName}" takes no value`);
  }
  return { values: values as TaskValues<Options>, positionals };
}

/** A whole number, from 1 on. @throws {UsageError} */
export function toCount(option: string, text: string, most = Infinity): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  const wanted = most === Infinity ? "from 1 on" : `from 1 to ${most}`;
  throw new UsageError(`${option} is "${text}", not a whole number ${wanted}`);
}

/** Dollars, more than none. @throws {UsageError} */
export function toDollars(option: string, text: string, most = Infinity): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number) && number <= most) return number;
  const wanted = most === Infinity ? "" : ` and at most ${most}`;
  throw new UsageError(`${option} is "${text}", not a number of dollars above 0${wanted}`);
}
