/** Bodies that are refused, in words that help. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  BASE64,
  FILE,
  form,
  image,
  JPEG,
  json,
  raw,
  read,
  type Wire,
} from "../../../support/wire-bodies.ts";

const ftyp = (brand: string) =>
  Buffer.concat([Buffer.from("\0\0\0\x18ftyp"), Buffer.from(`${brand}\0\0\0\0mif1`)]);
const bytesOf = (text: string) => Buffer.from(text, "latin1");

/** Bytes read as text and written again: what is no UTF-8 is replaced, or each byte is a character. */
const replaced = (bytes: Buffer) => Buffer.from(bytes.toString("utf8"));
const widened = (bytes: Buffer) => Buffer.from(bytes.toString("latin1"));
const PNG = bytesOf("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR");

/** A body that is called JSON and begins like this is refused as JSON. */
const isText = ([first = 0]: Uint8Array) => (first >= 0x20 && first < 0x80) || first === 0xef;

/** Files that are refused by their own name. */
const FOREIGN: Record<string, [Uint8Array, RegExp]> = {
  "HEIC": [ftyp("heic"), /is HEIC, .*convert it to JPEG/],
  "HEIF": [ftyp("mif1"), /is HEIC, .*convert it to JPEG/],
  "AVIF": [ftyp("avif"), /is AVIF, .*convert it to JPEG/],
  "a film": [ftyp("mp42"), /is a film, .*send one picture of it/],
  "a film of a browser (WebM)": [bytesOf("\x1aE\xdf\xa3\x9fB\x86\x81\x01"), /is a film, /],
  "TIFF": [bytesOf("II*\0\x08\0\0\0"), /is TIFF or a raw photograph, .*convert it/],
  "TIFF of a Mac": [bytesOf("MM\0*\0\0\0\x08"), /is TIFF or a raw photograph, .*convert it/],
  "SVG": [bytesOf('<svg xmlns="http://www.w3.org/2000/svg"/>'), /is SVG, .*draw it as PNG/],
  "SVG behind an XML declaration": [
    bytesOf('<?xml version="1.0"?>\n<!-- a -->\n<svg width="1"/>'),
    /is SVG, /,
  ],
  "PDF": [bytesOf("%PDF-1.7\n"), /is a PDF, .*a picture of its page/],
  "gzip": [bytesOf("\x1f\x8b\x08\0\0\0\0\0"), /is compressed with gzip, .*uncompressed/],
  "ZIP": [bytesOf("PK\x03\x04\x14\0"), /is a ZIP archive, /],
  "BMP": [bytesOf("BM\x36\0\0\0\0\0\0\0"), /is BMP, /],
  "JPEG XL": [bytesOf("\xff\x0a\xfa\x7f"), /is JPEG XL, /],
  "a web page": [bytesOf("<!DOCTYPE html><html>"), /is a web page \(HTML\), /],
  "base64 as text": [
    bytesOf(BASE64),
    /is the text of base64, .*the file's own bytes/,
  ],
  "JSON of PowerShell": [
    Buffer.from("\ufeff{}", "utf16le"),
    /is text in UTF-16, .*: send JSON in UTF-8, or a picture/,
  ],
  "JSON in the other UTF-16": [
    Buffer.from("\ufeff{}", "utf16le").swap16(),
    /is text in UTF-16, /,
  ],
  "a JPEG read as UTF-8": [
    replaced(JPEG),
    /is a picture that was read as text, .*as bytes/,
  ],
  "a JPEG read as Latin-1": [
    widened(JPEG),
    /is a picture that was read as text, .*as bytes/,
  ],
  "a PNG read as UTF-8": [
    replaced(PNG),
    /is a picture that was read as text, /,
  ],
  "a PNG read as Latin-1": [
    widened(PNG),
    /is a picture that was read as text, /,
  ],
  "a data: URI as text": [
    bytesOf(`data:image/jpeg;base64,${BASE64}`),
    /the text of a data: URI/,
  ],
  "text": [bytesOf("This is a text.\nIt has two lines."), /is text, /],
  "nothing known": [bytesOf("\x01\x02\x03\x04\x05"), /neither JPEG, PNG, WebP nor GIF/],
};

for (const [name, [bytes, message]] of Object.entries(FOREIGN)) {
  Deno.test(`wire body: ${name} is refused by its name in every form`, async () => {
    const wires = [
      raw("application/octet-stream", bytes),
      raw("image/jpeg", bytes),
      ...(isText(bytes) ? [] : [raw("application/json", bytes)]),
      // What curl calls a file that is given no type; a text of that type is a form.
      ...(name === "text" ? [] : [raw("application/x-www-form-urlencoded", bytes)]),
      form(`Content-Disposition: form-data; ${FILE}`, bytes),
      image(Buffer.from(bytes).toString("base64")),
      image(`data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`),
    ];
    for (const wire of wires) await refused(wire, "UNSUPPORTED_IMAGE_TYPE", message);
  });
}

/** More of it than may be beside a picture. */
const LONG = Buffer.alloc(90_000, "AbC+").toString();

const ARRAY_OF_BYTES = /must not be an array of bytes: send base64, or a Blob or File/;
const FILE_NAME = /is the name of a file, or an address without https:\/\//;
const ON_DEVICE = /place on the caller's device: read the file there and send its bytes/;

/** What else is refused: the wire, the code, words of the message. */
const REFUSED: Record<string, [Wire, string, RegExp]> = {
  "base64 with blanks in place of +": [
    image(Buffer.from([0xff, 0xd8, 0xff, 0xfb, 0xef, 0xbe]).toString("base64").replace("+", " ")),
    "INVALID_IMAGE",
    /has blanks in it: a \+ becomes one/,
  ],
  "a picture's bytes as characters": [
    image(JPEG.toString("latin1")),
    "INVALID_IMAGE",
    /is its bytes as text; it must be the base64 of them/,
  ],
  "base64 that is percent-encoded": [
    image(encodeURIComponent(BASE64)),
    "INVALID_IMAGE",
    /is percent-encoded, as in a URL/,
  ],
  "a data: URI behind the beginning of one": [
    image(`data:image/jpeg;base64,data:image/jpeg;base64,${BASE64}`),
    "INVALID_IMAGE",
    /has the beginning of a data: URI twice/,
  ],
  "a data: URI of what is not there": [
    image(`data:image/jpeg;base64,${undefined}`),
    "INVALID_IMAGE",
    /is the text "undefined": its bytes are wanted/,
  ],
  "base64 that is cut off": [
    image(BASE64.slice(0, 201)),
    "INVALID_IMAGE",
    /is cut off, or lacks the = at its end/,
  ],
  "base64 in the field image": [
    json({ image: BASE64 }),
    "INVALID_REQUEST",
    /image must be an object: \{ bucket, path \}; base64 and URLs belong in image_data/,
  ],
  "much base64 in the field image": [
    json({ image: LONG }),
    "INVALID_REQUEST",
    /image must be an object: \{ bucket, path \}; base64 and URLs belong in image_data/,
  ],
  "much base64 in another field": [
    json({ imageData: LONG, prompt: "Which wood?" }),
    "INVALID_REQUEST",
    /image_data must be a string: .*; the text in "imageData" is not read as one/,
  ],
  "much base64 deep in the body": [
    json({ body: { image_data: LONG } }),
    "INVALID_REQUEST",
    /image_data must be a string: base64, a data: URI or an https URL$/,
  ],
  "a name that a browser gives a file": [image("C:\\fakepath\\a.jpg"), "INVALID_IMAGE", FILE_NAME],
  "a path": [image("übersicht/größe/a.jpeg"), "INVALID_IMAGE", FILE_NAME],
  "an address without a scheme": [image("cdn.example.com/a.jpg?w=9"), "INVALID_IMAGE", FILE_NAME],
  "a Uint8Array as the body": [
    json(new Uint8Array(JPEG)),
    "INVALID_REQUEST",
    ARRAY_OF_BYTES,
  ],
  "a Uint8Array as the picture": [
    image(new Uint8Array(JPEG)),
    "INVALID_REQUEST",
    ARRAY_OF_BYTES,
  ],
  "a Buffer as the picture": [image(JPEG), "INVALID_REQUEST", ARRAY_OF_BYTES],
  "an array as the picture": [image([...JPEG]), "INVALID_REQUEST", ARRAY_OF_BYTES],
  "file://": [image("file:///data/user/0/app/cache/a.jpg"), "INVALID_REQUEST", ON_DEVICE],
  "blob:": [image("blob:https://app.example.com/0b1a"), "INVALID_REQUEST", ON_DEVICE],
  "content://": [image("content://media/external/images/1"), "INVALID_REQUEST", ON_DEVICE],
  "ph://": [
    image("ph://CC95F08C-88C3-4012-9D6D-64A413D254B3/L0/001"),
    "INVALID_REQUEST",
    ON_DEVICE,
  ],
  "an object's name": [image("[object Blob]"), "INVALID_IMAGE", /its bytes are wanted/],
  "text in the field image": [
    form('Content-Disposition: form-data; name="image"', Buffer.from(BASE64)),
    "INVALID_REQUEST",
    /image must be a file, not text/,
  ],
  "text/plain that is text": [
    raw("text/plain;charset=UTF-8", "plain text"),
    "UNSUPPORTED_MEDIA_TYPE",
    /"application\/json"/,
  ],
  "a web page's type": [raw("text/html"), "UNSUPPORTED_MEDIA_TYPE", /"application\/json"/],
  "a form of another kind": [
    raw("application/x-www-form-urlencoded", "image_data=abc"),
    "UNSUPPORTED_MEDIA_TYPE",
    /"multipart\/form-data"/,
  ],
  "an empty body": [raw("application/octet-stream", ""), "INVALID_IMAGE", /is empty/],
  "an empty part": [
    form(`Content-Disposition: form-data; ${FILE}`, Buffer.of()),
    "INVALID_IMAGE",
    /empty/,
  ],
};

for (const [name, [wire, code, message]] of Object.entries(REFUSED)) {
  Deno.test(`wire body: ${name} is refused with ${code}`, async () => {
    await refused(wire, code, message);
  });
}

Deno.test("wire body: what is called JSON and is none is refused as JSON if its first byte may begin a text", async () => {
  for (const first of [0x09, 0x0a, 0x0d, 0x20, 0x41, 0x7f, 0xef]) {
    await refused(raw("application/json", Buffer.of(first, 1, 2)), "INVALID_REQUEST", /JSON|UTF-8/);
  }
  for (const first of [0x00, 0x08, 0x0b, 0x1f, 0x80, 0xee, 0xf0]) {
    const wire = raw("application/json", Buffer.of(first, 1, 2));
    await refused(wire, "UNSUPPORTED_IMAGE_TYPE", /neither JPEG, PNG, WebP nor GIF/);
  }
});

async function refused(wire: Wire, code: string, message: RegExp): Promise<void> {
  const error: ApiError = await read(wire).then(() => assert.fail("was taken"), (error) => error);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}
