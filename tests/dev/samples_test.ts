import assert from "node:assert/strict";
import sharp from "sharp";
import {
  MAX_SAMPLE_BYTES,
  renderSample,
  SAMPLE_NAMES,
  SAMPLE_SIZE,
  sampleUrl,
} from "../../dev/samples/samples.ts";

for (const name of SAMPLE_NAMES) {
  Deno.test(`the ${name} sample is what its generator draws, below 80 KB`, async () => {
    const [kept, drawn] = [await Deno.readFile(sampleUrl(name)), await renderSample(name)];
    assert.ok(kept.byteLength < MAX_SAMPLE_BYTES);
    assert.ok(drawn.byteLength < MAX_SAMPLE_BYTES);
    const { width, height, format } = await sharp(kept).metadata();
    assert.deepEqual([width, height, format], [SAMPLE_SIZE, SAMPLE_SIZE, "jpeg"]);
    const [keptPixels, drawnPixels] = [await decode(kept), await decode(drawn)];
    assert.equal(keptPixels.length, drawnPixels.length);
    const difference = keptPixels.reduce(
      (sum, value, index) => sum + Math.abs(value - drawnPixels[index]!),
      0,
    );
    // Levels of 255 a channel; other versions of the JPEG encoder may round otherwise.
    assert.ok(difference / keptPixels.length < 1, `differs by ${difference / keptPixels.length}`);
  });
}

async function decode(bytes: Uint8Array): Promise<Uint8Array> {
  return await sharp(bytes).raw().toBuffer();
}
