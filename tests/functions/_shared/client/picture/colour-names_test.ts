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

/** Lightness, chroma and hue in degrees beside each border, and the name there. */
const BORDERS: Record<
  string,
  [lightness: number, chroma: number, hueDegrees: number, name: string][]
> = {
  "what has no hue worth naming": [
    [0.169, 0.1, 20, "black"],
    [0.171, 0.1, 20, "dark reddish brown"],
    [0.219, 0.03, 20, "black"],
    [0.221, 0.03, 20, "dark grey"],
    [0.449, 0.03, 20, "dark grey"],
    [0.451, 0.03, 20, "warm grey"],
    [0.6, 0.019, 20, "grey"],
    [0.6, 0.021, 20, "warm grey"],
    [0.6, 0.03, 114.5, "warm grey"],
    [0.6, 0.03, 115.5, "cool grey"],
    [0.6, 0.03, 329.5, "cool grey"],
    [0.6, 0.03, 330.5, "warm grey"],
    [0.739, 0.03, 200, "cool grey"],
    [0.741, 0.03, 200, "light grey"],
    [0.879, 0.03, 20, "light grey"],
    [0.881, 0.03, 20, "cream"],
    [0.881, 0.021, 200, "pale grey"],
    [0.881, 0.019, 20, "off-white"],
    [0.949, 0.019, 200, "off-white"],
    [0.951, 0.019, 200, "white"],
    [0.6, 0.039, 200, "cool grey"],
    [0.6, 0.041, 200, "muted teal"],
  ],
  "earth": [
    [0.6, 0.1, 14.5, "pink"],
    [0.6, 0.1, 15.5, "reddish brown"],
    [0.379, 0.1, 47.5, "dark reddish brown"],
    [0.381, 0.1, 47.5, "reddish brown"],
    [0.679, 0.1, 47.5, "reddish brown"],
    [0.681, 0.1, 47.5, "dusty pink"],
    [0.681, 0.1, 48.5, "warm brown"],
    [0.379, 0.1, 48.5, "dark brown"],
    [0.381, 0.061, 48.5, "warm brown"],
    [0.381, 0.059, 48.5, "greyish brown"],
    [0.699, 0.061, 48.5, "warm brown"],
    [0.701, 0.074, 48.5, "beige"],
    [0.701, 0.076, 48.5, "golden tan"],
    [0.849, 0.076, 48.5, "golden tan"],
    [0.851, 0.099, 48.5, "cream"],
    [0.851, 0.101, 48.5, "light yellow"],
    [0.6, 0.169, 60, "warm brown"],
    [0.6, 0.171, 60, "orange"],
    [0.6, 0.1, 99.5, "warm brown"],
    [0.6, 0.1, 100.5, "yellow"],
  ],
  "depth": [
    [0.419, 0.08, 140, "dark green"],
    [0.421, 0.089, 140, "muted green"],
    [0.421, 0.091, 140, "green"],
    [0.799, 0.08, 140, "muted green"],
    [0.801, 0.08, 140, "light green"],
  ],
  "hue": [
    [0.6, 0.2, 0.5, "pink"],
    [0.6, 0.2, 14.5, "pink"],
    [0.6, 0.2, 15.5, "red"],
    [0.6, 0.2, 41.5, "red"],
    [0.6, 0.2, 42.5, "orange"],
    [0.6, 0.2, 74.5, "orange"],
    [0.6, 0.2, 75.5, "yellow"],
    [0.6, 0.2, 114.5, "yellow"],
    [0.6, 0.2, 115.5, "green"],
    [0.6, 0.2, 164.5, "green"],
    [0.6, 0.2, 165.5, "teal"],
    [0.6, 0.2, 214.5, "teal"],
    [0.6, 0.2, 215.5, "blue"],
    [0.6, 0.2, 284.5, "blue"],
    [0.6, 0.2, 285.5, "purple"],
    [0.6, 0.2, 329.5, "purple"],
    [0.6, 0.2, 330.5, "pink"],
    [0.6, 0.2, 359.5, "pink"],
  ],
  "what is dark of a light hue": [
    [0.499, 0.2, 14.5, "red"],
    [0.501, 0.2, 14.5, "pink"],
    [0.499, 0.2, 330.5, "purple"],
    [0.501, 0.2, 330.5, "pink"],
    [0.559, 0.2, 74.5, "orange"],
    [0.559, 0.2, 75.5, "olive"],
    [0.561, 0.2, 75.5, "yellow"],
    [0.559, 0.2, 114.5, "olive"],
    [0.559, 0.2, 115.5, "green"],
  ],
};

for (const [border, names] of Object.entries(BORDERS)) {
  Deno.test(`toColourName() changes the name at each border of ${border}`, () => {
    for (const [lightness, chroma, hueDegrees, name] of names) {
      const radians = hueDegrees * Math.PI / 180;
      const colour = { lightness, a: chroma * Math.cos(radians), b: chroma * Math.sin(radians) };
      assert.equal(toColourName(colour), name, `${lightness} ${chroma} ${hueDegrees}`);
    }
  });
}
