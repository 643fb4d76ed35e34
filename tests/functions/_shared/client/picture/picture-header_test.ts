import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import {
  readPlainSize,
  sniffMediaType,
} from "../../../../../supabase/functions/_shared/client/picture/picture-header.ts";
import fc from "../../../../support/fast-check.ts";

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
