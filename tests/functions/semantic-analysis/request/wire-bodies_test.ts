/** Bodies as clients really send them, byte by byte: taken, or refused in words that help. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import type { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createByteSemaphore } from "../../../../supabase/functions/_shared/platform/body/byte-semaphore.ts";
import { readAnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/read-request.ts";
import type { AnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { sha256Of } from "../../../support/pictures.ts";

const JPEG = await sharp({
  create: { width: 60, height: 40, channels: 3, background: "#a05020" },
}).jpeg().toBuffer();
const BASE64 = JPEG.toString("base64");
const SHA256 = await sha256Of(JPEG);

interface Wire {
  /** null for none. */
  type: string | null;
  body: string | Uint8Array;
}

async function read({ type, body }: Wire): Promise<AnalysisRequest> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const request = new Request("https://example.com/semantic-analysis", {
    method: "POST",
    body: new Uint8Array(bytes),
  });
  request.headers.delete("content-type");
  if (type !== null) request.headers.set("content-type", type);
  return await createByteSemaphore({ maxBytes: 10_000_000 }).hold((allocation) =>
    readAnalysisRequest(request, allocation, {
      maxImageBytes: 1_000_000,
      isImageUrlAllowed: true,
      isCustomPromptAllowed: true,
      choosableModels: null,
      temperature: 0.1,
      maxTokens: 4_096,
    })
  );
}

const json = (fields: unknown, type: string | null = "application/json"): Wire => ({
  type,
  body: JSON.stringify(fields),
});
const image = (image_data: unknown, type?: string | null): Wire => json({ image_data }, type);
const raw = (type: string | null, body: string | Uint8Array = JPEG): Wire => ({ type, body });

/** A form with one part, its headers as they are given. */
const form = (headers: string, bytes: Uint8Array = JPEG, type?: string | null): Wire => ({
  type: type === undefined ? "multipart/form-data; boundary=b" : type,
  body: Buffer.concat([
    Buffer.from(`--b\r\n${headers}\r\n\r\n`),
    bytes,
    Buffer.from("\r\n--b--\r\n"),
  ]),
});
const part = (more: string, contentType?: string): Wire =>
  form(
    `Content-Disposition: form-data; ${more}${
      contentType ? `\r\nContent-Type: ${contentType}` : ""
    }`,
  );
const FILE = 'name="image"; filename="a.jpg"';

const CORRECTED = ["MEDIA_TYPE_CORRECTED"];

/** What is taken, and the codes of the warnings with it. */
const TAKEN: Record<string, [Wire, string[]]> = {
  "data: of octet-stream": [image(`data:application/octet-stream;base64,${BASE64}`), []],
  "data: without a type": [image(`data:;base64,${BASE64}`), []],
  "data: of image": [image(`data:image;base64,${BASE64}`), []],
  "data: of image/*": [image(`data:image/*;base64,${BASE64}`), []],
  "data: of undefined": [image(`data:undefined;base64,${BASE64}`), []],
  "data: of image/jpg": [image(`data:image/jpg;base64,${BASE64}`), []],
  "data: of text/plain": [image(`data:text/plain;base64,${BASE64}`), CORRECTED],
  "data: of another picture": [image(`data:image/heic;base64,${BASE64}`), CORRECTED],
  "data: with parameters": [
    image(`data:image/jpeg;charset=utf-8;name=a%20b.jpg;base64,${BASE64}`),
    [],
  ],
  "base64 wrapped at 64": [image(BASE64.replace(/.{64}/g, "$&\n")), []],
  "base64 wrapped at 76": [image(BASE64.replace(/.{76}/g, "$&\r\n")), []],
  "base64 ending in a line break": [image(`${BASE64}\n`), []],
  "data: wrapped at 76": [
    image(`data:image/jpeg;base64,${BASE64.replace(/.{76}/g, "$&\r\n")}`),
    [],
  ],
  "a part without a filename": [part('name="image"'), []],
  "a part with filename* only": [part(`name="image"; filename*=UTF-8''K%C3%B6ln.jpg`), []],
  "a part of type image": [part(FILE, "image"), []],
  "a part of type undefined": [part(FILE, "undefined"), []],
  "a part of type text/plain": [part(FILE, "text/plain"), CORRECTED],
  "a part without a filename, of type text/plain": [
    part('name="image"', "text/plain; charset=utf-8"),
    CORRECTED,
  ],
  "a part of type application/octet-stream": [part(FILE, "application/octet-stream"), []],
  "a part of type image/jpg": [part(FILE, "image/jpg"), []],
  "a filename with ; name= in it": [part('name="image"; filename="a; name=b.jpg"'), []],
  "a filename with an escaped quote": [part('name="image"; filename="a\\"; name=\\"b.jpg"'), []],
  "NAME= in capitals": [part('NAME="image"; FILENAME="a.jpg"', "image/jpeg"), []],
  "a name without quotes": [part("name=image; filename=a.jpg"), []],
  "Content-Transfer-Encoding: binary": [
    form(
      `content-disposition: form-data; ${FILE}\r\ncontent-transfer-encoding: binary\r\n` +
        `content-type: image/jpeg`,
    ),
    [],
  ],
  "no Content-Type, a picture": [raw(null), []],
  "no Content-Type, JSON": [image(BASE64, null), []],
  "no Content-Type, a form": [
    form(`Content-Disposition: form-data; ${FILE}`, JPEG, null),
    [],
  ],
  "multipart/form-data without a boundary": [
    form(`Content-Disposition: form-data; ${FILE}`, JPEG, "multipart/form-data"),
    [],
  ],
  "a form that is called JSON": [
    form(`Content-Disposition: form-data; ${FILE}`, JPEG, "application/json"),
    CORRECTED,
  ],
  "two equal Content-Types of JSON": [image(BASE64, "application/json, application/json"), []],
  "two equal Content-Types of a picture": [raw("image/jpeg, image/jpeg"), []],
  "octet-stream and image/jpeg": [raw("application/octet-stream, image/jpeg"), []],
  "octet-stream and image/*": [raw("application/octet-stream, image/*"), []],
  "octet-stream and JSON": [image(BASE64, "application/octet-stream, application/json"), []],
  "JSON with a charset": [image(BASE64, "application/json; charset=utf-8"), []],
  "JSON behind a byte order mark": [
    raw("application/json", `\ufeff${JSON.stringify({ image_data: BASE64 })}`),
    [],
  ],
  "JSON as PHP writes it": [
    raw("application/json", JSON.stringify({ image_data: BASE64 }).replaceAll("/", "\\/")),
    [],
  ],
  "text/plain that is JSON": [image(BASE64, "text/plain;charset=UTF-8"), CORRECTED],
  "octet-stream that is JSON": [image(BASE64, "application/octet-stream"), []],
  "application/json that is a picture": [raw("application/json"), CORRECTED],
  "text/plain that is a picture": [raw("text/plain"), CORRECTED],
  "octet-stream": [raw("application/octet-stream"), []],
  "image": [raw("image"), []],
  "image/*": [raw("image/*"), []],
  "undefined": [raw("undefined"), []],
  "a picture called another": [raw("image/png"), CORRECTED],
};

for (const [name, [wire, codes]] of Object.entries(TAKEN)) {
  Deno.test(`wire body: ${name} is taken`, async () => {
    const { picture, warnings } = await read(wire);
    assert.ok(picture.kind === "bytes");
    assert.equal(picture.sha256, SHA256);
    assert.equal(picture.mediaType, "image/jpeg");
    assert.deepEqual(warnings.map(({ code }) => code), codes);
  });
}

const ftyp = (brand: string) =>
  Buffer.concat([Buffer.from("\0\0\0\x18ftyp"), Buffer.from(`${brand}\0\0\0\0mif1`)]);
const bytesOf = (text: string) => Buffer.from(text, "latin1");

/** Files that are refused by their own name. */
const FOREIGN: Record<string, [Uint8Array, RegExp]> = {
  "HEIC": [ftyp("heic"), /is HEIC, .*convert it to JPEG/],
  "HEIF": [ftyp("mif1"), /is HEIC, .*convert it to JPEG/],
  "AVIF": [ftyp("avif"), /is AVIF, .*convert it to JPEG/],
  "a film": [ftyp("mp42"), /is a film, .*send one picture of it/],
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
  "base64 as text": [bytesOf(BASE64), /is the text of base64, .*the file's own bytes/],
  "a data: URI as text": [bytesOf(`data:image/jpeg;base64,${BASE64}`), /the text of a data: URI/],
  "text": [bytesOf("This is a text.\nIt has two lines."), /is text, /],
  "nothing known": [bytesOf("\x01\x02\x03\x04\x05"), /neither JPEG, PNG, WebP nor GIF/],
};

for (const [name, [bytes, message]] of Object.entries(FOREIGN)) {
  Deno.test(`wire body: ${name} is refused by its name in every form`, async () => {
    const wires = [
      raw("application/octet-stream", bytes),
      raw("image/jpeg", bytes),
      form(`Content-Disposition: form-data; ${FILE}`, bytes),
      image(Buffer.from(bytes).toString("base64")),
      image(`data:image/jpeg;base64,${Buffer.from(bytes).toString("base64")}`),
    ];
    for (const wire of wires) await refused(wire, "UNSUPPORTED_IMAGE_TYPE", message);
  });
}

const ARRAY_OF_BYTES = /must not be an array of bytes: send base64, or a Blob or File/;
const ON_DEVICE = /place on the caller's device: read the file there and send its bytes/;

/** What else is refused: the wire, the code, words of the message. */
const REFUSED: Record<string, [Wire, string, RegExp]> = {
  "base64 with blanks in place of +": [
    image(Buffer.from([0xff, 0xd8, 0xff, 0xfb, 0xef, 0xbe]).toString("base64").replace("+", " ")),
    "INVALID_IMAGE",
    /has blanks in it: a \+ becomes one/,
  ],
  "a Uint8Array as the body": [json(new Uint8Array(JPEG)), "INVALID_REQUEST", ARRAY_OF_BYTES],
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

async function refused(wire: Wire, code: string, message: RegExp): Promise<void> {
  const error: ApiError = await read(wire).then(() => assert.fail("was taken"), (error) => error);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}
