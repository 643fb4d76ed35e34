import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import {
  readPlainSize,
  sniffMediaType,
} from "../../../../../supabase/functions/_shared/client/picture/picture-header.ts";
import fc from "../../../../support/fast-check.ts";
import { joinBytes, toJpegSegment } from "../../../../support/pictures.ts";

const picture = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: 31, height: 17, channels, background: "#a06a3280" } });
const withPlace = (source: Sharp) =>
  source.withExif({ IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 51/1 29/1" } });
const withXmp = (source: Sharp) => source.withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");

const PLAIN: Record<string, Sharp> = {
  "a JPEG": picture().jpeg(),
  "a progressive JPEG": picture().jpeg({ progressive: true }),
  "a grey JPEG": picture().greyscale().jpeg(),
  "a JPEG with a colour profile": picture().withIccProfile("p3").jpeg(),
  "a PNG": picture().png(),
  "a PNG with a palette": picture().png({ palette: true }),
  "a WebP": picture().webp(),
  "a lossless WebP": picture().webp({ lossless: true }),
  "a WebP with a colour profile": picture().withIccProfile("p3").webp(),
};

for (const [name, source] of Object.entries(PLAIN)) {
  Deno.test(`readPlainSize() reads the size of ${name}`, async () => {
    assert.deepEqual(readPlainSize(await source.toBuffer()), { width: 31, height: 17 });
  });
}

const DRAWN_ANEW: Record<string, Sharp> = {
  "a JPEG with a place": withPlace(picture().jpeg()),
  "a JPEG that lies on its side": picture().withMetadata({ orientation: 6 }).jpeg(),
  "a JPEG with XMP": withXmp(picture().jpeg()),
  "a CMYK JPEG": picture().toColourspace("cmyk").jpeg(),
  "a PNG with alpha": picture(4).png(),
  "a PNG with a transparent palette": picture(4).png({ palette: true }),
  "a PNG with EXIF": withPlace(picture().png()),
  "a PNG with XMP": withXmp(picture().png()),
  "a WebP with alpha": picture(4).webp(),
  "a lossless WebP with alpha": picture(4).webp({ lossless: true }),
  "a WebP with EXIF": withPlace(picture().webp()),
  "a GIF": picture().gif(),
  "an AVIF": picture().avif(),
  "a TIFF": picture().tiff(),
};

for (const [name, source] of Object.entries(DRAWN_ANEW)) {
  Deno.test(`readPlainSize() leaves ${name} to be drawn anew`, async () => {
    assert.equal(readPlainSize(await source.toBuffer()), null);
  });
}

Deno.test("readPlainSize() takes any bytes, and any cut, without an error", async () => {
  const whole = await Promise.all(Object.values(PLAIN).map((source) => source.toBuffer()));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.constantFrom(...whole), fc.nat(), fc.nat(), fc.nat(255)).map(
      ([file, length, at, value]) => {
        const changed = new Uint8Array(file.subarray(0, length % (file.length + 1)));
        if (changed.length > 0) changed[at % changed.length] = value;
        return changed;
      },
    ),
  );
  fc.assert(fc.property(bytes, (bytes) => void readPlainSize(bytes)), { numRuns: 500 });
});

Deno.test("sniffMediaType() knows a picture by its first bytes", async () => {
  const types: [Sharp, string][] = [
    [picture().jpeg(), "image/jpeg"],
    [picture().png(), "image/png"],
    [picture().gif(), "image/gif"],
    [picture().webp(), "image/webp"],
    [picture().avif(), "image/avif"],
    [picture().tiff(), "image/tiff"],
  ];
  for (const [source, type] of types) assert.equal(sniffMediaType(await source.toBuffer()), type);
  const heic = new TextEncoder().encode("\0\0\0\x18ftypheic");
  assert.equal(sniffMediaType(heic), "image/heic");
  assert.equal(sniffMediaType(new Uint8Array(0)), null);
  assert.equal(sniffMediaType(new TextEncoder().encode("A text")), null);
});

/** A JPEG's header with these segments before its frame, up to its scan. */
const toJpeg = (segments: Uint8Array[], frameMarker = 0xc0, componentCount = 3) =>
  joinBytes(
    [0xff, 0xd8],
    ...segments,
    toJpegSegment(frameMarker, [8, 0x01, 0x02, 0x03, 0x04, componentCount]),
    toJpegSegment(0xda, []),
  );
const JPEG_SIZE = { width: 0x0304, height: 0x0102 };

Deno.test("readPlainSize() reads the frame of a JPEG, of whichever kind, and takes no table for one", () => {
  const tables = [0xc4, 0xc8, 0xcc];
  for (let marker = 0xc0; marker <= 0xcf; marker++) {
    const expected = tables.includes(marker) ? null : JPEG_SIZE;
    assert.deepEqual(readPlainSize(toJpeg([], marker)), expected, marker.toString(16));
  }
  const tablesBefore = tables.map((marker) => toJpegSegment(marker, [8, 9, 9, 9, 9, 4]));
  assert.deepEqual(readPlainSize(toJpeg(tablesBefore)), JPEG_SIZE);
  const filled = [Uint8Array.of(0xff), toJpegSegment(0xdb, [1]), Uint8Array.of(0xff, 0xff)];
  assert.deepEqual(readPlainSize(toJpeg(filled)), JPEG_SIZE);
});

Deno.test("readPlainSize() takes a JPEG of one or three components", () => {
  for (const count of [1, 3]) assert.deepEqual(readPlainSize(toJpeg([], 0xc0, count)), JPEG_SIZE);
  for (const count of [0, 2, 4]) assert.equal(readPlainSize(toJpeg([], 0xc0, count)), null);
});

Deno.test("readPlainSize() takes of a JPEG's applications JFIF, a colour profile and Adobe's, and no comment", () => {
  const profile = new TextEncoder().encode("ICC_PROFILE");
  for (let marker = 0xdb; marker <= 0xfe; marker++) {
    const isTaken = marker < 0xe0 || marker === 0xe0 || marker === 0xee;
    const name = marker.toString(16);
    assert.deepEqual(
      readPlainSize(toJpeg([toJpegSegment(marker, [1, 2, 3, 4])])),
      isTaken ? JPEG_SIZE : null,
      name,
    );
    assert.deepEqual(
      readPlainSize(toJpeg([toJpegSegment(marker, profile)])),
      isTaken || marker === 0xe2 ? JPEG_SIZE : null,
      name,
    );
  }
  assert.equal(readPlainSize(toJpeg([toJpegSegment(0xbf, [1])])), null);
});

/** A PNG of chunks with these names, all empty, behind its header. */
const toPng = (colourType: number, names: string[]) =>
  joinBytes(
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13],
    new TextEncoder().encode("IHDR"),
    [0, 1, 2, 3, 0, 0, 4, 5, 8, colourType, 0, 0, 0, 0, 0, 0, 0],
    ...names.map((name) => joinBytes([0, 0, 0, 0], new TextEncoder().encode(name), [0, 0, 0, 0])),
  );
const PNG_SIZE = { width: 0x010203, height: 0x0405 };

Deno.test("readPlainSize() takes a PNG without alpha, animation and metadata, once it has an end", () => {
  for (const colourType of [0, 2, 3]) {
    assert.deepEqual(readPlainSize(toPng(colourType, ["gAMA", "IDAT", "IEND"])), PNG_SIZE);
  }
  for (const colourType of [4, 6]) {
    assert.equal(readPlainSize(toPng(colourType, ["IDAT", "IEND"])), null);
  }
  for (const name of ["tRNS", "acTL", "eXIf", "tEXt", "zTXt", "iTXt", "tIME"]) {
    assert.equal(readPlainSize(toPng(2, ["IDAT", name, "IEND"])), null, name);
  }
  assert.equal(readPlainSize(toPng(2, ["IDAT"])), null);
});

/** A WebP whose first chunk has this name and data. */
const toWebp = (name: string, data: number[]) =>
  joinBytes(new TextEncoder().encode(`RIFF\0\0\0\0WEBP${name}\0\0\0\0`), data);

Deno.test("readPlainSize() reads the size of a WebP in all of its bits", () => {
  const lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x34, 0xd2, 0x78, 0xff];
  assert.deepEqual(readPlainSize(toWebp("VP8 ", lossy)), { width: 0x1234, height: 0x3f78 });
  const lossless = (bits: number) =>
    readPlainSize(toWebp("VP8L", [0x2f, bits, bits >> 8, bits >> 16, bits >>> 24]));
  assert.deepEqual(lossless(0x3fff), { width: 16_384, height: 1 });
  assert.deepEqual(lossless(0x3fff << 14), { width: 1, height: 16_384 });
  assert.equal(lossless(1 << 28), null);
  assert.deepEqual(lossless(1 << 29), { width: 1, height: 1 });
  const canvas = (flags: number) =>
    readPlainSize(toWebp("VP8X", [flags, 0, 0, 0, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06]));
  assert.deepEqual(canvas(0), { width: 0x030202, height: 0x060505 });
  assert.deepEqual(canvas(0x20), { width: 0x030202, height: 0x060505 });
  for (const flag of [0x01, 0x02, 0x04, 0x08, 0x10, 0x40, 0x80]) assert.equal(canvas(flag), null);
  assert.equal(readPlainSize(toWebp("ALPH", lossy)), null);
});

Deno.test("sniffMediaType() looks for each signature at its place, to its last byte", () => {
  const signatures: [type: string, offset: number, text: string][] = [
    ["image/jpeg", 0, "\xff\xd8\xff"],
    ["image/png", 0, "\x89PNG\r\n\x1a\n"],
    ["image/gif", 0, "GIF8"],
    ["image/webp", 8, "WEBP"],
    ["image/avif", 4, "ftypavif"],
    ["image/heic", 4, "ftyphei"],
    ["image/heic", 4, "ftypmif1"],
    ["image/tiff", 0, "II*\0"],
    ["image/tiff", 0, "MM\0*"],
    ["image/bmp", 0, "BM"],
  ];
  for (const [type, offset, text] of signatures) {
    const signature = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const at = (place: number) => joinBytes(new Uint8Array(place), signature);
    assert.equal(sniffMediaType(at(offset)), type);
    assert.equal(sniffMediaType(at(offset + 1)), null);
    assert.equal(sniffMediaType(at(offset).slice(0, -1)), null);
  }
});
