import assert from "node:assert/strict";
import {
  type PictureMediaType,
  readStructure,
  sniffMediaType,
} from "../../../../supabase/functions/semantic-analysis/request/picture-header.ts";
import type { PictureSize } from "../../../../supabase/functions/semantic-analysis/request/formats/structure.ts";
import fc from "../../../support/fast-check.ts";
import {
  encodePicture,
  ENCODING_NAMES,
  ENCODINGS,
  joinBytes,
  readSizeWithSharp,
  toGifHeader,
  toJpegSegment,
} from "../../../support/pictures.ts";

const MEDIA_TYPES: PictureMediaType[] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

/** Sides that differ, that need the second byte, and that are as small as can be. */
const SIZES = [{ width: 37, height: 21 }, { width: 300, height: 1027 }, { width: 1, height: 1 }];

const START_OF_IMAGE = [0xff, 0xd8];
const START_OF_SCAN = toJpegSegment(0xda, [1, 1, 0, 0, 63, 0]);
const END_OF_IMAGE = [0xff, 0xd9];

/** A start of frame of 258 × 4 pixels. */
function toStartOfFrame(marker: number): Uint8Array {
  return toJpegSegment(marker, [8, 0, 4, 1, 2, 1, 1, 0x11, 0]);
}

const FRAME_SIZE = { width: 258, height: 4 };

/** With something that passes for a picture, and its end. */
function toJpeg(...segments: (Uint8Array | readonly number[])[]): Uint8Array {
  return joinBytes(START_OF_IMAGE, ...segments, START_OF_SCAN, [0x12, 0xff, 0x00], END_OF_IMAGE);
}

function toWebp(fourCc: string, payload: readonly number[]): Uint8Array {
  const ascii = (text: string) => new TextEncoder().encode(text);
  const toLength = (length: number) => [length & 0xff, length >> 8, 0, 0];
  return joinBytes(
    ascii("RIFF"),
    toLength(12 + payload.length),
    ascii("WEBP"),
    ascii(fourCc),
    toLength(payload.length),
    payload,
  );
}

/** null for what is no whole picture. */
function sizeOf(bytes: Uint8Array, mediaType: PictureMediaType): PictureSize | null {
  const structure = readStructure(bytes, mediaType);
  if (typeof structure === "string") return null;
  const { width, height } = structure;
  return { width, height };
}

for (const name of ENCODING_NAMES) {
  const { mediaType } = ENCODINGS[name];

  Deno.test(`sniffMediaType() and readStructure() agree with sharp on a ${name}`, async () => {
    for (const size of SIZES) {
      const bytes = await encodePicture(name, size);
      assert.deepEqual(await readSizeWithSharp(bytes), size);
      assert.equal(sniffMediaType(bytes), mediaType);
      assert.deepEqual(sizeOf(bytes, mediaType), size);
    }
  });

  Deno.test(`readStructure() gives null or the size of a ${name} cut off at any byte`, async () => {
    const size = { width: 300, height: 211 };
    const bytes = await encodePicture(name, size);
    // What lies behind the view must not be read.
    const surrounded = joinBytes([0xff, 0xff, 0xff], bytes, [0xff, 0xff, 0xff]).subarray(3);
    let firstLength = 0;
    for (let length = 0; length <= bytes.length; length++) {
      const read = sizeOf(surrounded.subarray(0, length), mediaType);
      if (read === null) {
        assert.equal(firstLength, 0, `lost the size again at "${length}" bytes`);
      } else {
        assert.deepEqual(read, size, `at "${length}" bytes`);
        firstLength ||= length;
      }
      const sniffed = sniffMediaType(surrounded.subarray(0, length));
      assert.ok(sniffed === mediaType || (sniffed === null && length < 12));
    }
    assert.ok(firstLength >= 10, `the size was known from "${firstLength}" bytes on`);
  });
}

Deno.test("sniffMediaType() gives null for what is none of the four types", () => {
  const ascii = (text: string) => new TextEncoder().encode(text);
  assert.equal(sniffMediaType(new Uint8Array()), null);
  assert.equal(sniffMediaType(ascii("<svg xmlns='http://www.w3.org/2000/svg'/>")), null);
  assert.equal(sniffMediaType(ascii("%PDF-1.7")), null);
  assert.equal(sniffMediaType(ascii("BM......")), null);
  assert.equal(sniffMediaType(ascii("....ftypavif")), null);
  assert.equal(sniffMediaType(ascii("RIFF....WAVEfmt ")), null);
  assert.equal(sniffMediaType(ascii("GIF88a..")), null);
  assert.equal(sniffMediaType(ascii(".GIF89a..")), null);
});

Deno.test("sniffMediaType() takes both versions of GIF", () => {
  const ascii = (text: string) => new TextEncoder().encode(text);
  assert.equal(sniffMediaType(ascii("GIF87a")), "image/gif");
  assert.equal(sniffMediaType(ascii("GIF89a")), "image/gif");
});

Deno.test("readStructure() skips the fill bytes before a JPEG marker", () => {
  const fill = new Uint8Array(100).fill(0xff);
  const jpeg = toJpeg(fill, toJpegSegment(0xe0, [1, 2, 3]), fill, toStartOfFrame(0xc0));
  assert.deepEqual(sizeOf(jpeg, "image/jpeg"), FRAME_SIZE);
});

Deno.test("readStructure() skips JPEG segments of any length and standalone markers", () => {
  const decoy = joinBytes(START_OF_IMAGE, toJpegSegment(0xc0, [8, 0, 9, 0, 9, 1, 1, 0x11, 0]));
  const jpeg = toJpeg(
    toJpegSegment(0xe1, decoy),
    toJpegSegment(0xfe, []),
    toJpegSegment(0xe2, new Uint8Array(65_533)),
    [0xff, 0x01, 0xff, 0xd0],
    toJpegSegment(0xdb, new Uint8Array(65)),
    toStartOfFrame(0xc0),
    START_OF_SCAN,
  );
  assert.deepEqual(sizeOf(jpeg, "image/jpeg"), FRAME_SIZE);
});

Deno.test("readStructure() takes every start of frame and no other marker for one", () => {
  const frames = [0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15].map((number) => 0xc0 + number);
  for (let marker = 0x02; marker <= 0xfe; marker++) {
    const size = sizeOf(toJpeg(toStartOfFrame(marker)), "image/jpeg");
    if (frames.includes(marker)) assert.deepEqual(size, FRAME_SIZE, marker.toString(16));
    else assert.equal(size, null, marker.toString(16));
  }
});

Deno.test("readStructure() gives null for a JPEG that scans or ends before any frame", () => {
  const frame = toStartOfFrame(0xc0);
  assert.equal(sizeOf(toJpeg(START_OF_SCAN, frame), "image/jpeg"), null);
  assert.equal(sizeOf(toJpeg([0xff, 0xd9], frame), "image/jpeg"), null);
});

Deno.test("readStructure() gives null for a JPEG segment that is shorter than its own length", () => {
  const frame = toStartOfFrame(0xc0);
  assert.equal(sizeOf(toJpeg([0xff, 0xe0, 0, 0], frame), "image/jpeg"), null);
  assert.equal(sizeOf(toJpeg([0xff, 0xe0, 0, 1], frame), "image/jpeg"), null);
  assert.equal(sizeOf(toJpeg([0xff, 0xe0, 0, 9], frame), "image/jpeg"), null);
});

Deno.test("readStructure() reads the 24 bits of an extended WebP", () => {
  const webp = toWebp("VP8X", [0, 0, 0, 0, 0xff, 0xff, 0xff, 0x00, 0x00, 0x01]);
  assert.deepEqual(sizeOf(webp, "image/webp"), { width: 16_777_216, height: 65_537 });
});

Deno.test("readStructure() reads the 14 bits of a lossless and a lossy WebP", () => {
  const lossless = toWebp("VP8L", [0x2f, 0xff, 0xff, 0xff, 0xff]);
  assert.deepEqual(sizeOf(lossless, "image/webp"), { width: 16_384, height: 16_384 });
  const lossy = toWebp("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0xff, 0x05, 0xc0]);
  assert.deepEqual(sizeOf(lossy, "image/webp"), { width: 16_383, height: 5 });
});

Deno.test("readStructure() gives null for a WebP without its signature or of another kind", () => {
  assert.equal(sizeOf(toWebp("VP8L", [0x2e, 0, 0, 0, 0]), "image/webp"), null);
  assert.equal(
    sizeOf(toWebp("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2b, 1, 0, 1, 0]), "image/webp"),
    null,
  );
  assert.equal(sizeOf(toWebp("ALPH", new Array(20).fill(1)), "image/webp"), null);
});

Deno.test("readStructure() gives null for a PNG that doesn't begin with IHDR", async () => {
  const png = await encodePicture("PNG", { width: 8, height: 8 });
  png.set(new TextEncoder().encode("IDAT"), 12);
  assert.equal(sizeOf(png, "image/png"), null);
});

Deno.test("readStructure() reads the full range of a PNG and a GIF", async () => {
  const png = await encodePicture("PNG", { width: 8, height: 8 });
  png.set([0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 1], 16);
  assert.deepEqual(sizeOf(png, "image/png"), { width: 0xffff_ffff, height: 0x8000_0001 });
  const size = { width: 65_535, height: 258 };
  assert.deepEqual(sizeOf(toGifHeader(size), "image/gif"), size);
});

Deno.test("readStructure() lets a side be 0", () => {
  const size = { width: 0, height: 7 };
  assert.deepEqual(sizeOf(toGifHeader(size), "image/gif"), size);
});

function assertSizeOrNull(bytes: Uint8Array, mediaType: PictureMediaType): void {
  const size = sizeOf(bytes, mediaType);
  if (size === null) return;
  assert.deepEqual(Object.keys(size).sort(), ["height", "width"]);
  for (const side of Object.values(size)) {
    assert.ok(Number.isInteger(side) && side >= 0 && side <= 0xffff_ffff, `side "${side}"`);
  }
}

Deno.test("sniffMediaType() and readStructure() never throw on arbitrary bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const mediaType = sniffMediaType(bytes);
      assert.ok(mediaType === null || MEDIA_TYPES.includes(mediaType));
      for (const anyType of MEDIA_TYPES) assertSizeOrNull(bytes, anyType);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("readStructure() never throws on JPEG segments in any order, whole or cut off", () => {
  const marker = fc.oneof(fc.constantFrom(0xc0, 0xc2, 0xc4, 0xd9, 0xda, 0xff, 0), fc.nat(255));
  const segment = fc.tuple(marker, fc.uint8Array({ maxLength: 40 }), fc.nat(3))
    .map(([marker, payload, cut]) => {
      const bytes = toJpegSegment(marker, payload);
      return bytes.subarray(0, bytes.length - cut);
    });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 20 }), (segments) => {
      assertSizeOrNull(toJpeg(...segments), "image/jpeg");
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("readStructure() never throws on a real header with bytes changed", async () => {
  const pictures = await Promise.all(ENCODING_NAMES.map(async (name) => ({
    bytes: await encodePicture(name, { width: 37, height: 21 }),
    mediaType: ENCODINGS[name].mediaType,
  })));
  const change = fc.record({ at: fc.nat(600), to: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...pictures),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      ({ bytes, mediaType }, changes) => {
        const changed = bytes.slice();
        for (const { at, to } of changes) changed[at % changed.length] = to;
        assertSizeOrNull(changed, mediaType);
      },
    ),
    { numRuns: 2_000 },
  );
});
