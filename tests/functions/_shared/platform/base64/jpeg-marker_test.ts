import assert from "node:assert/strict";
import { findJpegMarker } from "../../../../../supabase/functions/_shared/platform/base64/jpeg-marker.ts";
import { useWasm } from "../../../../../supabase/functions/_shared/platform/base64/wasm.ts";
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
  const ends = [64, 2_112, 6_208, 14_400, 30_784, 63_552, 129_088, 227_392];
  const places = ends.flatMap((end) => [end - 2, end - 1, end, end + 1]);
  for (const at of [0, 15, 16, ...places, length - 2]) {
    const bytes = new Uint8Array(length).fill(0x11);
    bytes.set([0xff, 0xd9], at);
    assert.equal(findJpegMarker(bytes, 0), at);
    assert.equal(findJpegMarker(bytes, at + 1), -1);
  }
  const cut = new Uint8Array(length).fill(0x11);
  cut[length - 1] = 0xff;
  assert.equal(findJpegMarker(cut, 0), -1);
});

Deno.test("findJpegMarker(): a walk from marker to marker copies the bytes a few times over and no more", () => {
  const { memory } = useWasm();
  let copiedBytes = 0;
  memory.set = (input: ArrayLike<number>, offset = 0) => {
    copiedBytes += input.length;
    Uint8Array.prototype.set.call(memory, input, offset);
  };
  try {
    for (const dataBytes of [1, 63, 64, 65, 1_000, 5_000, 100_000]) {
      const piece = new Uint8Array(dataBytes + 2).fill(0x11);
      piece.set([0xff, 0xd8], dataBytes);
      const bytes = new Uint8Array(Math.ceil(400_000 / piece.length) * piece.length);
      for (let at = 0; at < bytes.length; at += piece.length) bytes.set(piece, at);
      copiedBytes = 0;
      let markers = 0;
      for (let at = findJpegMarker(bytes, 0); at !== -1; at = findJpegMarker(bytes, at + 2)) {
        markers++;
      }
      assert.equal(markers, bytes.length / piece.length);
      const times = copiedBytes / bytes.length;
      assert.ok(times <= 35, `data of ${dataBytes} bytes: copied ${times} times`);
    }
  } finally {
    Reflect.deleteProperty(memory, "set");
  }
});
