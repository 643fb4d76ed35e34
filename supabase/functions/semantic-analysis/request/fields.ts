/**
 * The fields of a request beside its picture: which there are, and what each must be. A table and no schema:
 * the schemas of requests and of the limiter, with Zod's own code, took a fifth of the CPU of a worker's
 * first request.
 */

import {
  ANALYSIS_TYPES,
  type AnalysisRequestBody,
  CACHE_MODES,
  MAX_PRECISION,
  MAX_PROMPT_LENGTH,
  type PaletteColor,
} from "../../_shared/client/contract.ts";
import { paletteSchema } from "../../_shared/platform/palette.ts";
import { isObject } from "../../_shared/platform/parse-json.ts";

type Options = NonNullable<AnalysisRequestBody["options"]>;

/** What was sent, checked; clients often send null for what they leave out. */
export type CheckedFields = OrNull<Pick<AnalysisRequestBody, "analysis_type" | "prompt">> & {
  options: OrNull<Options>;
};

type OrNull<Fields> = { [Name in keyof Fields]: Fields[Name] | null };

/** One field, when it is sent. */
interface Field {
  /** For the caller, behind the field's name. */
  wanted: string;
  isRight: (value: unknown) => boolean;
}

const FIELDS: Record<keyof CheckedFields, Field> = {
  analysis_type: oneOf(ANALYSIS_TYPES),
  prompt: {
    wanted: `must be a string of 1 to ${MAX_PROMPT_LENGTH} characters`,
    isRight: (value) => isText(value, MAX_PROMPT_LENGTH),
  },
  options: { wanted: "must be an object", isRight: isObject },
};

const OPTIONS: Record<keyof Options, Field> = {
  temperature: {
    wanted: "must be a number from 0 to 2",
    isRight: (value) => typeof value === "number" && value >= 0 && value <= 2,
  },
  max_tokens: {
    wanted: "must be a whole number of at least 1",
    isRight: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  },
  stream: { wanted: "must be true or false", isRight: (value) => typeof value === "boolean" },
  cache: oneOf(CACHE_MODES),
  model: { wanted: "must be a model's id", isRight: (value) => isText(value, 200) },
  min_precision: {
    wanted: `must be a number from 0.5 to ${MAX_PRECISION}`,
    isRight: (value) => typeof value === "number" && value >= 0.5 && value <= MAX_PRECISION,
  },
  // Each of its colours has fields of its own: `parsePalette`.
  palette: { wanted: "", isRight: () => true },
};

function oneOf(values: readonly string[]): Field {
  return {
    wanted: `must be one of ${values.join(", ")}`,
    isRight: (value) => values.some((known) => known === value),
  };
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === "string" && value.length >= 1 && value.length <= maxLength;
}

/** @returns with `problems` by path, such as `options.temperature`; without any, the fields are right. */
export function checkFields(
  fields: Record<string, unknown>,
): { checked: CheckedFields; problems: Record<string, string> } {
  const options = isObject(fields.options) ? fields.options : {};
  const palette = parsePalette(options.palette);
  return {
    checked: { ...fields, options: { ...options, palette: palette.colors } } as CheckedFields,
    problems: {
      ...problemsOf(FIELDS, fields, ""),
      ...problemsOf(OPTIONS, options, "options."),
      ...palette.problems,
    },
  };
}

function problemsOf(
  known: Record<string, Field>,
  fields: Record<string, unknown>,
  prefix: string,
): Record<string, string> {
  const wrong = Object.entries(known).filter(([name, { isRight }]) => {
    const value = fields[name] ?? null;
    return value !== null && !isRight(value);
  });
  return Object.fromEntries(wrong.map(([name, { wanted }]) => [prefix + name, wanted]));
}

function parsePalette(
  palette: unknown,
): { colors: PaletteColor[] | null; problems?: Record<string, string> } {
  if (palette === undefined || palette === null) return { colors: null };
  const { data, error } = paletteSchema().safeParse(palette);
  const problems = error?.issues.map(({ path, message }) =>
    [["options.palette", ...path].join("."), message] as const
  );
  return { colors: data ?? null, problems: Object.fromEntries(problems ?? []) };
}

/** Paths of the fields that this function doesn't know. */
export function findUnknownFields(fields: Record<string, unknown>): string[] {
  const unknownIn = (value: object, known: object) =>
    Object.keys(value).filter((name) => !Object.hasOwn(known, name)).map((name) =>
      name.slice(0, 64)
    );
  return [
    ...unknownIn(fields, FIELDS),
    ...unknownIn(fields.options ?? {}, OPTIONS).map((name) => `options.${name}`),
  ];
}
