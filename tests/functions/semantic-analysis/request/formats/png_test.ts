import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { toOrientationTiff } from "../../../../../supabase/functions/semantic-analysis/request/formats/orientation.ts";
import { readPng } from "../../../../../supabase/functions/semantic-analysis/request/formats/png.ts";
import { blankBytes, describeSize } from "../../../../support/picture-structure.ts";
import { joinBytes } from "../../../../support/pictures.ts";

type Bytes = Uint8Array | readonly number[];

const ascii = (text: string) => new TextEncoder().encode(text);
const big = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);

function toChunk(type: string, data: Bytes = []): Uint8Array {
  const checked = joinBytes(ascii(type), data);
  return joinBytes(big(data.length), checked, big(crc32(checked)));
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const toHeader = (width: number, height: number) =>
  toChunk("IHDR", [...big(width), ...big(height), 8, 2, 0, 0, 0]);
const HEADER = toHeader(9, 7);
const DATA = toChunk("IDAT", [1, 2, 3]);
const END = toChunk("IEND");

const toPng = (...chunks: Uint8Array[]) => joinBytes(SIGNATURE, ...chunks);

const sizeOf = (bytes: Uint8Array) => describeSize(readPng(bytes));

const blank = (bytes: Uint8Array) => blankBytes(bytes, readPng(bytes));

Deno.test("readPng() reads the size in all of its bits, the largest of several headers", () => {
  assert.equal(sizeOf(toPng(toHeader(0x01020304, 5), DATA, END)), "16909060 × 5");
  assert.equal(sizeOf(toPng(toHeader(5, 0x7fffffff), DATA, END)), "5 × 2147483647");
  assert.equal(sizeOf(toPng(HEADER, toHeader(3, 70), DATA, END)), "9 × 70");
});

Deno.test("readPng(): a PNG is cut off before its last checksum ends", () => {
  const png = toPng(HEADER, DATA, END);
  // Some decoders take an end with data.
  const withDataInEnd = toPng(HEADER, DATA, toChunk("IEND", [1, 2, 3, 4, 5]));
  for (const whole of [png, withDataInEnd]) {
    assert.equal(sizeOf(whole), "9 × 7");
    for (let length = 0; length < whole.byteLength; length++) {
      assert.equal(sizeOf(whole.slice(0, length)), "cut off", `${length} bytes`);
    }
  }
});

Deno.test("readPng(): a PNG is broken without a header that comes first, or without data", () => {
  assert.equal(sizeOf(toPng(DATA, HEADER, END)), "broken");
  assert.equal(sizeOf(toPng(HEADER, END)), "broken");
  assert.equal(sizeOf(toPng(toChunk("IHDR", [...big(9), 0, 0, 7]), DATA, END)), "broken");
  assert.equal(sizeOf(toPng(toChunk("IHDR", [...big(9), ...big(7)]), DATA, END)), "9 × 7");
});

Deno.test("readPng(): metadata becomes an empty chunk of the same length with a right checksum", () => {
  for (const type of ["tEXt", "iTXt", "zTXt", "tIME", "eXIf", "abCd", "zZzZ"]) {
    for (const text of ["", "S", "SECRET text", "SECRET".repeat(9)]) {
      assert.deepEqual(
        blank(toPng(HEADER, toChunk(type, ascii(text)), DATA, END)),
        toPng(HEADER, toChunk("blNk", new Uint8Array(text.length)), DATA, END),
      );
    }
  }
});

Deno.test("readPng(): what says how a PNG looks is left", () => {
  const looks = ["tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "hIST", "pHYs", "sPLT"];
  const newer = ["cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT"];
  for (const type of [...looks, ...newer, "PLTE"]) {
    const png = toPng(HEADER, toChunk(type, [1, 2, 3]), DATA, END);
    assert.deepEqual(blank(png), png, type);
  }
});

Deno.test("readPng(): of EXIF the orientation is left, with a right checksum", () => {
  const exif = toOrientationTiff(8);
  for (const more of ["", "S", "SECRET"]) {
    assert.deepEqual(
      blank(toPng(HEADER, toChunk("eXIf", joinBytes(exif, ascii(more))), DATA, END)),
      toPng(HEADER, toChunk("eXIf", joinBytes(exif, new Uint8Array(more.length))), DATA, END),
    );
  }
});

Deno.test("readPng(): EXIF without room for what would be written becomes an empty chunk", () => {
  const short = toOrientationTiff(8).subarray(0, -4);
  assert.deepEqual(
    blank(toPng(HEADER, toChunk("eXIf", short), DATA, END)),
    toPng(HEADER, toChunk("blNk", new Uint8Array(short.length)), DATA, END),
  );
});

Deno.test("readPng(): what is behind the end is blanked", () => {
  const png = toPng(HEADER, DATA, END);
  assert.deepEqual(blank(joinBytes(png, ascii("S"))), joinBytes(png, [0]));
  assert.deepEqual(
    blank(joinBytes(png, toHeader(90, 90))),
    joinBytes(png, new Uint8Array(HEADER.length)),
  );
});

Deno.test("readPng(): metadata in five thousand pieces is taken, in more it is refused", () => {
  const chunk = toChunk("tEXt", [1]);
  const pieces = Array.from({ length: 5_000 }, () => chunk);
  assert.equal(sizeOf(toPng(HEADER, ...pieces, DATA, END)), "9 × 7");
  assert.equal(sizeOf(toPng(HEADER, ...pieces, chunk, DATA, END)), "too many pieces");
});
