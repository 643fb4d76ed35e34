import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  createBase64Buffer,
  encodeBase64Buffer,
} from "../../../../../supabase/functions/_shared/platform/base64/base64-buffer.ts";
import fc from "../../../../support/fast-check.ts";

const toText = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Less and more than there is room for. */
const neighbour = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  fc.constantFrom(1_000, 1_100, 32_000, 33_000).map((length) => new Uint8Array(length).fill(0x61)),
);

Deno.test("encodeBase64Buffer() is between whatever it is put, again and again", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(fc.tuple(neighbour, neighbour), { maxLength: 4 }),
      (bytes, neighbours) => {
        const text = encodeBase64Buffer(bytes);
        const expected = Buffer.from(bytes).toString("base64");
        assert.equal(text.length, expected.length);
        for (const [before, after] of neighbours) {
          const whole = text.between(before, after);
          assert.ok(Buffer.concat([before, Buffer.from(expected), after]).equals(whole));
          assert.equal(toText(text.bytes()), expected);
        }
      },
    ),
  );
});

Deno.test("createBase64Buffer() takes a part of a body, and overwrites what is around it", () => {
  const body = new TextEncoder().encode('{"image_data":"QUJDREVG","x":1}');
  const base64 = createBase64Buffer(body.subarray(15, 23));
  assert.equal(toText(base64.bytes()), "QUJDREVG");
  const between = base64.between(new Uint8Array([0x22]), new Uint8Array([0x22]));
  assert.equal(toText(between), '"QUJDREVG"');
  assert.equal(between.buffer, body.buffer);
  const long = base64.between(new Uint8Array(16), new Uint8Array([0x22]));
  assert.notEqual(long.buffer, body.buffer);
});
