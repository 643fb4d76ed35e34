import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  parsePicture,
  type ParsePictureOptions,
} from "../../../../supabase/functions/semantic-analysis/request/picture.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import fc from "../../../support/fast-check.ts";
import { joinBytes, textOf, toGifOfLength } from "../../../support/pictures.ts";

const OPTIONS: ParsePictureOptions = { maxImageBytes: 10_000, isImageUrlAllowed: true };

/**
 * RFC 4648 §4 and §3.5, said another way than by the code, and RFC 2045 §6.8 for line breaks. Of the end of a
 * text, behind which blanks are left out.
 */
const STRICT_BASE64 = {
  test: (text: string) =>
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/
      .test(text.trimEnd().replace(/[\r\n]/g, "")),
};

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

Deno.test("parsePicture() takes base64 exactly where RFC 4648 does, for any text", async () => {
  const tail = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ maxLength: 12, unit: "binary" }),
    fc.string({ maxLength: 12, unit: fc.constantFrom(..."AQz9+/=-_ \n\r\t\u00a0Ł\u0000,") }),
  );
  await fc.assert(
    fc.asyncProperty(tail, async (tail) => {
      assert.equal(
        await isTaken(GIF_BASE64 + tail),
        STRICT_BASE64.test(tail),
        JSON.stringify(tail),
      );
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("parsePicture() takes base64 exactly where RFC 4648 does, for every short tail", async () => {
  const alphabet = ["A", "Q", "/", "=", "-", "\n", "é", "Ł"];
  let tails = [""];
  for (let length = 1; length <= 4; length++) {
    tails = tails.flatMap((tail) => alphabet.map((char) => tail + char));
    for (const tail of tails) {
      assert.equal(
        await isTaken(GIF_BASE64 + tail),
        STRICT_BASE64.test(tail),
        JSON.stringify(tail),
      );
    }
  }
});

Deno.test("parsePicture() takes base64 exactly where RFC 4648 does, for valid base64 with a change", async () => {
  const insertion = fc.oneof(
    fc.constantFrom(
      "-",
      "_",
      "=",
      "==",
      " ",
      "\n",
      "\r\n",
      "\t",
      "A",
      "AAAA",
      "%",
      ",",
      "é",
      "\u0141",
    ),
    fc.string({ minLength: 1, maxLength: 4 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(fc.record({ at: fc.nat(), cut: fc.nat(3), insertion }), { maxLength: 3 }),
      async (bytes, changes) => {
        let tail = toBase64(bytes);
        for (const { at, cut, insertion } of changes) {
          const index = at % (tail.length + 1);
          tail = tail.slice(0, index) + insertion + tail.slice(index + cut);
        }
        assert.equal(
          await isTaken(GIF_BASE64 + tail),
          STRICT_BASE64.test(tail),
          JSON.stringify(tail),
        );
      },
    ),
    { numRuns: 5_000 },
  );
});

Deno.test("parsePicture() keeps the base64 as it is and counts its bytes", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (tail) => {
    const bytes = joinBytes(toGifOfLength(12), tail);
    const { picture } = await parsePicture(toBase64(bytes), OPTIONS);
    assert.ok(picture.kind === "bytes");
    assert.equal(picture.byteLength, bytes.byteLength);
    assert.deepEqual(new Uint8Array(Buffer.from(textOf(picture.base64), "base64")), bytes);
  }));
});

const MALFORMED: Record<string, string> = {
  "bits that mean nothing": `${GIF_BASE64}QUJ=`,
  "more bits that mean nothing": `${GIF_BASE64}QR==`,
  "junk in it": `${GIF_BASE64.slice(0, 8)}!!!!${GIF_BASE64.slice(8)}`,
  "a tab in it": `${GIF_BASE64.slice(0, 8)}\t${GIF_BASE64.slice(8)}QUJ`,
  "missing padding": `${GIF_BASE64}QQ`,
  "half its padding": `${GIF_BASE64}QQ=`,
  "too much padding": `${GIF_BASE64}QUI==`,
  "padding in the middle": `${GIF_BASE64}QQ==QUJD`,
  "padding in the middle of four": `${GIF_BASE64}QQ=A`,
  "nothing but padding at the end": `${GIF_BASE64}====`,
  "a letter outside Latin-1": `${GIF_BASE64}QUJ\u0141`,
  "an impossible length that Latin-1 hides": `${GIF_BASE64}QUJDQ\u0141==`,
};

for (const [fault, base64] of Object.entries(MALFORMED)) {
  Deno.test(`parsePicture() refuses base64 with ${fault}`, async () => {
    const { message } = await assertRejected(parsePicture(base64, OPTIONS), "INVALID_IMAGE");
    const isOfGroups = /[^\w+/=]/.test(base64) || base64.length % 4 === 0;
    const expected = isOfGroups ? /^The picture is not valid base64$/ : /a multiple of 4$/;
    assert.match(message, expected);
    await assertRejected(parsePicture(`data:image/gif;base64,${base64}`, OPTIONS), "INVALID_IMAGE");
  });
}

Deno.test("parsePicture() says of blanks in base64 where they come from", async () => {
  const base64 = `${GIF_BASE64.slice(0, 8)} ${GIF_BASE64.slice(9)}`;
  const { message } = await assertRejected(parsePicture(base64, OPTIONS), "INVALID_IMAGE");
  assert.match(message, /has blanks in it: a \+ becomes one/);
});

for (
  const [name, wrap] of Object.entries({
    "wrapped at 64": (base64: string) => base64.replace(/.{64}/g, "$&\n"),
    "wrapped at 76": (base64: string) => base64.replace(/.{76}/g, "$&\r\n"),
    "ending in a line break": (base64: string) => `${base64}\n`,
  })
) {
  Deno.test(`parsePicture() takes base64 ${name}`, async () => {
    const base64 = toBase64(toGifOfLength(300));
    for (const start of ["", "data:image/gif;base64,"]) {
      const { picture, warnings } = await parsePicture(start + wrap(base64), OPTIONS);
      assert.ok(picture.kind === "bytes");
      assert.equal(textOf(picture.base64), base64);
      assert.deepEqual(warnings, []);
    }
  });
}

Deno.test("parsePicture() names URL-safe base64 as what is wrong", async () => {
  for (const tail of ["QUJ-", "QUJ_"]) {
    const { message } = await assertRejected(
      parsePicture(GIF_BASE64 + tail, OPTIONS),
      "INVALID_IMAGE",
    );
    assert.match(message, /URL-safe/);
  }
});
