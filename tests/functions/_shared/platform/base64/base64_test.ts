import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  decodeBase64,
  encodeBase64,
  toBase64Length,
} from "../../../../../supabase/functions/_shared/platform/base64/base64.ts";
import fc from "../../../../support/fast-check.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const toBytes = (text: string) => new TextEncoder().encode(text);

function encode(bytes: Uint8Array): string {
  const target = new Uint8Array(toBase64Length(bytes.byteLength));
  encodeBase64(bytes, target);
  return new TextDecoder().decode(target);
}

/** All of the text, or null. */
function decode(text: string): Uint8Array | null {
  const bytes = toBytes(text);
  const target = new Uint8Array(bytes.byteLength);
  const decoded = decodeBase64(bytes, target);
  return decoded?.end === bytes.byteLength ? target.slice(0, decoded.byteLength) : null;
}

/** Strict because it must come out again: `Buffer` alone takes almost anything. */
function decodeByBuffer(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "latin1").toString("latin1") === text
    ? Buffer.from(text.replace(/[-_]/g, "!"), "base64")
    : Buffer.alloc(0);
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : null;
}

/** Bytes of any length around the blocks and the pieces in which the work is done. */
const bytesOfAnyLength = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.tuple(fc.constantFrom(72, 96, 144, 192, 288), fc.integer({ min: -20, max: 20 }), fc.nat())
    .map(([kibibytes, more, seed]) =>
      Uint8Array.from(
        { length: kibibytes * 1024 + more },
        (_, i) => (i * 2_654_435_761 + seed) >>> 9,
      )
    ),
);

Deno.test("encodeBase64() writes what Buffer writes, for bytes of any length", () => {
  fc.assert(fc.property(bytesOfAnyLength, (bytes) => {
    assert.ok(encode(bytes) === Buffer.from(bytes).toString("base64"), `${bytes.byteLength} bytes`);
  }));
});

Deno.test("encodeBase64() knows every character", () => {
  const bytes = Buffer.from(ALPHABET, "base64");
  assert.equal(encode(bytes), ALPHABET);
});

Deno.test("decodeBase64() reads what Buffer wrote, for bytes of any length", () => {
  fc.assert(fc.property(bytesOfAnyLength, (bytes) => {
    const decoded = decode(Buffer.from(bytes).toString("base64"));
    assert.ok(decoded !== null && Buffer.compare(decoded, bytes) === 0);
  }));
});

Deno.test("decodeBase64() takes exactly what is canonical base64", () => {
  const text = fc.tuple(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(3),
        fc.oneof(
          fc.string({ maxLength: 4, unit: fc.constantFrom(...'AQgwz9+/=-_ \n,"\\é\u0141') }),
          fc.string({ maxLength: 4 }),
        ),
      ),
      { maxLength: 3 },
    ),
  ).map(([text, changes]) =>
    changes.reduce((text, [at, cut, insertion]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + insertion + text.slice(index + cut);
    }, text)
  );
  fc.assert(
    fc.property(text, (text) => {
      const [own, expected] = [decode(text), decodeByBuffer(text)];
      assert.deepEqual(own, expected, JSON.stringify(text));
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("decodeBase64() finds every byte that is not of the alphabet, at every place of a block", () => {
  for (let byte = 0; byte < 256; byte++) {
    const isCharacter = ALPHABET.includes(String.fromCharCode(byte));
    for (let at = 0; at < 16; at++) {
      const text = toBytes("QUJD".repeat(12));
      text[16 + at] = byte;
      const decoded = decodeBase64(text, new Uint8Array(48));
      if (isCharacter) assert.equal(decoded?.end, 48);
      // Where it stops within a group of four, what comes before is no whole base64 either.
      else assert.equal(decoded?.end, at % 4 === 0 ? 16 + at : undefined, `${byte} at ${at}`);
    }
  }
});

Deno.test("decodeBase64() refuses bits that mean nothing and are not 0", () => {
  const take = (tail: (char: string) => string) =>
    [...ALPHABET].filter((char) => decode(`QUJD${tail(char)}`) !== null).join("");
  assert.equal(take((char) => `A${char}==`), "AQgw");
  assert.equal(take((char) => `AA${char}=`), "AEIMQUYcgkosw048");
});

Deno.test("decodeBase64() stops at what is not base64", () => {
  const target = new Uint8Array(20);
  const decoded = decodeBase64(toBytes('QUJDRA==","x":1}'), target);
  assert.deepEqual(decoded, { byteLength: 4, end: 8 });
  assert.equal(new TextDecoder().decode(target.subarray(0, 4)), "ABCD");
});
