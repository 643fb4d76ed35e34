import assert from "node:assert/strict";
import { findDominantColours } from "../../../../../supabase/functions/_shared/client/picture/dominant-colours.ts";
import {
  type Oklab,
  toOklab,
} from "../../../../../supabase/functions/_shared/client/picture/oklab.ts";
import fc from "../../../../support/fast-check.ts";

const pixels = (count: number, red: number, green: number, blue: number): Oklab[] =>
  Array.from({ length: count }, () => toOklab(red, green, blue));

Deno.test("findDominantColours() finds the colours of a picture, most of it first", () => {
  const picture = [...pixels(250, 255, 255, 255), ...pixels(750, 138, 90, 43)];
  assert.deepEqual(findDominantColours(picture), [
    { name: "warm brown", hex: "#8a5a2b", share: 0.75 },
    { name: "white", hex: "#ffffff", share: 0.25 },
  ]);
});

Deno.test("findDominantColours() takes shades for one colour, and leaves out specks", () => {
  const picture = [
    ...pixels(490, 138, 90, 43),
    ...pixels(490, 140, 92, 45),
    ...pixels(20, 0, 0, 255),
  ];
  assert.deepEqual(findDominantColours(picture).map(({ share }) => share), [0.98]);
});

Deno.test("findDominantColours() gives at most five, with shares that are no more than all", () => {
  const channel = fc.integer({ min: 0, max: 255 });
  const pixel = fc.tuple(channel, channel, channel).map((rgb) => toOklab(...rgb));
  fc.assert(fc.property(fc.array(pixel, { minLength: 1, maxLength: 60 }), (picture) => {
    const colours = findDominantColours(picture);
    const sum = colours.reduce((total, { share }) => total + share, 0);
    assert.ok(colours.length <= 5 && sum <= 1.003);
    for (const { hex, name, share } of colours) {
      assert.match(hex, /^#[0-9a-f]{6}$/);
      assert.ok(name !== "" && share > 0);
    }
    assert.deepEqual(findDominantColours(picture), colours);
  }));
});
