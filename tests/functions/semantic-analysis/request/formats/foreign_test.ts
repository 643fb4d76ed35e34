import assert from "node:assert/strict";
import { nameForeignFile } from "../../../../../supabase/functions/semantic-analysis/request/formats/foreign.ts";

const nameOf = (text: string) => nameForeignFile(new TextEncoder().encode(text))?.name ?? null;

Deno.test("nameForeignFile() calls text what has letters, blanks and line breaks alone", () => {
  assert.equal(nameOf("Two lines,\r\n\tand a blank."), "text");
  assert.equal(nameOf("Größe 10 🪵"), "text");
  assert.equal(nameOf("a\x01"), null);
});

Deno.test("nameForeignFile() looks at each byte once, whatever it could be", () => {
  // If blanks could be matched in two ways, half of these would take as long as the universe is old.
  for (const blank of [" ", "\u00a0", "\u3000"]) {
    assert.equal(nameOf(`a${blank.repeat(150)}\x01`), null);
    assert.equal(nameOf(`a${blank.repeat(150)}`), "text");
  }
  assert.equal(nameOf(`<?xml ${"<!--".repeat(120)}`), "XML");
  assert.equal(nameOf("<!-- ".repeat(100)), "text");
});
