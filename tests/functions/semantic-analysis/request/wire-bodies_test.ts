/** Bodies as clients really send them, byte by byte, that are taken. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  BASE64,
  FILE,
  form,
  image,
  JPEG,
  part,
  raw,
  read,
  SHA256,
  type Wire,
} from "../../../support/wire-bodies.ts";

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
  "data: with a blank before its data": [
    image(`data:image/jpeg;base64, ${BASE64}`),
    [],
  ],
  "data: with blanks around": [image(` data:image/jpeg;base64,${BASE64} `), []],
  "data: with the long name of a file": [
    image(
      `data:image/jpeg;name=${encodeURIComponent("Ф".repeat(100))}.jpg;base64,${BASE64}`,
    ),
    [],
  ],
  "base64 with blanks around": [image(` ${BASE64} `), []],
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
  "a form whose type is given twice": [
    form(
      `Content-Disposition: form-data; ${FILE}`,
      JPEG,
      "multipart/form-data, multipart/form-data; boundary=b",
    ),
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
  "curl's default that is JSON": [image(BASE64, "application/x-www-form-urlencoded"), CORRECTED],
  "curl's default that is a picture": [raw("application/x-www-form-urlencoded"), CORRECTED],
  "text/json": [image(BASE64, "text/json; charset=utf-8"), CORRECTED],
  "a kind of JSON": [image(BASE64, "application/vnd.api+json"), CORRECTED],
  "octet-stream that is JSON": [image(BASE64, "application/octet-stream"), []],
  "application/json that is a picture": [raw("application/json"), CORRECTED],
  "text/plain that is a picture": [raw("text/plain"), CORRECTED],
  "octet-stream": [raw("application/octet-stream"), []],
  "image": [raw("image"), []],
  "image/*": [raw("image/*"), []],
  "undefined": [raw("undefined"), []],
  "a picture called another": [raw("image/png"), CORRECTED],
};

/** What the clients of other languages send, as their sources write it. */
const CLIENTS: Record<string, Wire> = {
  "Dart (http's MultipartRequest)": {
    type: "multipart/form-data; boundary=dart-http-boundary-q1+w2",
    body: Buffer.concat([
      Buffer.from(
        `--dart-http-boundary-q1+w2\r\ncontent-disposition: form-data; name="prompt"\r\n` +
          `content-type: text/plain; charset=utf-8\r\ncontent-transfer-encoding: binary\r\n\r\n` +
          `Welches Holz ist das? Größe 10\r\n--dart-http-boundary-q1+w2\r\n` +
          `content-type: application/octet-stream\r\n` +
          `content-disposition: form-data; name="image"; filename="image_picker1.jpg"\r\n\r\n`,
      ),
      JPEG,
      Buffer.from("\r\n--dart-http-boundary-q1+w2--\r\n"),
    ]),
  },
  "Dart (dio)": form(
    `content-disposition: form-data; name="image"; filename="a.jpg"\r\n` +
      `content-type: application/octet-stream`,
  ),
  "Dart (supabase's invoke, a Map)": image(BASE64, "application/json; charset=utf-8"),
  "Dart (supabase's invoke, a Uint8List)": raw("application/octet-stream"),
  "Swift (JSONEncoder)": raw(
    "application/json",
    `{"image_data":"${BASE64.replaceAll("/", "\\/")}"}`,
  ),
  "Swift (lineLength64Characters)": image(BASE64.replace(/.{64}/g, "$&\r\n")),
  "Swift (supabase's invoke, Data)": raw("application/octet-stream"),
  "Swift (Alamofire)": form(
    `Content-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg`,
  ),
  "Kotlin (ktor)": form(
    `Content-Disposition: form-data; name=image; filename=a.jpg\r\nContent-Type: image/jpeg\r\n` +
      `Content-Length: ${JPEG.length}`,
  ),
  "Kotlin (OkHttp)": form(
    `Content-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/*\r\n` +
      `Content-Length: ${JPEG.length}`,
  ),
  "Kotlin (Base64.DEFAULT)": image(`${BASE64.replace(/.{76}/g, "$&\n")}\n`),
  "Python (requests)": form('Content-Disposition: form-data; name="image"; filename="a.jpg"'),
  "Python (httpx)": form(
    'Content-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg',
  ),
  "Python (base64.encodebytes)": image(`${BASE64.replace(/.{76}/g, "$&\n")}\n`),
  "Python (json.dumps, ASCII only)": raw(
    "application/json",
    `{"image_data": "${BASE64}", "prompt": "Gr\\u00f6\\u00dfe?"}`,
  ),
  "React Native (FormData)": form(
    'content-disposition: form-data; name="image"; filename="photo.jpg"\r\ncontent-type: image',
  ),
  "Expo (uploadAsync)": raw("image/jpeg"),
};

for (const [name, wire] of Object.entries(CLIENTS)) {
  Deno.test(`wire body: that of ${name} is taken`, async () => {
    const { picture, warnings } = await read(wire);
    assert.ok(picture.kind === "bytes");
    assert.equal(picture.sha256, SHA256);
    assert.deepEqual(warnings, []);
  });
}

for (const [name, [wire, codes]] of Object.entries(TAKEN)) {
  Deno.test(`wire body: ${name} is taken`, async () => {
    const { picture, warnings } = await read(wire);
    assert.ok(picture.kind === "bytes");
    assert.equal(picture.sha256, SHA256);
    assert.equal(picture.mediaType, "image/jpeg");
    assert.deepEqual(warnings.map(({ code }) => code), codes);
  });
}
