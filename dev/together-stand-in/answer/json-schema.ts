import { z } from "zod";

const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;

type TypeName = (typeof TYPES)[number];

/** The part of JSON Schema that answers can be made to fit. */
export interface JsonSchema {
  type?: TypeName | TypeName[] | undefined;
  enum?: unknown[] | undefined;
  const?: unknown;
  anyOf?: JsonSchema[] | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  items?: JsonSchema | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
}

const nested = z.lazy(() => jsonSchema);
const count = z.int().min(0);

/** Checks a JSON Schema itself; refuses any keyword that would be ignored. */
export const jsonSchema: z.ZodType<JsonSchema> = z.strictObject({
  type: z.union([z.enum(TYPES), z.array(z.enum(TYPES)).min(1)]),
  enum: z.array(z.unknown()).min(1),
  const: z.unknown(),
  anyOf: z.array(nested).min(1),
  properties: z.record(z.string(), nested),
  required: z.array(z.string()),
  items: nested,
  minItems: count,
  maxItems: count,
  minLength: count,
  maxLength: count,
  minimum: z.number(),
  maximum: z.number(),
  // Nothing is ever added to what is declared.
  additionalProperties: z.unknown(),
  // These say nothing of what is valid.
  $schema: z.unknown(),
  $id: z.unknown(),
  title: z.unknown(),
  description: z.unknown(),
  default: z.unknown(),
  examples: z.unknown(),
}).partial();

/** The types that a schema allows; empty where it leaves them open. */
export function typesOf(schema: JsonSchema): TypeName[] {
  if (schema.type !== undefined) return [schema.type].flat();
  if (schema.properties !== undefined) return ["object"];
  return schema.items === undefined ? [] : ["array"];
}
