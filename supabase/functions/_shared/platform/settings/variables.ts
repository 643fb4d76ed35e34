/**
 * How settings are read from the environment: each variable has a schema and, in words, what is wanted
 * of it. A wrong value doesn't stop a function from starting: it answers NOT_CONFIGURED and says what
 * is wrong.
 */

import * as z from "zod/mini";
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

export type Variables = Readonly<Record<string, string | undefined>>;

/** What one variable must look like. */
export interface Variable<Value> {
  /** Built when the variable is set: of some forty few are, and a schema takes long to build. */
  schema: () => z.ZodMiniType<Value, unknown>;
  /** For the operator, who has to set it right. */
  wanted: string;
  /** Its value is never shown. */
  isSecret?: boolean;
}

/** A decimal number in a range. */
export function number(wanted: string, min: number, max: number): Variable<number> {
  const schema = () =>
    z.pipe(
      z.string().check(z.regex(/^\d+(\.\d+)?$/)),
      z.pipe(z.transform(Number), z.number().check(z.gte(min), z.lte(max))),
    );
  return { schema, wanted };
}

/** A whole number in a range. */
export function integer(min: number, max: number): Variable<number> {
  const { schema } = number("", min, max);
  return {
    schema: () => z.pipe(schema(), z.int()),
    wanted: `a whole number from ${min} to ${max}`,
  };
}

/** What `variable` wants, or `none`, which is null. */
export function orNone<Value>({ schema, wanted }: Variable<Value>): Variable<Value | null> {
  const none = () => z.pipe(z.literal("none"), z.transform(() => null));
  return { schema: () => z.union([none(), schema()]), wanted: `${wanted}, or none` };
}

/** `true` or `false`. */
export const flag: Variable<boolean> = {
  schema: () => z.pipe(z.enum(["true", "false"]), z.transform((value) => value === "true")),
  wanted: "true or false",
};

/** Items separated by commas; none of them empty. */
export function list(item: z.ZodMiniType<string, string>) {
  return z.pipe(
    z.pipe(
      z.string(),
      z.transform((value) => value.split(",").map((part) => part.trim()).filter((part) => part)),
    ),
    z.array(item),
  );
}

/** Where browsers may call from, and the entries that can't be used. */
export interface Origins {
  allowed: AllowedOrigins;
  wrong: readonly string[];
}

/** A wrong entry allows nothing, and disables nothing but itself. */
export const origins: Variable<Origins> = {
  schema: () =>
    z.pipe(
      list(z.string()),
      z.transform((entries) => {
        const [allowed, wrong] = [
          entries.filter(isOriginEntry),
          entries.filter((entry) => entry !== "*" && !isOriginEntry(entry)),
        ];
        return { allowed: entries.includes("*") ? "*" as const : allowed, wrong };
      }),
    ),
  wanted: WANTED_ORIGINS,
};

/** The values of those variables that are set. */
export type Values<Definitions extends Record<string, Variable<unknown>>> = {
  [Name in keyof Definitions]?: z.infer<ReturnType<Definitions[Name]["schema"]>>;
};

/** Reads variables. One that is set to nothing counts as not set. */
export function parseVariables<Definitions extends Record<string, Variable<unknown>>>(
  definitions: Definitions,
  variables: Variables,
): { values: Values<Definitions>; problems: SettingProblem[] } {
  const values: Values<Definitions> = {};
  const problems: SettingProblem[] = [];
  for (const [name, { schema, wanted, isSecret = false }] of Object.entries(definitions)) {
    const value = variables[name]?.trim() || undefined;
    if (value === undefined) continue;
    const result = schema().safeParse(value);
    if (result.success) Object.assign(values, { [name]: result.data });
    else problems.push({ variable: name, value: isSecret ? null : value, wanted });
  }
  return { values, problems };
}
