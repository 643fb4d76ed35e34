import assert from "node:assert/strict";
import { toOrientationTiff } from "../../../../../supabase/functions/semantic-analysis/request/formats/orientation.ts";
import { readWebp } from "../../../../../supabase/functions/semantic-analysis/request/formats/webp.ts";
import { blankBytes, describeSize } from "../../../../support/picture-structure.ts";
import { joinBytes } from "../../../../support/pictures.ts";

type Bytes = Uint8Array | readonly number[];

const ascii = (text: string) => new TextEncoder().encode(text);
const little = (value: number, byteCount: number) =>
  Array.from({ length: byteCount }, (_, index) => (value >>> 8 * index) & 0xff);

function toChunk(type: string, data: Bytes): Uint8Array {
  return joinBytes(ascii(type), little(data.length, 4), data, data.length % 2 === 0 ? [] : [0]);
}

function toWebp(...chunks: Uint8Array[]): Uint8Array {
  const body = joinBytes(...chunks);
  return joinBytes(ascii("RIFF"), little(body.length + 4, 4), ascii("WEBP"), body);
}

/** The chunk that tells the canvas, and of what other chunks there are. */
const toCanvas = (width: number, height: number, flags = 0) =>
  toChunk("VP8X", [...little(flags, 4), ...little(width - 1, 3), ...little(height - 1, 3)]);

const toLossless = (width: number, height: number) =>
  toChunk("VP8L", [0x2f, ...little(width - 1 | (height - 1) << 14, 4)]);

const toLossy = (width: number, height: number) =>
  toChunk("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2a, ...little(width, 2), ...little(height, 2)]);

const toFrame = (x: number, y: number, width: number, height: number) =>
  toChunk(
    "ANMF",
    [x, y, width - 1, height - 1].flatMap((each) => little(each, 3)),
  );

const sizeOf = (bytes: Uint8Array) => describeSize(readWebp(bytes));

const blank = (bytes: Uint8Array) => blankBytes(bytes, readWebp(bytes));

Deno.test("readWebp() reads the size of each kind of chunk, in all of its bits", () => {
  assert.equal(sizeOf(toWebp(toLossy(16_383, 9))), "16383 × 9");
  assert.equal(sizeOf(toWebp(toLossy(258, 16_383))), "258 × 16383");
  // The two bits above are how a decoder is to scale it.
  assert.equal(sizeOf(toWebp(toLossy(0x4000 | 300, 0xc000 | 200))), "300 × 200");
  assert.equal(sizeOf(toWebp(toLossless(16_384, 5))), "16384 × 5");
  assert.equal(sizeOf(toWebp(toLossless(5, 16_384))), "5 × 16384");
  assert.equal(sizeOf(toWebp(toCanvas(70_000, 300))), "70000 × 300");
  assert.equal(sizeOf(toWebp(toCanvas(300, 0x123456))), "300 × 1193046");
  assert.equal(sizeOf(toWebp(toFrame(0, 0, 70_000, 300))), "70000 × 300");
  assert.equal(sizeOf(toWebp(toFrame(0, 0, 3, 0x123456))), "3 × 1193046");
});

Deno.test("readWebp() takes the largest of what canvas, frames and pictures tell; a frame's place is in twos", () => {
  assert.equal(sizeOf(toWebp(toCanvas(10, 20), toFrame(30, 40, 50, 60))), "110 × 140");
  assert.equal(sizeOf(toWebp(toCanvas(200, 20), toLossy(10, 90))), "200 × 90");
});

Deno.test("readWebp() believes no size of a chunk that is too short or has the wrong signature", () => {
  const chunk = (type: string, data: Bytes) => sizeOf(toWebp(toChunk(type, data)));
  const dataOf = (bytes: Uint8Array) => bytes.slice(8, 8 + bytes[4]!);
  for (
    const [type, whole] of [
      ["VP8X", toCanvas(9, 9)],
      ["ANMF", toFrame(0, 0, 9, 9)],
      ["VP8L", toLossless(9, 9)],
      ["VP8 ", toLossy(9, 9)],
    ] as const
  ) {
    const data = dataOf(whole);
    assert.equal(chunk(type, data), "9 × 9");
    assert.equal(chunk(type, joinBytes(data, [1, 2, 3])), "9 × 9");
    for (let length = 0; length < data.length; length++) {
      assert.equal(chunk(type, data.subarray(0, length)), "broken", `${type} of ${length}`);
    }
  }
  assert.equal(chunk("VP8L", [0x2e, ...dataOf(toLossless(9, 9)).subarray(1)]), "broken");
  for (const at of [3, 4, 5]) {
    assert.equal(chunk("VP8 ", dataOf(toLossy(9, 9)).with(at, 0)), "broken");
  }
  assert.equal(sizeOf(toWebp(toLossy(0, 9))), "broken");
  assert.equal(sizeOf(toWebp(toLossy(9, 0))), "broken");
});

Deno.test("readWebp(): a WebP is cut off before its announced end, and broken where a chunk is longer than it", () => {
  const whole = toWebp(toLossless(9, 9), toLossy(8, 8));
  assert.equal(sizeOf(whole), "9 × 9");
  for (let length = 0; length < whole.byteLength; length++) {
    assert.equal(sizeOf(whole.slice(0, length)), "cut off", `${length} bytes`);
  }
  const long = whole.slice();
  long[whole.byteLength - 10 - 4]! += 1;
  assert.equal(sizeOf(long), "broken");
  // A last chunk whose header doesn't fit is none.
  assert.equal(sizeOf(toWebp(toLossy(9, 9), ascii("VP8 123"))), "9 × 9");
  assert.equal(sizeOf(toWebp(toChunk("VP8 ", []))), "broken");
});

Deno.test("readWebp(): of EXIF the orientation is left, with the name before it that it has in a JPEG or without", () => {
  const exif = toOrientationTiff(6);
  for (const name of ["", "Exif\0\0"]) {
    const data = joinBytes(ascii(name), exif, ascii("SECRET"));
    const left = joinBytes(exif, new Uint8Array(data.length - exif.length));
    const picture = [toCanvas(9, 9, 0x08), toLossy(9, 9)];
    assert.deepEqual(
      blank(toWebp(...picture, toChunk("EXIF", data), toLossy(8, 8))),
      toWebp(...picture, toChunk("EXIF", left), toLossy(8, 8)),
    );
  }
  // An orientation is kept in an EXIF that is as long as what is written there.
  const shortest = toWebp(toLossy(9, 9), toChunk("EXIF", exif));
  assert.deepEqual(blank(shortest), shortest);
});

Deno.test("readWebp(): other metadata becomes junk of the same length, and VP8X doesn't announce it", () => {
  for (
    const [type, flagsLeft] of [["EXIF", 0xa5f7], ["XMP ", 0xa5fb], ["ABCD", 0xa5ff]] as const
  ) {
    for (const text of ["", "SECRET", "SECRETS", "SECRET".repeat(9)]) {
      assert.deepEqual(
        blank(toWebp(toCanvas(9, 9, 0xa5ff), toChunk(type, ascii(text)), toLossy(9, 9))),
        toWebp(
          toCanvas(9, 9, flagsLeft),
          toChunk("JUNK", new Uint8Array(text.length)),
          toLossy(9, 9),
        ),
      );
      // Without VP8X there are no flags where it has them.
      assert.deepEqual(
        blank(toWebp(toLossless(9, 9), toChunk(type, ascii(text)))),
        toWebp(toLossless(9, 9), toChunk("JUNK", new Uint8Array(text.length))),
      );
    }
  }
  // An orientation without room for what would be written.
  const short = toOrientationTiff(6).subarray(0, -4);
  assert.deepEqual(
    blank(toWebp(toCanvas(9, 9, 0x08), toChunk("EXIF", short))),
    toWebp(toCanvas(9, 9), toChunk("JUNK", new Uint8Array(short.length))),
  );
  const both = [toChunk("EXIF", ascii("S")), toChunk("XMP ", ascii("S"))];
  const junk = toChunk("JUNK", [0]);
  assert.deepEqual(
    blank(toWebp(toCanvas(9, 9, 0x1c), ...both)),
    toWebp(toCanvas(9, 9, 0x10), junk, junk),
  );
});

Deno.test("readWebp(): what is behind the announced end is blanked, and nothing before it", () => {
  const whole = toWebp(toLossy(9, 9));
  assert.deepEqual(blank(joinBytes(whole, ascii("S"))), joinBytes(whole, [0]));
  assert.deepEqual(blank(joinBytes(whole, toLossy(90, 90))), joinBytes(whole, new Uint8Array(18)));
});

Deno.test("readWebp(): metadata in five thousand pieces is taken, in more it is refused", () => {
  const chunk = toChunk("NOTE", [1, 2]);
  const pieces = Array.from({ length: 5_000 }, () => chunk);
  assert.equal(sizeOf(toWebp(toLossy(9, 7), ...pieces)), "9 × 7");
  assert.equal(sizeOf(toWebp(toLossy(9, 7), ...pieces, chunk)), "too many pieces");
});
