import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  type Base64Text,
  createRoom,
  encodeBase64Text,
} from "../../../../../supabase/functions/_shared/platform/base64/base64-text.ts";

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

Deno.test("a text that was released can't be read any more, and may be released again", () => {
  const text = encodeBase64Text(new Uint8Array(3));
  text.release();
  text.release();
  assert.throws(() => text.bytes(), { name: "TypeError", message: /released/ });
  assert.throws(() => text.between(new Uint8Array(), new Uint8Array()), { name: "TypeError" });
});

Deno.test("the memory of a text that was released is the next one's, if it is large enough", () => {
  const memoryOf = (byteCount: number) => {
    const text = encodeBase64Text(new Uint8Array(byteCount));
    return { buffer: text.bytes().buffer, release: text.release };
  };
  const large = memoryOf(3_000_000);
  large.release();
  const [small, other] = [memoryOf(300), memoryOf(300)];
  assert.equal(small.buffer, large.buffer);
  assert.notEqual(other.buffer, large.buffer);
  // Of two, the larger is kept.
  small.release();
  other.release();
  assert.equal(other.buffer.byteLength, 0);
  const larger = memoryOf(3_100_000);
  assert.notEqual(larger.buffer, large.buffer);
  assert.equal(memoryOf(3_000_000).buffer, large.buffer);
});

Deno.test("texts that share memory one after the other don't see each other", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean()), { maxLength: 20 }),
      (pictures) => {
        const live: { text: Base64Text; expected: string }[] = [];
        for (const [bytes, isReleased] of pictures) {
          live.push({
            text: encodeBase64Text(bytes),
            expected: Buffer.from(bytes).toString("base64"),
          });
          if (isReleased) live.shift()!.text.release();
          for (const { text, expected } of live) assert.equal(toText(text.bytes()), expected);
        }
        for (const { text } of live) text.release();
      },
    ),
  );
});
