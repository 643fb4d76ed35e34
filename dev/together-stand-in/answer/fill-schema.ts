import { type JsonSchema, typesOf } from "./json-schema.ts";

/** What is known, by the name of a property. */
export type Known = ReadonlyMap<string, unknown>;

/**
 * Makes a value that is valid under a schema, its properties in the schema's order.
 *
 * What is known goes where a property of that name, at any depth, takes it; elsewhere stand neutral
 * values: null, `unknown`, an empty array, 0, false. Optional properties of which nothing is known are
 * left out.
 */
export function fillSchema(schema: JsonSchema, known: Known): unknown {
  return fit(schema, known, undefined) ?? neutral(schema);
}

/** Makes `value` fit, or what is known of its properties; undefined if that can't be. */
function fit(schema: JsonSchema, known: Known, value: unknown): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.find((allowed) => allowed === value);
  if (schema.anyOf !== undefined) {
    return schema.anyOf.map((branch) => fit(branch, known, value)).find(isDefined);
  }
  const types = typesOf(schema);
  if (types.length === 0) return value;
  return types.map((type) => {
    switch (type) {
      case "object":
        return fitObject(schema, known, value);
      case "array":
        return fitArray(schema, known, value);
      case "string":
        return fitString(schema, value);
      case "boolean":
        return typeof value === "boolean" ? value : undefined;
      case "null":
        return value === null ? null : undefined;
      default:
        return fitNumber(schema, type, value);
    }
  }).find(isDefined);
}

function fitObject(schema: JsonSchema, known: Known, value: unknown): unknown {
  const own = isObject(value) ? new Map(Object.entries(value)) : known;
  const fitted = new Map<string, unknown>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const fitting = fit(property, known, own.get(name) ?? known.get(name));
    if (fitting !== undefined) fitted.set(name, fitting);
  }
  return fitted.size === 0 ? undefined : toObject(schema, fitted);
}

/** In the schema's order, whatever is required and not known made neutral. */
function toObject(schema: JsonSchema, fitted: Known): unknown {
  const properties = Object.entries(schema.properties ?? {});
  const required = schema.required ?? [];
  const undeclared = required.filter((name) => !properties.some(([other]) => other === name));
  return Object.fromEntries(
    [...properties, ...undeclared.map((name): [string, JsonSchema] => [name, {}])]
      .filter(([name]) => fitted.has(name) || required.includes(name))
      .map(([name, property]) => [name, fitted.get(name) ?? neutral(property)]),
  );
}

function fitArray(schema: JsonSchema, known: Known, value: unknown): unknown {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item) => fit(schema.items ?? {}, known, item)).filter(isDefined);
  const distinct = [...new Set(items)].slice(0, schema.maxItems ?? items.length);
  return [...distinct, ...padding(schema).slice(distinct.length)];
}

function fitString({ minLength = 0, maxLength = Infinity }: JsonSchema, value: unknown): unknown {
  if (typeof value !== "string" || [...value].length < minLength) return undefined;
  // A character outside the basic plane is not cut in two.
  return value.length <= maxLength
    ? value
    : value.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "");
}

function fitNumber(schema: JsonSchema, type: "number" | "integer", value: unknown): unknown {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  if (type === "integer" && !Number.isInteger(value)) return undefined;
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return value >= minimum && value <= maximum ? value : undefined;
}

/** Says as little as the schema allows. */
function neutral(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) {
    return ["unknown", null, "none"].find((value) => schema.enum?.includes(value)) ??
      (schema.enum.includes(null) ? null : schema.enum[0]);
  }
  if (schema.anyOf !== undefined) {
    return neutral(
      schema.anyOf.find((branch) => typesOf(branch).includes("null")) ?? schema.anyOf[0]!,
    );
  }
  const types = typesOf(schema);
  const type = types.length === 0 || types.includes("null") ? "null" : types[0];
  switch (type) {
    case "object":
      return toObject(schema, new Map());
    case "array":
      return padding(schema);
    case "string":
      return "unknown".padEnd(schema.minLength ?? 0).slice(0, schema.maxLength);
    case "boolean":
      return false;
    case "number":
    case "integer": {
      const nearest = Math.min(schema.maximum ?? Infinity, Math.max(schema.minimum ?? 0, 0));
      return type === "number" ? nearest : nearest < 0 ? Math.floor(nearest) : Math.ceil(nearest);
    }
    default:
      return null;
  }
}

function padding({ minItems = 0, items = {} }: JsonSchema): unknown[] {
  return Array.from({ length: minItems }, () => neutral(items));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDefined(value: unknown): boolean {
  return value !== undefined;
}
