import assert from "node:assert/strict";
import { toColourName } from "../../../../../supabase/functions/_shared/client/picture/colour-names.ts";
import { toHex, toOklab } from "../../../../../supabase/functions/_shared/client/picture/oklab.ts";
import fc from "../../../../support/fast-check.ts";

const NAMES: [red: number, green: number, blue: number, name: string][] = [
  [0, 0, 0, "black"],
  [255, 255, 255, "white"],
  [128, 128, 128, "grey"],
  [190, 190, 190, "light grey"],
  [64, 64, 64, "dark grey"],
  [255, 0, 0, "red"],
  [0, 160, 60, "green"],
  [30, 70, 200, "blue"],
  [255, 220, 0, "light yellow"],
  [138, 90, 43, "warm brown"],
  [70, 42, 22, "dark brown"],
  [150, 70, 52, "reddish brown"],
  [215, 195, 165, "beige"],
];

for (const [red, green, blue, name] of NAMES) {
  Deno.test(`toColourName() calls ${red} ${green} ${blue} ${name}`, () => {
    assert.equal(toColourName(toOklab(red, green, blue)), name);
  });
}

Deno.test("toHex() undoes toOklab()", () => {
  const channel = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(channel, channel, channel, (red, green, blue) => {
    const hex = [red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("");
    assert.equal(toHex(toOklab(red, green, blue)), `#${hex}`);
  }));
});

Deno.test("toColourName() has a name for every colour", () => {
  const channel = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(channel, channel, channel, (red, green, blue) => {
    assert.match(toColourName(toOklab(red, green, blue)), /^[a-z]+([ -][a-z]+){0,2}$/);
  }));
});
