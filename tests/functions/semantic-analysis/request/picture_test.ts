import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  parsePicture,
  type ParsePictureOptions,
} from "../../../../supabase/functions/semantic-analysis/request/picture.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import fc from "../../../support/fast-check.ts";
import {
  encodePicture,
  ENCODINGS,
  NAMES_WITHOUT_METADATA,
  sha256Of,
  textOf,
  toGifHeader,
  toGifOfLength,
  withText,
} from "../../../support/pictures.ts";

const OPTIONS: ParsePictureOptions = { maxImageBytes: 10_000, isImageUrlAllowed: true };

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** 12 bytes that make 16 characters without padding, so that anything may follow. */
const GIF_BASE64 = toBase64(toGifOfLength(12));

const isTaken = async (text: string) => {
  try {
    await parsePicture(text, OPTIONS);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
};

for (const name of NAMES_WITHOUT_METADATA) {
  Deno.test(`parsePicture() reads a ${name} as base64 and as a data URI`, async () => {
    const { mediaType } = ENCODINGS[name];
    const bytes = await encodePicture(name, { width: 37, height: 21 });
    const base64 = toBase64(bytes);
    const expected = {
      picture: {
        kind: "bytes",
        mediaType,
        base64,
        sha256: await sha256Of(bytes),
        byteLength: bytes.byteLength,
        width: 37,
        height: 21,
      },
      warnings: [],
    };
    assert.deepEqual(withText(await parsePicture(base64, OPTIONS)), expected);
    const uri = `data:${mediaType};base64,${base64}`;
    assert.deepEqual(withText(await parsePicture(uri, OPTIONS)), expected);
  });
}

Deno.test("parsePicture() refuses an empty text", async () => {
  await assertRejected(parsePicture("", OPTIONS), "INVALID_IMAGE");
});

Deno.test("parsePicture() takes an image of exactly the limit and refuses one of a byte more", async () => {
  for (const maxImageBytes of [1_024, 1_025, 1_026]) {
    const options = { ...OPTIONS, maxImageBytes };
    const { picture } = await parsePicture(toBase64(toGifOfLength(maxImageBytes)), options);
    assert.ok(picture.kind === "bytes" && picture.byteLength === maxImageBytes);
    const error = await assertRejected(
      parsePicture(toBase64(toGifOfLength(maxImageBytes + 1)), options),
      "IMAGE_TOO_LARGE",
    );
    assert.deepEqual(error.details, {
      image_bytes: maxImageBytes + 1,
      max_image_bytes: maxImageBytes,
    });
    assert.match(error.message, /at most 0\.001 MB/);
  }
});

Deno.test("parsePicture() refuses what is too large before it looks at what it is", async () => {
  await assertRejected(parsePicture("!".repeat(20_000), OPTIONS), "IMAGE_TOO_LARGE");
});

Deno.test("parsePicture() refuses bytes that are no picture it knows", async () => {
  const encode = (text: string) => toBase64(new TextEncoder().encode(text));
  for (const text of ["<svg/>", "%PDF-1.7", "plain words", "\0\0\0\x1cftypavif"]) {
    await assertRejected(parsePicture(encode(text), OPTIONS), "UNSUPPORTED_IMAGE_TYPE");
    await assertRejected(
      parsePicture(`data:image/png;base64,${encode(text)}`, OPTIONS),
      "UNSUPPORTED_IMAGE_TYPE",
    );
  }
});

Deno.test("parsePicture() refuses a picture whose header is cut off", async () => {
  const png = await encodePicture("PNG", { width: 8, height: 8 });
  const base64 = toBase64(png.subarray(0, 20));
  const { message } = await assertRejected(parsePicture(base64, OPTIONS), "INVALID_IMAGE");
  assert.equal(message, "The PNG is cut off: its end is missing; send the whole file");
});

Deno.test("parsePicture() refuses a picture without pixels", async () => {
  for (const size of [{ width: 0, height: 5 }, { width: 5, height: 0 }]) {
    const base64 = toBase64(toGifHeader(size));
    await assertRejected(parsePicture(base64, OPTIONS), "INVALID_IMAGE");
  }
});

Deno.test("parsePicture() corrects the label of a JPEG labelled PNG, with a warning", async () => {
  const base64 = toBase64(await encodePicture("baseline JPEG", { width: 8, height: 8 }));
  const { picture, warnings } = await parsePicture(`data:image/png;base64,${base64}`, OPTIONS);
  assert.ok(picture.kind === "bytes" && picture.mediaType === "image/jpeg");
  assert.deepEqual(warnings, [{
    code: "MEDIA_TYPE_CORRECTED",
    message: 'The picture is labelled "image/png" but is "image/jpeg"',
  }]);
});

Deno.test("parsePicture() takes image/jpg for image/jpeg, but for nothing else", async () => {
  const jpeg = toBase64(await encodePicture("baseline JPEG", { width: 8, height: 8 }));
  assert.deepEqual((await parsePicture(`data:image/jpg;base64,${jpeg}`, OPTIONS)).warnings, []);
  const [warning] = (await parsePicture(`data:image/jpg;base64,${GIF_BASE64}`, OPTIONS)).warnings;
  assert.equal(warning?.code, "MEDIA_TYPE_CORRECTED");
});

Deno.test("parsePicture() takes a data URI in any case and with further parameters", async () => {
  for (
    const start of [
      "DATA:image/gif;base64,",
      "data:IMAGE/GIF;BASE64,",
      "Data:image/gif;charset=utf-8;base64,",
      "data:image/gif;name=a.gif;charset=utf-8;base64,",
    ]
  ) {
    const { picture, warnings } = await parsePicture(start + GIF_BASE64, OPTIONS);
    assert.ok(picture.kind === "bytes" && picture.mediaType === "image/gif", start);
    assert.equal(textOf(picture.base64), GIF_BASE64);
    assert.deepEqual(warnings, []);
  }
});

Deno.test("parsePicture() refuses a data URI that isn't base64", async () => {
  for (
    const uri of [
      `data:image/gif,${GIF_BASE64}`,
      `data:image/gif;base64${GIF_BASE64}`,
      `data:image/gif;base64;charset=utf-8,${GIF_BASE64}`,
      `data:image/gif;base32,${GIF_BASE64}`,
      `data:image/gif;${"x".repeat(1_100)};base64,${GIF_BASE64}`,
      "data:image/gif;base64",
      "data:",
      "data:,",
    ]
  ) {
    const { message } = await assertRejected(parsePicture(uri, OPTIONS), "INVALID_IMAGE");
    assert.match(message, /data: URI/, uri);
  }
});

Deno.test("parsePicture() refuses a data URI without data", async () => {
  await assertRejected(parsePicture("data:image/gif;base64,", OPTIONS), "INVALID_IMAGE");
});

Deno.test("parsePicture() refuses a data URI whose label is no image, whatever it holds", async () => {
  for (
    const label of ["application/pdf", "video/mp4", "text/html", "imagegif", "text/image/gif"]
  ) {
    await assertRejected(
      parsePicture(`data:${label};base64,${GIF_BASE64}`, OPTIONS),
      "UNSUPPORTED_IMAGE_TYPE",
    );
  }
});

Deno.test("parsePicture() takes an https URL and reads nothing from it", async () => {
  assert.deepEqual(await parsePicture("https://example.com/a.jpg#part", OPTIONS), {
    picture: { kind: "url", url: "https://example.com/a.jpg" },
    warnings: [],
  });
});

Deno.test("parsePicture() leaves out the white space around a URL", async () => {
  const { picture } = await parsePicture(" \n https://example.com/a.jpg\n", OPTIONS);
  assert.deepEqual(picture, { kind: "url", url: "https://example.com/a.jpg" });
});

Deno.test("parsePicture() refuses every URL where none is allowed", async () => {
  const options = { ...OPTIONS, isImageUrlAllowed: false };
  const error = await assertRejected(
    parsePicture("https://example.com/a.jpg", options),
    "INVALID_REQUEST",
  );
  assert.deepEqual(error.details, { image_data: "must be base64 or a data: URI" });
});

Deno.test("parsePicture() takes any other scheme for a URL and refuses it", async () => {
  for (const text of ["http://example.com/a.jpg", "file:///etc/passwd", "blob:https://a.com/1"]) {
    await assertRejected(parsePicture(text, OPTIONS), "INVALID_REQUEST");
  }
});

Deno.test("parsePicture() throws nothing but an ApiError, whatever the text", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc.tuple(fc.constantFrom("data:", "DATA:image/", "data:image/png;base64,"), fc.string())
      .map(([start, rest]) => start + rest),
  );
  await fc.assert(fc.asyncProperty(text, async (text) => void await isTaken(text)), {
    numRuns: 2_000,
  });
});
