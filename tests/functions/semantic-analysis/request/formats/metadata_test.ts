/** What leaves for the provider of a picture that says where, when and by whom it was taken. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ExifTool } from "exiftool-vendored";
import sharp, { type Sharp } from "sharp";
import {
  parsePicture,
  parsePictureBytes,
} from "../../../../../supabase/functions/semantic-analysis/request/picture.ts";
import { sha256Of, textOf } from "../../../../support/pictures.ts";

const OPTIONS = { maxImageBytes: 5_000_000, isImageUrlAllowed: false };

const exifTool = new ExifTool({ taskTimeoutMillis: 60_000 });
const directory = await Deno.makeTempDir();
Deno.test.afterAll(async () => {
  await exifTool.end();
  await Deno.remove(directory, { recursive: true });
});

/** What a phone and its owner write into a picture; in each text is the word that is looked for. */
const TAGS = {
  "EXIF:GPSLatitude": 48.137,
  "EXIF:GPSLatitudeRef": "N",
  "EXIF:GPSLongitude": 11.575,
  "EXIF:GPSLongitudeRef": "E",
  "EXIF:Artist": "SECRET artist",
  "EXIF:ImageDescription": "SECRET description",
  "EXIF:DateTimeOriginal": "2026:11:26 10:00:00",
  "EXIF:Model": "SECRET phone",
  "EXIF:Orientation": 6,
  "XMP:Creator": "SECRET creator",
  "XMP:Location": "SECRET place",
};
const JPEG_TAGS = { ...TAGS, "IPTC:City": "SECRET city", "Comment": "SECRET comment" };
const PNG_TAGS = { ...TAGS, "PNG:Author": "SECRET author", "PNG:Comment": "SECRET comment" };

/** Noise, so that a pixel that moves is seen. */
const canvas = (): Sharp =>
  sharp({
    create: {
      width: 160,
      height: 120,
      channels: 3,
      background: "#808080",
      noise: { type: "gaussian", mean: 128, sigma: 40 },
    },
  }).withIccProfile("p3");

const PICTURES: Record<string, { extension: string; encode: () => Sharp; tags: object }> = {
  "JPEG": { extension: "jpg", encode: () => canvas().jpeg(), tags: JPEG_TAGS },
  "progressive JPEG": {
    extension: "jpg",
    encode: () => canvas().jpeg({ progressive: true }),
    tags: JPEG_TAGS,
  },
  "JPEG of CMYK": {
    extension: "jpg",
    encode: () => canvas().toColourspace("cmyk").jpeg(),
    tags: JPEG_TAGS,
  },
  "PNG": { extension: "png", encode: () => canvas().png(), tags: PNG_TAGS },
  "PNG with a palette": {
    extension: "png",
    encode: () => canvas().png({ palette: true }),
    tags: PNG_TAGS,
  },
  "lossy WebP": { extension: "webp", encode: () => canvas().webp(), tags: TAGS },
  "lossless WebP": {
    extension: "webp",
    encode: () => canvas().webp({ lossless: true }),
    tags: TAGS,
  },
};

/** The picture with the tags, as ExifTool writes them. */
async function tag(
  bytes: Uint8Array,
  extension: string,
  tags: object,
  moreArgs: string[] = [],
): Promise<Buffer> {
  const path = `${directory}/${crypto.randomUUID()}.${extension}`;
  await Deno.writeFile(path, bytes);
  await exifTool.write(path, tags, { writeArgs: ["-overwrite_original", "-n", ...moreArgs] });
  return Buffer.from(await Deno.readFile(path));
}

/** All that ExifTool finds but what it makes up of the file and the picture's own form. */
async function readTags(bytes: Uint8Array, extension: string): Promise<Record<string, unknown>> {
  const path = `${directory}/${crypto.randomUUID()}.${extension}`;
  await Deno.writeFile(path, bytes);
  const groups = await exifTool.readRaw(path, {
    readArgs: ["-G0:1", "-n", "-validate", "-all", "-a"],
  });
  return Object.fromEntries(
    Object.entries(groups as Record<string, unknown>).filter(([name]) =>
      /^(EXIF|XMP|IPTC|Photoshop|MakerNotes|MPF|Trailer|PNG:PNG:(Author|Comment|Creation))/.test(
        name,
      ) ||
      /Comment|GPS|Thumbnail|Validate|Error/.test(name)
    ),
  );
}

/** What is sent on. */
async function passOn(bytes: Uint8Array): Promise<Buffer> {
  const { picture } = await parsePicture(Buffer.from(bytes).toString("base64"), OPTIONS);
  assert.ok(picture.kind === "bytes");
  assert.equal(picture.sha256, await sha256Of(bytes));
  const sent = Buffer.from(textOf(picture.base64), "base64");
  assert.equal(sent.byteLength, bytes.byteLength);
  const asBytes = await parsePictureBytes(new Uint8Array(bytes), "", OPTIONS);
  assert.ok(asBytes.picture.kind === "bytes");
  assert.equal(textOf(asBytes.picture.base64), textOf(picture.base64));
  return sent;
}

const pixelsOf = (bytes: Uint8Array) => sharp(bytes).raw().toBuffer();

for (const [name, { extension, encode, tags }] of Object.entries(PICTURES)) {
  Deno.test(`a ${name} is passed on without its metadata, upright and in its colours`, async () => {
    const tagged = await tag(await encode().toBuffer(), extension, tags);
    const before = await readTags(tagged, extension);
    assert.ok(Object.keys(before).length > 10, JSON.stringify(before));
    assert.ok(tagged.includes("SECRET"));
    const sent = await passOn(tagged);
    assert.ok(!sent.includes("SECRET"));
    assert.ok(!sent.includes("2026:11:26"));

    const after = await readTags(sent, extension);
    const orientation = Object.keys(after).find((name) => name.endsWith(":Orientation"));
    assert.equal(after[orientation!], 6);
    const { Validate: _, ...left } = Object.fromEntries(
      Object.entries(after).map(([name, value]) => [name.split(":").at(-1)!, value]),
    );
    assert.deepEqual(Object.keys(left), ["Orientation"]);

    const [from, to] = [await sharp(tagged).metadata(), await sharp(sent).metadata()];
    assert.equal(to.orientation, 6);
    assert.ok(from.icc && to.icc?.equals(from.icc));
    assert.ok((await pixelsOf(sent)).equals(await pixelsOf(tagged)));
    // Where warnings are errors: a wrong checksum is one.
    await sharp(sent, { failOn: "warning" }).raw().toBuffer();
  });
}

Deno.test("a JPEG is passed on without the thumbnail and the notes of its camera", async () => {
  const thumbnail = `${directory}/thumbnail.jpg`;
  await Deno.writeFile(thumbnail, await canvas().resize(40, 30).jpeg().toBuffer());
  const tagged = await tag(await canvas().jpeg().toBuffer(), "jpg", JPEG_TAGS, [
    `-ThumbnailImage<=${thumbnail}`,
  ]);
  assert.ok("EXIF:IFD1:ThumbnailImage" in await readTags(tagged, "jpg"));
  const sent = await passOn(tagged);
  assert.ok(!("EXIF:IFD1:ThumbnailImage" in await readTags(sent, "jpg")));
  assert.equal(sent.indexOf(Buffer.from([0xff, 0xd8, 0xff]), 3), -1);
});

Deno.test("bytes behind a JPEG's end are blanked: a film, a second picture", async () => {
  const jpeg = await canvas().jpeg().toBuffer();
  const trailers = [
    Buffer.from("\0\0\0\x18ftypmp42 SECRET +48.1370+011.5750/ \xff\xd9", "latin1"),
    await tag(await canvas().jpeg().toBuffer(), "jpg", JPEG_TAGS),
    Buffer.from("SECRET"),
  ];
  for (const trailer of trailers) {
    const sent = await passOn(Buffer.concat([jpeg, trailer]));
    assert.ok(sent.subarray(0, jpeg.length).equals(jpeg));
    assert.ok(sent.subarray(jpeg.length).every((byte) => byte === 0));
    assert.ok((await pixelsOf(sent)).equals(await pixelsOf(jpeg)));
  }
});

Deno.test("bytes behind the end of a PNG or a WebP are blanked", async () => {
  for (const picture of [await canvas().png().toBuffer(), await canvas().webp().toBuffer()]) {
    const sent = await passOn(Buffer.concat([picture, Buffer.from("SECRET")]));
    assert.ok(sent.subarray(0, picture.length).equals(picture));
    assert.ok(!sent.includes("SECRET"));
  }
});

Deno.test("a picture without metadata is passed on as it is", async () => {
  for (
    const picture of [
      await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } }).jpeg()
        .toBuffer(),
      await sharp({ create: { width: 9, height: 9, channels: 4, background: "red" } }).png()
        .toBuffer(),
      await sharp({ create: { width: 9, height: 9, channels: 4, background: "red" } }).webp()
        .toBuffer(),
      await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } }).gif()
        .toBuffer(),
    ]
  ) assert.ok((await passOn(picture)).equals(picture));
});
