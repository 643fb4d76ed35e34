import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import sharp from "sharp";
import { createCatalogueProject } from "../../../dev/catalogue/project.ts";
import { runCatalogue } from "../../../dev/catalogue/run-catalogue.ts";
import { type Stack, startStack } from "../../../dev/stack/stack.ts";

/** Width and height of phone, web and tiny pictures, and how many of a hundred they are. */
const KINDS: [width: number, height: number, share: number][] = [
  [1_600, 1_200, 20],
  [1_200, 900, 20],
  [800, 600, 40],
  [64, 48, 20],
];

/** More of them by hand: it takes a minute for each 300. */
const PICTURES = Number(Deno.env.get("QUOTE_PICTURES") ?? 300);

Deno.test("the first quote of a catalogue: what is spent is within 5 % of the expected, in the interval, never above the worst", async () => {
  await using stack = await startStack({
    functionEnvironment: {
      RATE_LIMIT_PER_MINUTE: "6000",
      RATE_LIMIT_CONCURRENT: "100",
      PROJECT_USD_PER_MONTH: "none",
    },
  });
  await fillCatalogue(stack);
  const result = await runCatalogue({
    project: createCatalogueProject({ url: stack.apiUrl, secretKey: stack.secretKey }),
    choice: {},
    accept: () => true,
    onProgress() {},
    signal: new AbortController().signal,
  });
  const told = JSON.stringify(result);
  assert.deepEqual([result.ended, result.analysed], ["done", PICTURES], told);
  const { basis, expected_usd: expected, expected_between_usd, worst_usd } = result.quote!;
  const [low, high] = expected_between_usd!;
  assert.equal(basis, "sizes", told);
  assert.ok(Math.abs(result.spent_usd / expected - 1) < 0.05, told);
  assert.ok(result.spent_usd > low && result.spent_usd < high, told);
  assert.ok(result.spent_usd < worst_usd, told);
  console.log(`spent ${result.spent_usd} of an expected ${expected} dollars`);
});

async function fillCatalogue(stack: Stack): Promise<void> {
  const admin = createClient(stack.apiUrl, stack.secretKey);
  await admin.storage.createBucket("catalogue", { public: false });
  const kinds = KINDS.flatMap(([width, height, share]) =>
    Array.from({ length: share }, () => [width, height] as const)
  );
  const rows: { name: string; category: string; thumbnail_url: string }[] = [];
  for (let number = 0; number < PICTURES; number++) {
    const [width, height] = kinds[number * 37 % kinds.length]!;
    const background = { r: number & 255, g: number >> 8, b: number * 7 & 255 };
    const bytes = await sharp({ create: { width, height, channels: 3, background } })
      .jpeg().toBuffer();
    const path = `${number}.jpg`;
    const { error } = await admin.storage.from("catalogue")
      .upload(path, new Uint8Array(bytes), { contentType: "image/jpeg" });
    assert.equal(error, null);
    rows.push({ name: path, category: "wood", thumbnail_url: `storage://catalogue/${path}` });
  }
  const { error } = await admin.from("materials_catalog").insert(rows);
  assert.equal(error, null);
}
