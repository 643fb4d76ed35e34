import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createDescriptionStream,
  readDescription,
} from "../../../../supabase/functions/semantic-analysis/model/description-stream.ts";
import { parseMaterialAnswer } from "../../../../supabase/functions/semantic-analysis/model/material-answer.ts";
import { OAK } from "../../../support/fake-together.ts";

function show(pieces: string[], { isStructured = true } = {}) {
  const texts: string[] = [];
  const stream = createDescriptionStream({ isStructured, show: (text) => texts.push(text) });
  for (const piece of pieces) stream.push(piece);
  assert.equal(texts.join(""), stream.shown());
  assert.ok(!texts.includes(""), "an empty piece was shown");
  return texts;
}

/** Cuts a text at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const edges = [0, ...places.toSorted((a, b) => a - b), text.length];
  return edges.slice(1).map((end, i) => text.slice(edges[i], end));
}

Deno.test("a plain answer is shown as it comes, without the white space around it", () => {
  assert.deepEqual(show(["  Oak ", "with", " grain. \n"], { isStructured: false }), [
    "Oak",
    " with",
    " grain.",
  ]);
});

Deno.test("of a structured answer only the description is shown, as it comes", () => {
  assert.deepEqual(show(['{"descrip', 'tion": "Oak ', 'with"', ',"family":"wood","type":"x"}']), [
    "Oak",
    " with",
  ]);
});

Deno.test("a fence or some chat before the object is not shown", () => {
  const json = JSON.stringify(OAK);
  for (const before of ["```json\n", "Here is the JSON you asked for:\n", "\n\n "]) {
    assert.equal(show([before, json]).join(""), OAK.description);
  }
});

Deno.test("however long the chat before the object, nothing of it is shown", () => {
  const chat = "Looking at this picture, I see a visible natural structure. ".repeat(20);
  const json = JSON.stringify(OAK);
  for (const before of [chat, `${chat}\n\`\`\`json\n`, `As {asked} for, {so}: ${chat}`]) {
    assert.equal(show([...before.match(/.{1,7}/gs)!, json]).join(""), OAK.description);
  }
});

Deno.test("nothing that is thought aloud is shown", () => {
  const json = JSON.stringify(OAK);
  const thought =
    `\n<think>{"description":"a draft"} {"plan":1} < /think> </thin </think>\n${json}`;
  for (const size of [1, 2, 5, 1000]) {
    const pieces = thought.match(new RegExp(`[^]{1,${size}}`, "g"))!;
    assert.equal(show(pieces).join(""), OAK.description);
  }
  assert.deepEqual(show(['<think>{"description":"a draft"}']), []);
  assert.deepEqual(show(["<thinking", "> {", '"description":"Oak']), ["Oak"]);
});

Deno.test("an object that doesn't begin with its description shows nothing, nor does one after it", () => {
  const json = JSON.stringify(OAK);
  for (
    const pieces of [
      ['{"family":"wood","type":"oak"', ',"description":"Oak"}'],
      ['{"type":"object"} ', json],
      ["{", "}", json],
      ['{"answer":', json],
      ['{"description":', "null}", json],
      ['{"descriptions":"Oak"}', json],
      ['{"desc ription":"Oak"}', json],
    ]
  ) {
    assert.deepEqual(show(pieces), [], pieces.join(""));
  }
});

Deno.test("prose in place of an object is not shown: whether it is prose, only its end tells", () => {
  assert.deepEqual(show(["Oak with a matt finish and a straight grain. ".repeat(50)]), []);
});

Deno.test("any description arrives as JSON.parse would read it, in any chunking", () => {
  const description = fc.string({ unit: "binary", minLength: 1 });
  const places = fc.array(fc.nat({ max: 400 }), { maxLength: 30 });
  fc.assert(fc.property(description, places, fc.boolean(), (description, places, isAscii) => {
    const json = JSON.stringify({ ...OAK, description });
    const text = isAscii
      ? json.replace(
        /[\u0080-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      )
      : json;
    const pieces = cut(text, places.map((place) => place % (text.length + 1)));
    assert.equal(show(pieces).join(""), description.trim());
  }));
});

Deno.test("a lone surrogate's escape becomes a replacement character", () => {
  assert.equal(show(['{"description":"a\\ud83dx"}']).join(""), "a\ufffdx");
  assert.equal(show(['{"description":"\\ud83c', "\\udf41", '"']).join(""), "🍁");
});

Deno.test("what is shown of an answer is the description that is read from all of it", () => {
  const whole = fc.constantFrom(
    "Sure! ",
    "A {brace} or two: ",
    "```json\n",
    "{}",
    '{"type":"object"} ',
    '{"family":"stone","notes":{"description":"not it"}}',
    '{"description":""}',
    '{"description":"Ash.","family":"wood"}',
    JSON.stringify(OAK),
    JSON.stringify(OAK, null, 2),
  );
  const thought = fc.constantFrom(
    "",
    '<think>{"description":"a draft"}</think>',
    "<think>{</think> ",
  );
  const text = fc.tuple(thought, fc.array(whole, { maxLength: 6 }).map((parts) => parts.join("")))
    .map((parts) => parts.join(""));
  const places = fc.array(fc.nat({ max: 600 }), { maxLength: 12 });
  fc.assert(fc.property(text, places, (text, places) => {
    const shown = show(cut(text, places.map((place) => place % (text.length + 1)))).join("");
    if (shown !== "") assert.equal(shown, parseMaterialAnswer(text)?.description);
  }));
});

Deno.test("readDescription() decodes what is there of a description, wherever it stands", () => {
  assert.equal(readDescription('{"description":"Oak \\"A\\"'), 'Oak "A"');
  assert.equal(readDescription('{"answer":{"description" : "Oak.","family":'), "Oak.");
  assert.equal(readDescription('{"description":" "}'), null);
  assert.equal(readDescription("Oak."), null);
});

Deno.test("whatever comes, it doesn't fail", () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.boolean(), (pieces, isStructured) => {
    show(pieces, { isStructured });
    show(['{"description":"', ...pieces], { isStructured });
  }));
});
