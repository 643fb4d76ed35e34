import assert from "node:assert/strict";
import sharp from "sharp";
import { decodePicture } from "../../../../dev/together-stand-in/picture/picture.ts";
import { createPlainPicture } from "../pictures.ts";

Deno.test("decodePicture() tells the size as encoded", async () => {
  const { width, height } = await decodePicture(await createPlainPicture("#123456", 1300, 20), 1e6);
  assert.deepEqual([width, height], [1300, 20]);
});

Deno.test("decodePicture() refuses more pixels than allowed", async () => {
  const picture = await createPlainPicture("#123456", 101, 100);
  await assert.rejects(decodePicture(picture, 10_000));
});

Deno.test("decodePicture() refuses what is no picture", async () => {
  await assert.rejects(decodePicture(new TextEncoder().encode("not a picture"), 1e6));
  await assert.rejects(decodePicture(new Uint8Array(), 1e6));
});

Deno.test("decodePicture() refuses drawings", async () => {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path/></svg>`;
  await assert.rejects(decodePicture(new TextEncoder().encode(drawing), 1e6), /svg/);
});

Deno.test("decodePicture() takes grey, transparent and 16-bit pictures", async () => {
  const picture = sharp(await createPlainPicture("#ffffff"));
  const variants = [
    picture.clone().greyscale().png(),
    picture.clone().ensureAlpha(0).png(),
    picture.clone().toColourspace("rgb16").png(),
    picture.clone().toColourspace("cmyk").jpeg(),
  ];
  for (const variant of variants) {
    const { colours } = await decodePicture(await variant.toBuffer(), 1e6);
    assert.ok(colours.every(({ lightness }) => lightness > 0.98));
  }
});
