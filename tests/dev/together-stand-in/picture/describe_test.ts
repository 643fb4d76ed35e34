import assert from "node:assert/strict";
import {
  describePicture,
  type Description,
} from "../../../../dev/together-stand-in/picture/describe.ts";
import { decodePicture } from "../../../../dev/together-stand-in/picture/picture.ts";
import { type SampleName, sampleUrl } from "../../../../dev/samples/samples.ts";
import { createPlainPicture, createStripedPicture } from "../pictures.ts";

async function describe(bytes: Uint8Array): Promise<Description> {
  return describePicture(await decodePicture(bytes, 1_000_000));
}

const FAMILY_OF: Record<SampleName, string> = {
  "wood": "wood",
  "marble": "stone",
  "brick": "brick",
  "woven-cloth": "textile",
  "brushed-metal": "metal",
  "granite": "stone",
};

for (const [name, family] of Object.entries(FAMILY_OF)) {
  Deno.test(`describePicture() calls the ${name} sample ${family} without being certain`, async () => {
    const description = await describe(await Deno.readFile(sampleUrl(name as SampleName)));
    assert.equal(description.family, family);
    assert.ok(description.probability > 0.4, `only ${description.probability}`);
    assert.ok(description.probability < 0.95, `as much as ${description.probability}`);
    assert.match(
      description.text,
      new RegExp(`^Looks most like ${family} \\(\\d+ % by its measured`),
    );
    assert.match(description.text, /#[0-9a-f]{6}, \d+ %/);
    assert.match(description.text, /measured from pixels, not seen\.$/);
  });
}

Deno.test("describePicture() gives probabilities that make one", async () => {
  const { families, family, probability } = await describe(await createPlainPicture("#808080"));
  const sum = families.reduce((total, guess) => total + guess.probability, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9);
  assert.deepEqual([families[0]?.family, families[0]?.probability], [family, probability]);
  assert.deepEqual(
    families.map((guess) => guess.probability),
    families.map((guess) => guess.probability).toSorted((left, right) => right - left),
  );
});

Deno.test("describePicture() says of a plain red picture that it is red and flat", async () => {
  const { measurements, text } = await describe(await createPlainPicture("#ff0000"));
  assert.deepEqual(measurements.colours, [{ name: "red", hex: "#ff0000", share: 1 }]);
  assert.equal(measurements.contrast, 0);
  assert.deepEqual(measurements.grain, {
    directionDegrees: 0,
    strength: 0,
    crossing: 0,
    edgeDensity: 0,
  });
  assert.equal(measurements.regularity.strength, 0);
  assert.match(text, /Red \(#ff0000, 100 %\)/);
  assert.match(text, /low contrast/);
  assert.match(text, /no grain/);
});

for (const directionDegrees of [0, 30, 60, 90, 135, 170]) {
  Deno.test(`describePicture() finds stripes at ${directionDegrees}°`, async () => {
    const { measurements } = await describe(await createStripedPicture(directionDegrees, 16));
    const { grain, regularity } = measurements;
    const difference = Math.abs(grain.directionDegrees - directionDegrees) % 180;
    assert.ok(Math.min(difference, 180 - difference) < 1, `at ${grain.directionDegrees}°`);
    assert.ok(grain.strength > 0.98);
    assert.ok(regularity.strength > 0.9);
    assert.ok(Math.abs(regularity.periodShare - 16 / 256) < 0.01, `${regularity.periodShare}`);
  });
}

Deno.test("describePicture() tells how much of a picture each colour covers", async () => {
  const red = await createPlainPicture("#c00000", 75, 100);
  const sharp = (await import("sharp")).default;
  const picture = await sharp(red).extend({ right: 25, background: "#0000c0" }).png().toBuffer();
  const { measurements } = await describe(picture);
  const colours = measurements.colours.map(({ hex, share }) => [hex, Math.round(share * 100)]);
  assert.deepEqual(colours, [["#c00000", 75], ["#0000c0", 25]]);
});

Deno.test("describePicture() says the same of the same picture", async () => {
  const bytes = await Deno.readFile(sampleUrl("granite"));
  assert.deepEqual(await describe(bytes), await describe(bytes));
});

Deno.test("describePicture() does not depend on the file format", async () => {
  const sharp = (await import("sharp")).default;
  const bytes = await Deno.readFile(sampleUrl("wood"));
  const { probability } = await describe(bytes);
  for (const format of ["png", "webp"] as const) {
    const other = await describe(await sharp(bytes).toFormat(format).toBuffer());
    assert.equal(other.family, "wood");
    assert.ok(Math.abs(other.probability - probability) < 0.1);
  }
});

Deno.test("describePicture() takes the smallest pictures", async () => {
  const { text } = await describe(await createPlainPicture("#ffffff", 1, 1));
  assert.match(text, /White \(#ffffff, 100 %\)/);
});
