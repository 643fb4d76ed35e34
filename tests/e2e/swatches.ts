/** Materials of one colour each, whose pictures are measured as `deno task catalogue --colors` does it. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import sharp from "sharp";
import { createMeasure, measureColours } from "../../dev/catalogue/measure-colours.ts";
import { createCatalogueProject } from "../../dev/catalogue/project.ts";

/** The colours, in the order of the materials. */
export const SWATCHES = ["#b68350", "#8a5a2b", "#2040c0", "#f4f0e6", "#1c1c1e", "#7d8471"] as const;

/** Renders a picture of each, measures them and stores what was measured, over the API. */
export async function measureSwatches(
  { apiUrl: url, secretKey }: { apiUrl: string; secretKey: string },
  sql: postgres.Sql,
): Promise<void> {
  for (const hex of SWATCHES) {
    await sql`
      insert into public.materials_catalog (name, category, thumbnail_url)
      values (${`Swatch ${hex}`}, 'swatch', ${`https://swatches.example/${hex.slice(1)}`})`;
  }
  const project = { url, secretKey };
  const result = await measureColours({
    store: createCatalogueProject(project),
    measure: createMeasure(project, async (input) => {
      const background = `#${String(input).slice(-6)}`;
      const create = { width: 120, height: 80, channels: 3 as const, background };
      return new Response(new Uint8Array(await sharp({ create }).jpeg().toBuffer()));
    }),
    category: "swatch",
    signal: new AbortController().signal,
  });
  assert.deepEqual([result.measured, result.failed], [SWATCHES.length, 0]);
}
