import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  createRoom,
  encodeBase64Text,
} from "../../../../supabase/functions/_shared/base64/base64-text.ts";

const toText = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Less and more than there is room for. */
const neighbour = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  fc.constantFrom(1_000, 1_100, 32_000, 33_000).map((length) => new Uint8Array(length).fill(0x61)),
);

Deno.test("encodeBase64Text() is between whatever it is put, again and again", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(fc.tuple(neighbour, neighbour), { maxLength: 4 }),
      (bytes, neighbours) => {
        const text = encodeBase64Text(bytes);
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

Deno.test("createRoom() makes a text of the beginning of what was written", () => {
  const room = createRoom(12);
  room.text.set(new TextEncoder().encode('QUJDREVG","x'));
  const text = room.toBase64Text(8);
  assert.equal(toText(text.bytes()), "QUJDREVG");
  assert.equal(toText(text.between(new Uint8Array([0x22]), new Uint8Array([0x22]))), '"QUJDREVG"');
});
