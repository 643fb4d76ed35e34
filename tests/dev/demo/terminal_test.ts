import assert from "node:assert/strict";
import { wrap } from "../../../dev/demo/terminal.ts";
import fc from "../../support/fast-check.ts";

Deno.test("wrap() breaks between words, with the indent of the first line and of the others", () => {
  assert.deepEqual(wrap("one two three", { width: 9, indent: 1, hanging: 2 }), [
    " one two",
    "   three",
  ]);
});

Deno.test("wrap() breaks a word that is wider than a line", () => {
  assert.deepEqual(wrap("a bcdefgh", { width: 4 }), ["a", "bcde", "fgh"]);
});

Deno.test("wrap() makes no line too wide, and loses nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,30}$/)),
      fc.integer({ min: 8, max: 60 }),
      fc.integer({ min: 0, max: 3 }),
      (words, width, indent) => {
        const lines = wrap(words.join(" "), { width, indent, hanging: 2 });
        assert.ok(lines.every((line) => line.length <= width));
        assert.equal(lines.join("").replaceAll(" ", ""), words.join(""));
      },
    ),
  );
});
