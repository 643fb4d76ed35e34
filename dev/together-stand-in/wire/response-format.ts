import { z } from "zod";
import { type JsonSchema, jsonSchema } from "../answer/json-schema.ts";

/** The wire form of `response_format`. */
export const responseFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({
      name: z.string().regex(/^[\w-]{1,64}$/),
      schema: jsonSchema,
    }),
  }),
]);

const STRING: JsonSchema = { type: "string" };
const STRINGS: JsonSchema = { type: "array", items: STRING };

/** What a JSON object holds where no schema says what it should. */
const DEFAULT_PROPERTIES: Record<string, JsonSchema> = {
  description: STRING,
  family: STRING,
  type: STRING,
  finish: STRING,
  texture: STRING,
  pattern: STRING,
  colors: STRINGS,
  reflectivity: STRING,
  transparency: STRING,
  applications: STRINGS,
  style: STRINGS,
  quality_flags: STRINGS,
  lookalikes: STRINGS,
  confidence: { type: "number" },
};

/** The schema an answer has to fit; null for prose. */
export function toAnswerSchema(format: z.infer<typeof responseFormat> | null): JsonSchema | null {
  switch (format?.type) {
    case "json_schema":
      return format.json_schema.schema;
    case "json_object":
      return {
        type: "object",
        properties: DEFAULT_PROPERTIES,
        required: Object.keys(DEFAULT_PROPERTIES),
      };
    default:
      return null;
  }
}
