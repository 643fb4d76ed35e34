import assert from "node:assert/strict";
import {
  readOrientation,
  TIFF_BYTES,
  toOrientationTiff,
} from "../../../../../supabase/functions/semantic-analysis/request/formats/orientation.ts";
import { joinBytes } from "../../../../support/pictures.ts";

type Entry = [tag: number, type: number, value: number];

const [ORIENTATION, SHORT, LONG] = [0x0112, 3, 4];
const WIDTH: Entry = [0x0100, SHORT, 7];

/** EXIF with these entries in its first directory, in either order of bytes. */
function toTiff(entries: Entry[], isLittle: boolean, directoryAt = 8): Uint8Array {
  const tiff = new Uint8Array(directoryAt + 2 + entries.length * 12);
  const view = new DataView(tiff.buffer);
  tiff.set(isLittle ? [0x49, 0x49, 0x2a, 0] : [0x4d, 0x4d, 0, 0x2a]);
  view.setUint32(4, directoryAt, isLittle);
  view.setUint16(directoryAt, entries.length, isLittle);
  entries.forEach(([tag, type, value], index) => {
    const at = directoryAt + 2 + index * 12;
    view.setUint16(at, tag, isLittle);
    view.setUint16(at + 2, type, isLittle);
    view.setUint32(at + 4, 1, isLittle);
    view.setUint16(at + 8, value, isLittle);
  });
  return tiff;
}

Deno.test("readOrientation() finds 2 to 8 in either order of bytes, wherever the entry is", () => {
  for (const isLittle of [true, false]) {
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      const entry: Entry = [ORIENTATION, SHORT, orientation];
      for (const entries of [[entry], [WIDTH, WIDTH, entry], [entry, WIDTH]]) {
        assert.equal(readOrientation(toTiff(entries, isLittle)), orientation);
        assert.equal(readOrientation(toTiff(entries, isLittle, 300)), orientation);
      }
    }
  }
});

Deno.test("readOrientation() gives null for upright, a value or type that is none, and no entry", () => {
  for (const isLittle of [true, false]) {
    for (const orientation of [0, 1, 9, 600]) {
      assert.equal(readOrientation(toTiff([[ORIENTATION, SHORT, orientation]], isLittle)), null);
    }
    assert.equal(readOrientation(toTiff([[ORIENTATION, LONG, 6]], isLittle)), null);
    assert.equal(readOrientation(toTiff([WIDTH], isLittle)), null);
    assert.equal(readOrientation(toTiff([], isLittle)), null);
    // The first entry decides.
    const two: Entry[] = [[ORIENTATION, SHORT, 1], [ORIENTATION, SHORT, 6]];
    assert.equal(readOrientation(toTiff(two, isLittle)), null);
  }
});

Deno.test("readOrientation() gives null for EXIF that is cut off anywhere, or of another kind", () => {
  const tiff = toTiff([WIDTH, [ORIENTATION, SHORT, 6]], false);
  assert.equal(readOrientation(tiff), 6);
  for (let length = 0; length < tiff.byteLength; length++) {
    assert.equal(readOrientation(tiff.slice(0, length)), null, `${length} bytes`);
    // A view into a larger buffer ends where it ends.
    assert.equal(readOrientation(tiff.subarray(0, length)), null, `${length} bytes`);
  }
  assert.equal(readOrientation(joinBytes([0], tiff)), null);
  for (const at of [0, 1, 2, 3]) {
    assert.equal(readOrientation(tiff.with(at, tiff[at]! ^ 0x01)), null, `byte ${at}`);
  }
  const far = tiff.slice();
  far.set([0xff, 0xff, 0xff, 0xff], 4);
  assert.equal(readOrientation(far), null);
});

Deno.test("toOrientationTiff() is what readOrientation() reads, and as long as it says", () => {
  for (const orientation of [2, 5, 8]) {
    const tiff = toOrientationTiff(orientation);
    assert.equal(tiff.byteLength, TIFF_BYTES);
    assert.equal(readOrientation(tiff), orientation);
    // After its header of 8 bytes and its one entry of 2 and 12 there is no further directory.
    assert.deepEqual(tiff.subarray(22), new Uint8Array(4));
  }
});
