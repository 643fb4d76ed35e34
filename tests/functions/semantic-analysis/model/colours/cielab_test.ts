import assert from "node:assert/strict";
import { converter } from "culori";
import { toCielab } from "../../../../../supabase/functions/semantic-analysis/model/colours/cielab.ts";
import fc from "../../../../support/fast-check.ts";

const toLab65 = converter("lab65");

Deno.test("toCielab() gives what culori gives, for any colour of sRGB", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
    const hex = `#${number.toString(16).padStart(6, "0")}`;
    const { lightness, a, b } = toCielab(hex);
    const { l: expectedL, a: expectedA, b: expectedB } = toLab65(hex)!;
    assert.ok(
      Math.hypot(lightness - expectedL, a - expectedA, b - expectedB) < 0.05,
      `${hex}: ${[lightness, a, b]}, not ${[expectedL, expectedA, expectedB]}`,
    );
  }));
});
