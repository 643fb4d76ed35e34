/** Draws the sample pictures anew: `deno run -A dev/samples/generate.ts [name …]`. */

import { renderSample, SAMPLE_NAMES, type SampleName, sampleUrl } from "./samples.ts";

const wanted = Deno.args.length > 0 ? Deno.args : SAMPLE_NAMES;
for (const name of wanted) {
  if (!isSampleName(name)) {
    console.error(`No sample "${name}", expected one of "${SAMPLE_NAMES.join(", ")}"`);
    Deno.exit(1);
  }
  const encoded = await renderSample(name);
  await Deno.writeFile(sampleUrl(name), encoded);
  console.log(`${name}.jpg ${encoded.byteLength} bytes`);
}

function isSampleName(name: string): name is SampleName {
  return (SAMPLE_NAMES as string[]).includes(name);
}
