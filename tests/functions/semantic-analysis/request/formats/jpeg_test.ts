import assert from "node:assert/strict";
import { readJpeg } from "../../../../../supabase/functions/semantic-analysis/request/formats/jpeg.ts";
import { toOrientationTiff } from "../../../../../supabase/functions/semantic-analysis/request/formats/orientation.ts";
import { blankBytes, describeSize } from "../../../../support/picture-structure.ts";
import { joinBytes, toJpegSegment } from "../../../../support/pictures.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const zeros = (byteCount: number) => new Uint8Array(byteCount);

const START = [0xff, 0xd8];
const END = [0xff, 0xd9];
const SCAN = joinBytes(toJpegSegment(0xda, [1, 2, 3]), [1, 0xff, 0x00, 2]);

const toFrame = (width: number, height: number, marker = 0xc0) =>
  toJpegSegment(marker, [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1]);
const FRAME = toFrame(9, 7);

/** A picture with these segments before its frame. */
const toJpeg = (...segments: (Uint8Array | readonly number[])[]) =>
  joinBytes(START, ...segments, FRAME, SCAN, END);

const sizeOf = (...parts: (Uint8Array | readonly number[])[]) =>
  describeSize(readJpeg(joinBytes(...parts)));

const blank = (bytes: Uint8Array) => blankBytes(bytes, readJpeg(bytes));

Deno.test("readJpeg() reads the size of each kind of frame and of no other segment, the largest of several", () => {
  const others = [0xc4, 0xc8, 0xcc];
  for (let marker = 0xc0; marker <= 0xcf; marker++) {
    const expected = others.includes(marker) ? "9 × 7" : "300 × 600";
    assert.equal(sizeOf(toJpeg(toFrame(300, 600, marker))), expected, marker.toString(16));
  }
  for (const marker of [0xbf, 0xdb, 0xdd]) {
    assert.equal(sizeOf(toJpeg(toFrame(300, 600, marker))), "9 × 7");
  }
  assert.equal(sizeOf(toJpeg(toFrame(65_535, 1))), "65535 × 7");
  assert.equal(sizeOf(START, FRAME, SCAN, toFrame(90, 3), SCAN, END), "90 × 7");
});

Deno.test("readJpeg() steps over fill bytes, markers that stand alone and bytes between segments behind a scan", () => {
  assert.equal(sizeOf(toJpeg([0xff, 0xff, 0xff])), "9 × 7");
  for (const marker of [0x01, 0xd0, 0xd7, 0xd8]) {
    assert.equal(sizeOf(toJpeg([0xff, marker])), "9 × 7");
    assert.equal(sizeOf(START, FRAME, SCAN, [0xff, marker], SCAN, END), "9 × 7");
  }
  const table = toJpegSegment(0xc4, [1, 2]);
  assert.equal(sizeOf(START, FRAME, SCAN, table, [1, 2, 0xff, 0x00, 3], SCAN, END), "9 × 7");
});

Deno.test("readJpeg(): a JPEG is cut off before its end", () => {
  const jpeg = joinBytes(
    START,
    FRAME,
    SCAN,
    toJpegSegment(0xc4, [1, 2]),
    [0],
    SCAN,
    [0xff, 0xff],
    END,
  );
  assert.equal(sizeOf(jpeg), "9 × 7");
  for (let length = 2; length < jpeg.byteLength; length++) {
    assert.equal(sizeOf(jpeg.slice(0, length)), "cut off", `${length} bytes`);
  }
});

Deno.test("readJpeg(): a JPEG is broken without a frame before its scan, without a scan, and by bytes before it", () => {
  assert.equal(sizeOf(START, SCAN, FRAME, END), "broken");
  assert.equal(sizeOf(START, FRAME, END), "broken");
  assert.equal(sizeOf(START, END), "broken");
  assert.equal(sizeOf(toJpeg([0])), "broken");
  assert.equal(sizeOf(toJpeg([0xff, 0x00])), "broken");
  // A length counts its own two bytes.
  for (const length of [0, 1]) {
    assert.equal(sizeOf(toJpeg([0xff, 0xe0, 0, length])), "broken");
    assert.equal(sizeOf(START, FRAME, SCAN, [0xff, 0xe0, 0, length], SCAN, END), "broken");
  }
  assert.equal(sizeOf(toJpeg([0xff, 0xe0, 0, 2])), "9 × 7");
  assert.equal(sizeOf(toJpeg(toJpegSegment(0xc0, [8, 0, 7, 0]))), "broken");
  assert.equal(sizeOf(START, toJpegSegment(0xc0, [8, 0, 7, 0, 9]), SCAN, END), "9 × 7");
});

Deno.test("readJpeg(): the segments of applications are blanked, but for what says how a JPEG looks", () => {
  for (let marker = 0xe0; marker <= 0xef; marker++) {
    for (const text of ["S", "SECRET", "Exif", "JFIF", "ICC_PROFILE", "Adob"]) {
      assert.deepEqual(
        blank(toJpeg(toJpegSegment(marker, ascii(text)))),
        toJpeg(toJpegSegment(marker, zeros(text.length))),
      );
    }
  }
  for (
    const [marker, text] of [
      [0xe2, "ICC_PROFILE\0\x01\x01profile"],
      [0xee, "Adobe\0\x64"],
      [0xe0, "JFIF\0\x01\x02\0\0\x01\0\x01\0\0"],
      [0xdb, "no application"],
      [0xf0, "no application"],
    ] as const
  ) {
    const jpeg = toJpeg(toJpegSegment(marker, ascii(text)));
    assert.deepEqual(blank(jpeg), jpeg);
    if (marker === 0xdb || marker === 0xf0) continue;
    // Elsewhere it means nothing.
    assert.deepEqual(
      blank(toJpeg(toJpegSegment(0xe5, ascii(text)))),
      toJpeg(toJpegSegment(0xe5, zeros(text.length))),
    );
  }
});

Deno.test("readJpeg(): JFIF's thumbnail is blanked, and what comes before it is left", () => {
  const jfif = ascii("JFIF\0\x01\x02\0\0\x01\0\x01\x02\x01");
  for (const thumbnail of ["S", "SECRET"]) {
    assert.deepEqual(
      blank(toJpeg(toJpegSegment(0xe0, joinBytes(jfif, ascii(thumbnail))))),
      toJpeg(toJpegSegment(0xe0, joinBytes(jfif, zeros(thumbnail.length)))),
    );
  }
});

Deno.test("readJpeg(): a comment becomes an application's segment of zeros, and an empty one is left", () => {
  for (const length of [1, 6, 253, 254, 300, 65_533]) {
    assert.deepEqual(
      blank(toJpeg(toJpegSegment(0xfe, zeros(length).fill(0x53)))),
      toJpeg(toJpegSegment(0xef, zeros(length))),
    );
  }
  const empty = toJpeg(toJpegSegment(0xfe, []));
  assert.deepEqual(blank(empty), empty);
});

Deno.test("readJpeg(): of EXIF the orientation is left, if there is one and room for it", () => {
  const exif = joinBytes(ascii("Exif\0\0"), toOrientationTiff(6));
  for (const more of ["", "S", "SECRET"]) {
    assert.deepEqual(
      blank(toJpeg(toJpegSegment(0xe1, joinBytes(exif, ascii(more))))),
      toJpeg(toJpegSegment(0xe1, joinBytes(exif, zeros(more.length)))),
    );
  }
  const upright = joinBytes(ascii("Exif\0\0"), toOrientationTiff(1));
  const short = exif.subarray(0, -4);
  for (const content of [upright, short.subarray(0, -1), joinBytes([0], exif)]) {
    assert.deepEqual(
      blank(toJpeg(toJpegSegment(0xe1, content))),
      toJpeg(toJpegSegment(0xe1, zeros(content.length))),
    );
  }
  assert.deepEqual(
    blank(toJpeg(toJpegSegment(0xe5, exif))),
    toJpeg(toJpegSegment(0xe5, zeros(exif.length))),
  );
  // Without the four bytes that say there is no second directory, it is shorter than what is written.
  assert.deepEqual(
    blank(toJpeg(toJpegSegment(0xe1, short))),
    toJpeg(toJpegSegment(0xe1, zeros(short.length))),
  );
});

Deno.test("readJpeg(): what is behind the end is blanked", () => {
  assert.deepEqual(blank(joinBytes(toJpeg(), ascii("S"))), joinBytes(toJpeg(), [0]));
  assert.deepEqual(
    blank(joinBytes(toJpeg(), toJpeg())),
    joinBytes(toJpeg(), zeros(toJpeg().length)),
  );
});

Deno.test("readJpeg(): metadata in ten thousand pieces is taken, in more it is refused", () => {
  for (const segment of [toJpegSegment(0xe1, [1]), toJpegSegment(0xfe, [1])]) {
    const pieces = Array.from({ length: 10_000 }, () => segment);
    assert.equal(sizeOf(toJpeg(...pieces)), "9 × 7");
    assert.equal(sizeOf(toJpeg(...pieces, segment)), "too many pieces");
  }
});
