import assert from "node:assert/strict";
import { toFailureTable } from "../../../dev/catalogue/print.ts";
import { toPrintable, toPrintableJson } from "../../../dev/demo/printable.ts";
import fc from "../../support/fast-check.ts";

/** Writes the clipboard, clears the screen, goes a line up, and turns what follows. */
const HOSTILE = "https://a/\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b1A\r\u202egnp.exe";

// deno-lint-ignore no-control-regex -- control characters are what it is about
const OBEYED = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

Deno.test("a failed job's picture and reason: the terminal obeys nothing of them", () => {
  const table = toFailureTable(
    [
      {
        ...{ job_id: "1", material_id: null, attempts: 1, ended_at: "" },
        ...{ code: "INVALID_IMAGE", source: HOSTILE, error: `${HOSTILE}\n0 failed` },
      },
    ] as unknown as Parameters<typeof toFailureTable>[0],
  );
  const printed = table.map(toPrintable);
  assert.ok(table.some((line) => OBEYED.test(line)));
  for (const line of printed) assert.doesNotMatch(line, OBEYED);
  assert.match(printed.join("\n"), /https:\/\/a\/�]52/);
});

Deno.test("toPrintable() leaves text as it is, in any language", () => {
  const text = "Eiche – «дуб» 橡木 بلوط é 🪵 · $0.10";
  assert.equal(toPrintable(text), text);
});

Deno.test("toPrintableJson() is the value again, and nothing of it is obeyed", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })),
      (value) => {
        const json = toPrintableJson({ ...value, hostile: HOSTILE });
        assert.deepEqual(JSON.parse(json), { ...value, hostile: HOSTILE });
        for (const line of json.split("\n")) assert.doesNotMatch(line, OBEYED);
      },
    ),
  );
});
