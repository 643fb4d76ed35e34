/** A picture costs what the worst decoder may make of it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import { readStructure } from "../../../../../supabase/functions/semantic-analysis/request/picture-header.ts";
import { parsePicture } from "../../../../../supabase/functions/semantic-analysis/request/picture.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import fc from "../../../../support/fast-check.ts";
import {
  encodePicture,
  ENCODING_NAMES,
  ENCODINGS,
  joinBytes,
  toGifHeader,
} from "../../../../support/pictures.ts";

const parse = (bytes: Uint8Array) =>
  parsePicture(Buffer.from(bytes).toString("base64"), {
    maxImageBytes: 1_000_000,
    isImageUrlAllowed: false,
  });

/** A GIF whose screen is smaller than its first frame. */
async function toGifWithSmallScreen(): Promise<Uint8Array> {
  const gif = await encodePicture("GIF", { width: 2_000, height: 2_000 });
  gif.set(toGifHeader({ width: 10, height: 10 }));
  return gif;
}

Deno.test("a GIF is as large as its screen or its first frame, whichever is larger", async () => {
  const gif = await toGifWithSmallScreen();
  const { picture } = await parse(gif);
  assert.ok(picture.kind === "bytes");
  assert.deepEqual([picture.width, picture.height], [2_000, 2_000]);
});

Deno.test("the first frame of a GIF is found behind extensions, tables and bytes that mean nothing", async () => {
  const gif = await toGifWithSmallScreen();
  const tableBytes = (gif[10]! & 0x80) === 0 ? 0 : 3 * 2 ** ((gif[10]! & 7) + 1);
  const start = 13 + tableBytes;
  const comment = [0x21, 0xfe, 3, 0x2c, 0x2c, 0x2c, 2, 1, 1, 0];
  for (const more of [comment, [...comment, ...comment], [0x00], [0x00, 0x01, ...comment]]) {
    const changed = joinBytes(gif.subarray(0, start), more, gif.subarray(start));
    const structure = readStructure(changed, "image/gif");
    assert.ok(typeof structure === "object");
    assert.deepEqual([structure.width, structure.height], [2_000, 2_000]);
  }
});

for (const name of ENCODING_NAMES) {
  const { mediaType } = ENCODINGS[name];

  Deno.test(`a ${name} with bytes changed is never larger for sharp than it was told`, async () => {
    const bytes = await encodePicture(name, { width: 37, height: 21 });
    const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = bytes.slice();
        for (const { at, to } of changes) changed[at] = to;
        const decoded = await decodeSize(changed);
        const structure = readStructure(changed, mediaType);
        if (decoded === null || typeof structure === "string") return;
        // Refused, whatever a decoder makes of it.
        if (structure.width === 0 || structure.height === 0) return;
        assert.ok(structure.width >= decoded.width, `${structure.width} < ${decoded.width}`);
        assert.ok(structure.height >= decoded.height, `${structure.height} < ${decoded.height}`);
      }),
      { numRuns: 200 },
    );
  });
}

/** As large as sharp really decodes it; null where it doesn't. */
async function decodeSize(bytes: Uint8Array) {
  try {
    const { info } = await sharp(bytes, { failOn: "none", limitInputPixels: 4_000_000 }).raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height };
  } catch {
    return null;
  }
}

Deno.test("a picture thinner than the models take is refused, and one on the edge is taken", async () => {
  for (const [width, height] of [[3, 3], [3, 600], [600, 3], [2_000, 10]] as const) {
    await parse(toGifHeader({ width, height }));
  }
  for (const [width, height] of [[2, 2], [2, 300], [300, 2], [3, 601], [2_001, 10]] as const) {
    const { message } = await assertRejected(
      parse(toGifHeader({ width, height })),
      "INVALID_IMAGE",
    );
    assert.match(message, new RegExp(`is ${width} × ${height} pixels; each side must have at`));
  }
});

Deno.test("a GIF of one pixel, as monitors send it, is taken; a PNG of one pixel is refused", async () => {
  await parse(toGifHeader({ width: 1, height: 1 }));
  await assertRejected(
    parse(await encodePicture("PNG", { width: 1, height: 1 })),
    "INVALID_IMAGE",
  );
});

Deno.test("a JPEG, PNG or WebP that is cut off is refused at any length, and says so", async () => {
  for (
    const name of [
      "progressive JPEG",
      "JPEG with EXIF and a colour profile",
      "PNG",
      "WebP with EXIF",
    ] as const
  ) {
    const bytes = await encodePicture(name, { width: 80, height: 60 });
    for (let length = 40; length < bytes.length; length += 7) {
      const { message } = await assertRejected(parse(bytes.subarray(0, length)), "INVALID_IMAGE");
      assert.match(message, /is cut off: its end is missing|is broken/);
    }
    await parse(bytes);
  }
});
