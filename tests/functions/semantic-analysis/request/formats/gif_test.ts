import assert from "node:assert/strict";
import { readGif } from "../../../../../supabase/functions/semantic-analysis/request/formats/gif.ts";
import { describeSize } from "../../../../support/picture-structure.ts";
import { joinBytes, toGifHeader } from "../../../../support/pictures.ts";

const FRAME_AT = 13;

/** A frame's header: its place and size in two bytes each, and flags. */
const toFrame = (...sides: [x: number, y: number, width: number, height: number]) => [
  0x2c,
  ...sides.flatMap((side) => [side & 0xff, side >> 8]),
  0,
];

/** A screen of 10 × 20 with these flags, and what follows it. */
const toGif = (flags: number, ...parts: (Uint8Array | readonly number[])[]) =>
  joinBytes(toGifHeader({ width: 10, height: 20 }), [flags, 0, 0], ...parts);

const sizeOf = (bytes: Uint8Array) => describeSize(readGif(bytes));

Deno.test("readGif(): a first frame ends at its place and its size together", () => {
  assert.equal(sizeOf(toGif(0, toFrame(0x0102, 0x0304, 0x0506, 0x0708))), "1544 × 2572");
  assert.equal(sizeOf(toGif(0, toFrame(1, 2, 3, 40))), "10 × 42");
  // Only the first of them counts.
  assert.equal(sizeOf(toGif(0, toFrame(0, 0, 30, 40), toFrame(0, 0, 90, 90))), "30 × 40");
});

Deno.test("readGif() looks for the first frame behind a table of colours of any length, and nowhere else", () => {
  for (let flags = 0; flags < 0x100; flags++) {
    const byteCount = flags < 0x80 ? 0 : 3 * 2 ** ((flags & 7) + 1);
    // A table of what looks like frames.
    const table = new Uint8Array(byteCount).fill(0x2c);
    assert.equal(sizeOf(toGif(flags, table, toFrame(0, 0, 30, 40))), "30 × 40", `flags ${flags}`);
  }
});

Deno.test("readGif() steps over extensions by the lengths of their blocks", () => {
  const blocks = [3, 0x2c, 0x2c, 0x2c, 255, ...new Array(255).fill(0x2c), 1, 0x2c, 0];
  for (
    const before of [
      [0x21, 0xf9, ...blocks],
      [0x21, 0x2c, 0],
      [0x21, 0xfe, 0, 0x21, 0xfe, ...blocks],
      [1, 2, 3, 0x21, 0xfe, ...blocks, 4],
    ]
  ) assert.equal(sizeOf(toGif(0, before, toFrame(0, 0, 30, 40))), "30 × 40");
});

Deno.test("readGif(): where the first frame's header is cut off the screen counts, and without a screen it is broken", () => {
  const gif = toGif(0, toFrame(0, 0, 30, 40));
  assert.equal(sizeOf(gif), "30 × 40");
  for (let length = 10; length < gif.byteLength; length++) {
    assert.equal(sizeOf(gif.slice(0, length)), "10 × 20", `${length} bytes`);
  }
  for (let length = 0; length < 10; length++) {
    assert.equal(sizeOf(gif.slice(0, length)), "broken", `${length} bytes`);
  }
  for (const block of [[0x21], [0x21, 0xfe], [0x21, 0xfe, 200, 1], [0x21, 0xfe, 1, 1]]) {
    assert.equal(sizeOf(toGif(0, block)), "10 × 20");
  }
});

Deno.test("readGif(): a screen of one pixel has a first frame as any other", () => {
  const screen = toGifHeader({ width: 1, height: 1 });
  assert.equal(sizeOf(joinBytes(screen, [0, 0, 0], toFrame(0, 0, 30, 40))), "30 × 40");
});

Deno.test("readGif(): a screen without a width or a height has no size, whatever its frame", () => {
  for (const [width, height] of [[0, 20], [10, 0], [0, 0]] as const) {
    const gif = joinBytes(
      toGifHeader({ width, height }),
      [0, 0, 0],
      toFrame(0, 0, 30, 40),
    );
    assert.equal(gif[FRAME_AT], 0x2c);
    assert.equal(sizeOf(gif), `${width} × ${height}`);
  }
});
