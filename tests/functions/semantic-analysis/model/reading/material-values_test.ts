/** What models put in place of a value: values of another type, and words for not knowing. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../../supabase/functions/semantic-analysis/model/reading/json/parser.ts";
import { readMaterial } from "../../../../../supabase/functions/semantic-analysis/model/reading/material-answer.ts";
import { OAK } from "../../../../support/fake-together.ts";

const read = (changes: object) => readMaterial({ ...OAK, ...changes } as unknown as JsonObject)!;

const FAMILIES: unknown[] = [
  { primary: "wood", secondary: "paper" },
  { category: "wood", confidence: 0.9 },
  { stone: 0.1, wood: 0.9 },
  [{ name: "wood" }],
  [["wood"]],
  "Wood.",
  "'wood'",
  "wood (oak)",
  "wood, veneer",
  "wood/veneer",
  "wood | veneer",
  "wood - veneer",
  "- wood",
  "wood?",
];
for (const family of FAMILIES) {
  Deno.test(`readMaterial() finds the family in ${JSON.stringify(family)}`, () => {
    assert.equal(read({ family }).material.family, "wood");
  });
}

const COLORS: unknown[] = [
  { primary: "brown", secondary: "beige" },
  { beige: 0.4, brown: 0.6 },
  { beige: "40%", brown: "60 %" },
  [{ color: "brown" }, { colour: "beige" }],
  [["brown"], ["beige"]],
  [{ hex: "#8b5a2b", description: "brown" }, { hex: "#f5f5dc", description: "beige" }],
  ["brown", "beige", "..."],
  "- brown\n- beige",
  ["1. brown", "2. beige"],
  '["brown","beige"]',
  "brown; beige",
];
for (const colors of COLORS) {
  Deno.test(`readMaterial() finds the colours in ${JSON.stringify(colors)}`, () => {
    assert.deepEqual(read({ colors }).material.colors, ["brown", "beige"]);
  });
}

Deno.test("readMaterial() takes what is true of an object for a list, and of objects their first text", () => {
  const { material } = read({
    quality_flags: { blurry: true, dark: false },
    lookalikes: [{ material: "ash", reason: "similar grain" }],
  });
  assert.deepEqual(material.quality_flags, ["blurry"]);
  assert.deepEqual(material.lookalikes, ["ash"]);
});

Deno.test("readMaterial() leaves numbers and dashes that belong to a name", () => {
  const { material } = read({ type: "304 stainless", lookalikes: ["1.4301 steel", "2-ply board"] });
  assert.equal(material.type, "304 stainless");
  assert.deepEqual(material.lookalikes, ["1.4301 steel", "2-ply board"]);
});

Deno.test("readMaterial() takes prose under any name, and the texts of a description in pieces", () => {
  const { description, ...rest } = OAK;
  for (const name of ["material_description", "Overview", "details", "descripton", "notes"]) {
    const answer = readMaterial({ [name]: description, ...rest } as unknown as JsonObject);
    assert.equal(answer?.description, description, name);
  }
  const pieces = { overview: "Oak, matt.", details: "Straight grain." };
  assert.equal(read({ description: pieces }).description, "Oak, matt., Straight grain.");
  assert.equal(readMaterial(rest as unknown as JsonObject), null);
});

const NOTHING = [
  ..."unknown material|unidentifiable|uncertain|undefined|indistinguishable|cannot determine".split(
    "|",
  ),
  ..."Unable to determine|not sure|not discernible|can’t tell|could not be identified".split("|"),
  ..."N/A (image too dark)|no material visible|none visible|nil|false|—|...|hard to tell".split(
    "|",
  ),
  ..."неизвестно|未知|unbekannt|desconocido|inconnu".split("|"),
];
for (const word of NOTHING) {
  Deno.test(`readMaterial() knows nothing where all is ${JSON.stringify(word)}`, () => {
    const all = Object.fromEntries(Object.keys(OAK).map((key) => [key, word]));
    const answer = read({ ...all, description: "A blurry picture.", colors: [word] });
    assert.equal(answer.hasProperties, false, JSON.stringify(answer.material));
    assert.deepEqual(answer.unknownValues, []);
  });
}

Deno.test("readMaterial() takes names that begin like a no for names", () => {
  for (
    const type of ["hard maple", "notched board", "nacre", "nylon", "nonwoven felt", "No. 4 steel"]
  ) {
    const { material, hasProperties } = read({ type, family: "unknown" });
    assert.ok(hasProperties, type);
    assert.equal(material.type, type);
    assert.deepEqual(read({ lookalikes: [type] }).material.lookalikes, [type]);
  }
});
