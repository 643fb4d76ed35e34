import assert from "node:assert/strict";
import { z } from "zod";
import { fillSchema } from "../../../../dev/together-stand-in/answer/fill-schema.ts";
import {
  type JsonSchema,
  jsonSchema,
} from "../../../../dev/together-stand-in/answer/json-schema.ts";
import fc from "../../../support/fast-check.ts";

const KNOWN = new Map<string, unknown>([
  ["description", "Dark oak, a long text"],
  ["family", "wood"],
  ["colors", ["brown", "tan", "brown", "black"]],
  ["confidence", 0.62],
]);

const STRING: JsonSchema = { type: "string" };
const NULL: JsonSchema = { type: "null" };

const CASES: [name: string, schema: JsonSchema, value: unknown][] = [
  ["nothing of an open schema", {}, null],
  ["a constant", { const: 5 }, 5],
  ["unknown for a text", STRING, "unknown"],
  ["unknown for a choice", { enum: ["wood", "unknown"] }, "unknown"],
  ["null for a choice", { enum: ["wood", null] }, null],
  ["the first of a choice without a way out", { enum: ["oak", "ash"] }, "oak"],
  ["no", { type: "boolean" }, false],
  ["the number nearest to 0", { type: "number", minimum: -9, maximum: -0.5 }, -0.5],
  ["the integer nearest to 0", { type: "integer", minimum: 1.5 }, 2],
  ["null where that is a type", { type: ["string", "null"] }, null],
  ["null where that is a branch", { anyOf: [STRING, NULL] }, null],
  ["as few items as allowed", { type: "array", minItems: 2, items: STRING }, [
    "unknown",
    "unknown",
  ]],
  ["required properties alone", {
    type: "object",
    properties: { b: STRING, a: STRING, c: STRING },
    required: ["a", "b"],
  }, { b: "unknown", a: "unknown" }],
  ["a required property that isn't declared", { type: "object", required: ["a"] }, { a: null }],
];

for (const [name, schema, value] of CASES) {
  Deno.test(`fillSchema() knowing nothing says ${name}`, () => {
    assert.deepEqual(fillSchema(schema, new Map()), value);
  });
}

const FITS: [name: string, property: JsonSchema, of: string, value: unknown][] = [
  ["a text", STRING, "family", "wood"],
  ["a text cut to length", { type: "string", maxLength: 4 }, "description", "Dark"],
  ["a choice", { enum: ["metal", "wood"] }, "family", "wood"],
  ["not what the choice lacks", { enum: ["metal", "unknown"] }, "family", "unknown"],
  ["distinct items, as many as allowed", { type: "array", items: STRING, maxItems: 2 }, "colors", [
    "brown",
    "tan",
  ]],
  ["the items that fit", { type: "array", items: { enum: ["tan", "red"] } }, "colors", ["tan"]],
  ["a number", { type: "number", maximum: 1 }, "confidence", 0.62],
  ["not a number out of range", { type: "number", maximum: 0.5 }, "confidence", 0],
  ["no fraction for an integer", { type: "integer" }, "confidence", 0],
  ["the branch that fits", { anyOf: [NULL, STRING] }, "family", "wood"],
];

for (const [name, property, of, value] of FITS) {
  Deno.test(`fillSchema() puts in ${name}`, () => {
    const schema = { type: "object", properties: { [of]: property }, required: [of] } as const;
    assert.deepEqual(fillSchema({ ...schema, required: [of] }, KNOWN), { [of]: value });
  });
}

Deno.test("fillSchema() keeps the schema's order and looks at any depth", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: {
      material: {
        anyOf: [NULL, { type: "object", properties: { type: STRING, family: STRING } }],
      },
      colors: { type: "array" },
    },
    required: ["colors"],
  };
  assert.equal(
    JSON.stringify(fillSchema(schema, KNOWN)),
    `{"material":{"family":"wood"},"colors":["brown","tan","black"]}`,
  );
});

Deno.test("fillSchema() takes what is known from within an object of the same name first", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: { material: { type: "object", properties: { family: STRING } } },
  };
  const known = new Map<string, unknown>([...KNOWN, ["material", { family: "stone" }]]);
  assert.deepEqual(fillSchema(schema, known), { material: { family: "stone" } });
});

Deno.test("fillSchema() cuts no character in two", () => {
  const schema: JsonSchema = { type: "object", properties: { a: { ...STRING, maxLength: 2 } } };
  assert.deepEqual(fillSchema(schema, new Map([["a", "a😀"]])), { a: "a" });
});

const NAMES = [...KNOWN.keys(), "other", "__proto__"];
const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      type: fc.constant("string" as const),
      minLength: fc.nat(9),
      maxLength: fc.integer({ min: 9, max: 20 }),
    }, { requiredKeys: ["type"] }),
    fc.record({
      type: fc.constantFrom("number" as const, "integer" as const),
      minimum: fc.integer({ min: -9, max: 4 }),
      maximum: fc.integer({ min: 4, max: 9 }),
    }, { requiredKeys: ["type"] }),
    fc.record({
      type: fc.constantFrom("number" as const, "integer" as const),
      maximum: fc.integer({ min: -9, max: 9 }),
    }),
    fc.constantFrom<JsonSchema>(
      { type: "boolean" },
      NULL,
      { type: "string", enum: ["wood", "stone"] },
      { type: "string", enum: ["metal", "unknown"] },
      { anyOf: [{ type: "string", maxLength: 3 }, NULL] },
    ),
    fc.record({
      type: fc.constant("array" as const),
      items: tie("schema"),
      minItems: fc.nat(2),
      maxItems: fc.integer({ min: 2, max: 3 }),
    }, { requiredKeys: ["type", "items"] }),
    fc.record({
      type: fc.constant("object" as const),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 4 }),
      isRequired: fc.boolean(),
    }).map(({ isRequired, ...schema }): JsonSchema => ({
      ...schema,
      required: isRequired ? Object.keys(schema.properties) : [],
    })),
  ),
}));

Deno.test("fillSchema() makes what zod finds valid under the same schema", () => {
  fc.assert(fc.property(anySchema, fc.boolean(), (schema, isKnown) => {
    assert.ok(jsonSchema.safeParse(schema).success);
    const value = fillSchema(schema, isKnown ? KNOWN : new Map());
    const copy = JSON.parse(JSON.stringify(value));
    const judge = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    assert.deepEqual(judge.safeParse(copy).error, undefined);
  }));
});

Deno.test("jsonSchema takes what zod writes and refuses what it would have to ignore", () => {
  const written = z.toJSONSchema(z.strictObject({
    family: z.enum(["wood", "unknown"]).describe("a family"),
    colors: z.array(z.string().max(24)).max(5),
    age: z.int().nullable(),
    confidence: z.number().min(0).max(1).optional(),
  }));
  assert.ok(jsonSchema.safeParse(written).success);
  for (const keyword of [{ pattern: "a" }, { format: "uuid" }, { $ref: "#" }, { type: "text" }]) {
    assert.ok(!jsonSchema.safeParse({ type: "object", properties: { a: keyword } }).success);
  }
});
