import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseCutMaterialAnswer,
  parseMaterialAnswer,
} from "../../../../supabase/functions/semantic-analysis/model/material-answer.ts";
import { MATERIAL_SCHEMA } from "../../../../supabase/functions/semantic-analysis/model/material-schema.ts";
import {
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
} from "../../../../supabase/functions/_shared/client/material.ts";
import { OAK } from "../../../support/fake-together.ts";

const { description: _, confidence: __, ...OAK_MATERIAL } = OAK;
const parse = (changes: object) => parseMaterialAnswer(JSON.stringify({ ...OAK, ...changes }));

Deno.test("parseMaterialAnswer() reads a complete answer", () => {
  assert.deepEqual(parse({}), {
    description: OAK.description,
    material: OAK_MATERIAL,
    statedConfidence: 0.9,
    unknownValues: [],
  });
});

Deno.test("parseMaterialAnswer() finds the object in a fence or in chat", () => {
  const json = JSON.stringify(OAK, null, 2);
  for (
    const text of [
      "```json\n" + json + "\n```",
      "Sure! Here is the JSON:\n" + json + "\nHope that {helps}!",
      "The {form} you asked for: " + json,
      "\ufeff\n" + json,
    ]
  ) {
    assert.deepEqual(parseMaterialAnswer(text)?.material, OAK_MATERIAL, text.slice(0, 30));
  }
});

Deno.test("parseMaterialAnswer() takes the first object that is an answer, whatever stands before it", () => {
  const json = JSON.stringify(OAK);
  const schema = JSON.stringify(MATERIAL_SCHEMA.schema);
  for (
    const before of [
      '{"type":"object"} filled in: ',
      "{} ",
      '{"family":"stone"} ',
      `The form ${schema}, filled in:\n`,
      '{"description":"","family":"stone"} ',
      '{"description": text, "family": one of wood, stone} ',
      "{a} {b} {c} {d} {e} {f} {g} ",
      '<think>{"plan":1}</think>',
      '<think>First {"description":"a draft"}</think>\n```json\n',
      '\n<think>\nUnclosed { and "\n</think>',
    ]
  ) {
    const answer = parseMaterialAnswer(before + json + ' {"description":"Another"}');
    assert.equal(answer?.description, OAK.description, before);
    assert.deepEqual(answer?.material, OAK_MATERIAL, before);
  }
});

Deno.test("parseCutMaterialAnswer() takes the first object that is the beginning of an answer", () => {
  const json = JSON.stringify(OAK).slice(0, -10);
  for (
    const before of [
      '{"type":"object"} ',
      '<think>{"description":"a draft","family":"stone", </think>',
      '{"plan": [1, 2], "next": ',
    ]
  ) {
    const answer = parseCutMaterialAnswer(before + json);
    assert.equal(answer?.description, OAK.description, before);
    assert.equal(answer?.material.family, "wood", before);
  }
  assert.equal(parseCutMaterialAnswer(`<think>${json}`), null);
});

Deno.test("parseMaterialAnswer() finds the answer after any objects that are none", () => {
  const key = fc.constantFrom("type", "plan", "properties", "family");
  const other = fc.object({ key, maxDepth: 2 }).map((value) =>
    JSON.stringify(value, (_, value) => typeof value === "bigint" ? null : value)
  );
  const chat = fc.constantFrom("", " Then ", "\n```json\n", " {as} it is: ", ",");
  const before = fc.array(fc.tuple(other, chat).map((parts) => parts.join("")), { maxLength: 12 });
  fc.assert(fc.property(before, (before) => {
    const answer = parseMaterialAnswer(before.join("") + JSON.stringify(OAK));
    assert.equal(answer?.description, OAK.description);
  }));
});

Deno.test("parseMaterialAnswer() reads terms however they are spelt", () => {
  const answer = parse({ finish: " Semi-Gloss ", family: "WOOD", pattern: "plain" });
  assert.equal(answer?.material.finish, "semi_gloss");
  assert.equal(answer?.material.family, "wood");
  assert.deepEqual(answer?.unknownValues, []);
});

Deno.test("parseMaterialAnswer() maps a term it doesn't know to unknown, and notes it", () => {
  const answer = parse({ family: "plywood-ish", finish: 5, texture: null, pattern: "unknown" });
  assert.equal(answer?.material.family, "unknown");
  assert.equal(answer?.material.finish, "unknown");
  assert.equal(answer?.material.texture, "unknown");
  assert.deepEqual(answer?.unknownValues, ['family "plywood-ish"']);
});

Deno.test("parseMaterialAnswer() does without every field but the description", () => {
  const answer = parseMaterialAnswer('{"description":" Oak. "}');
  assert.equal(answer?.description, "Oak.");
  assert.equal(answer?.material.family, "unknown");
  assert.deepEqual(answer?.material.colors, []);
  assert.equal(answer?.statedConfidence, null);
  assert.equal(parseMaterialAnswer('{"family":"wood"}'), null);
  assert.equal(parseMaterialAnswer('{"description":"  "}'), null);
  assert.equal(parseMaterialAnswer('{"description":5}'), null);
});

Deno.test("parseMaterialAnswer() keeps within the limits of each field", () => {
  const long = "long ".repeat(100);
  const answer = parse({
    type: long,
    colors: ["Red", "red", "Red", "", 5, null, ...Array(20).fill(0).map((_, i) => `c${i}`)],
    applications: [long],
    quality_flags: ["blurry", "blurry", "wrong", "dark"],
    lookalikes: "ash",
  })!.material;
  assert.equal(answer.type.length, MATERIAL_LIMITS.type);
  assert.deepEqual(answer.colors, ["Red", "red", "c0", "c1", "c2"]);
  assert.equal(answer.applications[0]!.length, MATERIAL_LIMITS.applications.length);
  assert.deepEqual(answer.quality_flags, ["blurry", "dark"]);
  assert.deepEqual(answer.lookalikes, []);
});

Deno.test("parseMaterialAnswer() takes a stated confidence only if it is a probability", () => {
  for (const confidence of [-0.1, 1.1, 85, "0.9", "high", null, NaN]) {
    assert.equal(parse({ confidence })?.statedConfidence, null, String(confidence));
  }
  assert.equal(parse({ confidence: 0 })?.statedConfidence, 0);
});

Deno.test("parseMaterialAnswer() finds nothing in prose or broken JSON", () => {
  for (const text of ["Oak.", "", "{", '{"description":"Oak', "[]", "null", "{oak}"]) {
    assert.equal(parseMaterialAnswer(text), null, text);
  }
});

Deno.test("parseCutMaterialAnswer() keeps the members that are whole, wherever it was cut", () => {
  const json = JSON.stringify(OAK);
  const descriptionEnd = json.indexOf('","family"') + 2;
  for (let at = 0; at < json.length; at++) {
    const answer = parseCutMaterialAnswer(json.slice(0, at));
    if (at < descriptionEnd) assert.equal(answer, null, json.slice(0, at));
    else assert.equal(answer?.description, OAK.description);
  }
  const cut = parseCutMaterialAnswer(json.slice(0, json.indexOf('"pattern"') + 12));
  assert.equal(cut?.material.finish, "matte");
  assert.equal(cut?.material.pattern, "unknown");
  assert.deepEqual(cut?.unknownValues, []);
});

Deno.test("both parsers give a valid answer or null for any text", () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.dictionary(fc.constantFrom(...Object.keys(OAK)), fc.anything()).map((value) => {
      try {
        return JSON.stringify({ description: "x", ...value });
      } catch {
        return "";
      }
    }),
  );
  fc.assert(fc.property(text, (text) => {
    for (const answer of [parseMaterialAnswer(text), parseCutMaterialAnswer(text)]) {
      if (answer === null) continue;
      assert.ok(answer.description.trim().length > 0);
      for (const [field, values] of Object.entries(MATERIAL_VOCABULARY)) {
        const value = answer.material[field as keyof typeof MATERIAL_VOCABULARY];
        assert.ok((values as readonly string[]).includes(value));
      }
      assert.ok(answer.material.colors.length <= MATERIAL_LIMITS.colors.items);
    }
  }));
});

Deno.test("the schema asks for exactly the fields, with the description first", () => {
  const { properties, required } = MATERIAL_SCHEMA.schema;
  assert.deepEqual(Object.keys(properties), Object.keys(OAK));
  assert.deepEqual(required, Object.keys(properties));
  for (const values of Object.values(MATERIAL_VOCABULARY)) assert.equal(values.at(-1), "unknown");
});

Deno.test("the longest answer the schema allows is below 700 tokens of three characters", () => {
  const fill = (schema: Record<string, unknown>): unknown => {
    const { type, enum: values, maxLength, maxItems, items } = schema;
    if (values) return (values as string[]).toSorted((a, b) => b.length - a.length)[0];
    if (type === "string") return "x".repeat(maxLength as number);
    if (type === "array") return Array(maxItems as number).fill(fill(items as typeof schema));
    return 0.99;
  };
  const longest = Object.fromEntries(
    Object.entries(MATERIAL_SCHEMA.schema.properties).map(([key, schema]) => [key, fill(schema)]),
  );
  assert.ok(JSON.stringify(longest).length / 3 < 700, String(JSON.stringify(longest).length / 3));
});
