import assert from "node:assert/strict";
import { readMaterial } from "../../../../../supabase/functions/semantic-analysis/model/reading/material-answer.ts";
import { createReader } from "../../../../../supabase/functions/semantic-analysis/model/reading/reader.ts";
import { MATERIAL_SCHEMA } from "../../../../../supabase/functions/semantic-analysis/model/material-schema.ts";
import {
  MATERIAL_LIMITS,
  MATERIAL_VOCABULARY,
} from "../../../../../supabase/functions/_shared/client/material.ts";
import { OAK } from "../../../../support/fake-together.ts";
import fc from "../../../../support/fast-check.ts";

const { description: _, confidence: __, ...OAK_MATERIAL } = OAK;

/** What a completion comes to as a structured one. */
function read(text: string, end: "complete" | "truncated" = "complete") {
  const reader = createReader({
    isStructured: true,
    isOwnPrompt: false,
    isJsonWanted: false,
    maxTokens: 700,
    model: { thinking: "tagged" },
  });
  reader.push(text);
  return reader.end({ text, model: "a/b", end, usage: null, logprobs: null }).reading;
}

const parseMaterialAnswer = (text: string) => {
  const { answer, analysis, isCut } = read(text);
  return answer && !isCut ? { ...answer, description: analysis } : null;
};
const parseCutMaterialAnswer = (text: string) => {
  const { answer, analysis } = read(text, "truncated");
  return answer && { ...answer, description: analysis };
};
const parse = (changes: object) => parseMaterialAnswer(JSON.stringify({ ...OAK, ...changes }));

Deno.test("parseMaterialAnswer() reads a complete answer", () => {
  const { object: _, ...answer } = parse({})!;
  assert.deepEqual(answer, {
    description: OAK.description,
    material: OAK_MATERIAL,
    statedConfidence: 0.9,
    unknownValues: [],
    hasProperties: true,
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
  assert.deepEqual(answer?.unknownValues, ['family "plywood-ish"', 'finish "5"']);
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
  assert.ok(answer.type.length <= MATERIAL_LIMITS.type);
  assert.deepEqual(answer.colors, ["Red", "red", "5", "c0", "c1"]);
  assert.ok(answer.applications[0]!.length <= MATERIAL_LIMITS.applications.length);
  assert.deepEqual(answer.quality_flags, ["blurry", "dark"]);
  assert.deepEqual(answer.lookalikes, ["ash"]);
});

Deno.test("readMaterial() takes a stated confidence only if it is a probability, however it is written", () => {
  for (const confidence of [-0.1, 1.1, 1.5, 101, "high", null, NaN, true, {}]) {
    assert.equal(parse({ confidence })?.statedConfidence, null, String(confidence));
  }
  for (const confidence of [0.85, "0.85", 85, "85%", "85 %", [0.85]]) {
    assert.equal(parse({ confidence })?.statedConfidence, 0.85, String(confidence));
  }
  assert.equal(parse({ confidence: 0 })?.statedConfidence, 0);
});

Deno.test("readMaterial() reads values of another type that can be meant in one way", () => {
  const { material } = parse({
    family: ["wood"],
    type: ["white oak", "oak"],
    finish: { value: "matte", confidence: 0.9 },
    colors: "brown, beige and grey",
    applications: [{ name: "flooring" }, { label: "furniture" }],
    style: { name: "rustic" },
    quality_flags: ["Blurry", "low resolution", "TEXT-IN-PICTURE"],
    lookalikes: [["ash"], "", "unknown", null],
  })!;
  assert.equal(material.family, "wood");
  assert.equal(material.type, "white oak");
  assert.equal(material.finish, "matte");
  assert.deepEqual(material.colors, ["brown", "beige", "grey"]);
  assert.deepEqual(material.applications, ["flooring", "furniture"]);
  assert.deepEqual(material.style, ["rustic"]);
  assert.deepEqual(material.quality_flags, ["blurry", "low_resolution", "text_in_picture"]);
  assert.deepEqual(material.lookalikes, ["ash"]);
});

Deno.test("readMaterial() reads names that are spelt otherwise", () => {
  const answer = readMaterial({
    Description: "Oak.",
    materialFamily: "Wood",
    Colours: [{ name: "brown", hex: "#a52a2a" }],
    "quality-flags": ["dark"],
  })!;
  assert.equal(answer.material.family, "wood");
  assert.deepEqual(answer.material.colors, ["brown"]);
  assert.deepEqual(answer.material.quality_flags, ["dark"]);
});

Deno.test("readMaterial() takes the schema, or the words that ask for it, for no answer", () => {
  for (
    const object of [
      { description: "A material", type: "object", properties: { family: {} } },
      { description: "A material", properties: {}, required: [] },
      { description: "A material", family: "wood", required: ["family"] },
      { $schema: "x", description: "A material" },
      { description: "string", family: "wood" },
      { description: "...", family: "wood" },
      { description: "two or three sentences that somebody could search for", family: "wood" },
    ]
  ) {
    // deno-lint-ignore no-explicit-any -- what a model may say
    assert.equal(readMaterial(object as any), null, JSON.stringify(object));
  }
});

Deno.test("parseMaterialAnswer() finds nothing in prose or broken JSON", () => {
  for (const text of ["Oak.", "", "{", '{"description":"Oak', "[]", "null", "{oak}"]) {
    assert.equal(parseMaterialAnswer(text), null, text);
  }
});

Deno.test("parseCutMaterialAnswer() keeps the members that are whole, wherever it was cut", () => {
  const json = JSON.stringify(OAK);
  const familyEnd = json.indexOf('","type"') + 1;
  for (let at = 0; at < json.length; at++) {
    const answer = parseCutMaterialAnswer(json.slice(0, at));
    if (at < familyEnd) assert.equal(answer, null, json.slice(0, at));
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
      if (answer === null || answer.description === "") continue;
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
