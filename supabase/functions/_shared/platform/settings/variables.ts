/**
 * How settings are read from the environment: each variable has a function that parses it and, in words,
 * what is wanted of it. A wrong value doesn't stop a function from starting: it answers NOT_CONFIGURED
 * and says what is wrong. These functions use no schemas of Zod, which a worker would build before its
 * first answer: they took a sixth of its load.
 */

import { type AllowedOrigins, isOriginEntry } from "../http/cors.ts";

/** What `ALLOWED_ORIGINS` takes. */
export const WANTED_ORIGINS =
  "* or origins such as https://app.example.com, https://*.example.com or capacitor://localhost, " +
  "separated by commas, in lower case and without a path";

/** A variable whose value can't be used. */
export interface SettingProblem {
  variable: string;
  /** What is set; null where nothing is, or where it is a secret. */
  value: string | null;
  wanted: string;
}

/** What is wrong with settings and what to do, for an operator. */
export function describeProblems(
  problems: readonly SettingProblem[],
): { message: string; action: string } {
  const list = problems.map(({ variable, value, wanted }) =>
    `${variable} is ${
      value === null ? "missing or not usable" : `"${value}"`
    }; it must be ${wanted}`
  );
  const assignments = problems.map(({ variable }) => `${variable}=…`);
  return { message: list.join(". "), action: `Run: supabase secrets set ${assignments.join(" ")}` };
}

/** An environment: names of variables and their texts. An empty text counts as absent. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What one variable must look like. */
export interface Variable<Value> {
  /** The value of a text, which is not empty; undefined where it can't be used. */
  parse: (text: string) => Value | undefined;
  /** For the operator, who has to set it right. */
  wanted: string;
  /** Whether a value is a secret, or may have one in it: it is never shown. */
  isSecret?: (text: string) => boolean;
}

/** A decimal number in a range. */
export function number(wanted: string, min: number, max: number): Variable<number> {
  const parse = (text: string) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : undefined;
  };
  return { parse, wanted };
}

/** A whole number in a range. */
export function integer(min: number, max: number): Variable<number> {
  const { parse, wanted } = number(`a whole number from ${min} to ${max}`, min, max);
  return {
    parse: (text) => {
      const value = parse(text);
      return Number.isInteger(value) ? value : undefined;
    },
    wanted,
  };
}

/** `none`, in letters of any case. */
export const isNone = (text: string) => text.toLowerCase() === "none";

/** What a variable wants, or `none`, which is null. */
export function orNone<Value>({ parse, wanted }: Variable<Value>): Variable<Value | null> {
  return { parse: (text) => isNone(text) ? null : parse(text), wanted: `${wanted}, or none` };
}

/** One of some words, each with what it stands for. */
export function choice<Value>(wanted: string, values: Record<string, Value>): Variable<Value> {
  return { parse: (text) => Object.hasOwn(values, text) ? values[text] : undefined, wanted };
}

/** `true` or `false`. */
export const flag: Variable<boolean> = choice("true or false", { true: true, false: false });

/** A text as it stands. */
export function text(wanted: string, isUsable: (text: string) => boolean): Variable<string> {
  return { parse: (text) => isUsable(text) ? text : undefined, wanted };
}

/** Items separated by commas; one that can't be used spoils the list. */
export function list(wanted: string, isUsable: (item: string) => boolean): Variable<string[]> {
  const parse = (text: string) => {
    const items = splitList(text);
    return items.every(isUsable) ? items : undefined;
  };
  return { parse, wanted };
}

/**
 * Where another service is. Its path is the prefix of those that are asked for, so it can hold no query; and a key
 * in it would end up in logs.
 */
export function serviceUrl(example: string): Variable<string> {
  const variable = text(
    `an http(s) URL without credentials and query, such as ${example}`,
    isServiceUrl,
  );
  // What is refused for a key in it must not show that key.
  return { ...variable, isSecret: (url) => /[@?#]/.test(url) };
}

/** For `isSecret` of a variable that is nothing but a key. */
export const always = () => true;

function isServiceUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === "";
}

/** None of the items is empty. */
function splitList(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** Where browsers may call from, and the entries that can't be used. */
export interface Origins {
  allowed: AllowedOrigins;
  wrong: readonly string[];
}

/** A wrong entry allows nothing, and disables nothing but itself. */
export const origins: Variable<Origins> = {
  parse: (text) => {
    const entries = splitList(text);
    return {
      allowed: entries.includes("*") ? "*" : entries.filter(isOriginEntry),
      wrong: entries.filter((entry) => entry !== "*" && !isOriginEntry(entry)),
    };
  },
  wanted: WANTED_ORIGINS,
};

/** The values of those variables that are set. */
export type Values<Definitions extends Record<string, Variable<unknown>>> = {
  [Name in keyof Definitions]?: Definitions[Name] extends Variable<infer Value> ? Value : never;
};

/** Variables as they were read. */
export interface ParsedVariables<Values> {
  values: Values;
  problems: SettingProblem[];
}

/** Reads variables. One that is set to nothing counts as not set. */
export function parseVariables<Definitions extends Record<string, Variable<unknown>>>(
  definitions: Definitions,
  variables: Variables,
): ParsedVariables<Values<Definitions>> {
  const values: Values<Definitions> = {};
  const problems: SettingProblem[] = [];
  for (const [name, { parse, wanted, isSecret }] of Object.entries(definitions)) {
    const text = variables[name]?.trim() || undefined;
    if (text === undefined) continue;
    const value = parse(text);
    if (value !== undefined) Object.assign(values, { [name]: value });
    else problems.push({ variable: name, value: isSecret?.(text) ? null : text, wanted });
  }
  return { values, problems };
}

/** The settings of a function; none where a variable can't be used. */
export type SettingsResult<Settings> =
  | { settings: Settings; problems: null }
  | { settings: null; problems: SettingProblem[] };

/** Makes settings of variables that can all be used. */
export function toSettingsResult<Values, Settings>(
  { values, problems }: ParsedVariables<Values>,
  toSettings: (values: Values) => Settings,
): SettingsResult<Settings> {
  return problems.length > 0
    ? { settings: null, problems }
    : { settings: toSettings(values), problems: null };
}
