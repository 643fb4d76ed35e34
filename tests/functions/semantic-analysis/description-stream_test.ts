import assert from "node:assert/strict";
import fc from "fast-check";
import { createDescriptionStream } from "../../../supabase/functions/semantic-analysis/description-stream.ts";
import { OAK } from "../../support/fake-together.ts";

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

Deno.test("an object that doesn't begin with its description shows nothing yet", () => {
  assert.deepEqual(show(['{"family":"wood","type":"oak"', ',"description":"Oak"}']), []);
});

Deno.test("a long answer that turns out to be prose is shown", () => {
  const prose = "Oak with a matt finish and a straight grain. ".repeat(5).trim();
  assert.equal(show([prose]).join(""), prose);
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

Deno.test("whatever comes, it doesn't fail", () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.boolean(), (pieces, isStructured) => {
    show(pieces, { isStructured });
    show(['{"description":"', ...pieces], { isStructured });
  }));
});
