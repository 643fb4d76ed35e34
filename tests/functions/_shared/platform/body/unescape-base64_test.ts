import assert from "node:assert/strict";
import { unescapeBase64 } from "../../../../../supabase/functions/_shared/platform/body/unescape-base64.ts";
import { assertRefused } from "../../../../support/api-errors.ts";
import fc from "../../../../support/fast-check.ts";

const unescape = (text: string) =>
  new TextDecoder().decode(unescapeBase64(new TextEncoder().encode(text)));

Deno.test("unescapeBase64() reads escapes as JSON does, and leaves line breaks out", () => {
  const piece = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."AZaz09+="), maxLength: 20 }),
    fc.constantFrom("\\/", "\\n", "\\r\\n", "\\u002B", "\\u002b", "\\u003d", "\\u000a", "\\u002F"),
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const text = pieces.join("");
    assert.equal(unescape(text), JSON.parse(`"${text}"`).replace(/[\r\n]/g, ""));
  }));
});

Deno.test("unescapeBase64() makes of other escapes what is no base64, and refuses unknown ones", () => {
  for (const text of ["A\\tA", "A\\u00e9A", "A\\u0000A", "A\\u0141A"]) {
    assert.equal(unescape(text), "A\ufffdA", text);
  }
  assert.equal(unescape('A\\"A\\\\'), 'A"A\\');
  for (const text of ["A\\x", "A\\u00", "A\\u00g0", "A\\'"]) {
    assertRefused(() => unescape(text), "INVALID_REQUEST");
  }
});
