import assert from "node:assert/strict";
import { findJpegMarker } from "../../../../../supabase/functions/_shared/platform/base64/jpeg-marker.ts";
import fc from "../../../../support/fast-check.ts";

/** The same, byte by byte. */
function findSlowly(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1]!;
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (bytes[at] === 0xff && !isData) return at;
  }
  return -1;
}

Deno.test("findJpegMarker() finds what a search byte by byte finds, from any place", () => {
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0xff, 0x00, 0xd0, 0xd7, 0xd8, 0xcf, 0xd9) },
    fc.nat(255),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 80 }), fc.nat(80), (array, from) => {
      const bytes = Uint8Array.from(array);
      assert.equal(findJpegMarker(bytes, from), findSlowly(bytes, from));
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("findJpegMarker() finds a marker on either side of what is searched at a time", () => {
  const length = 300_000;
  for (const at of [0, 15, 16, 98_302, 98_303, 98_304, 98_305, 196_607, 196_608, length - 2]) {
    const bytes = new Uint8Array(length).fill(0x11);
    bytes.set([0xff, 0xd9], at);
    assert.equal(findJpegMarker(bytes, 0), at);
    assert.equal(findJpegMarker(bytes, at + 1), -1);
  }
  const cut = new Uint8Array(length).fill(0x11);
  cut[length - 1] = 0xff;
  assert.equal(findJpegMarker(cut, 0), -1);
});
