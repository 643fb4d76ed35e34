/** Measured colours of the bench's catalogue. */
import type postgres from "postgres";
import { createRandom } from "../../dev/random.ts";
import { drawPalettes } from "../../dev/samples/palettes.ts";
import { toId } from "./catalogue.ts";

const CHUNK = 5_000;

/** Gives the materials `from` to `to` one to five colours each, without a picture of them. */
export async function addPalettes(
  sql: postgres.Sql,
  from: number,
  to: number,
  owner: string | null = null,
): Promise<void> {
  const random = createRandom(from);
  for (let first = from; first <= to; first += CHUNK) {
    const palettes = drawPalettes(Math.min(CHUNK, to - first + 1), random);
    const colors = palettes.flatMap((palette, index) =>
      palette.map((color, place) => ({ ...color, id: toId(first + index), place: place + 1 }))
    );
    await sql`
      insert into material_search.colors (material_id, position, owner, share, lightness, a, b, place)
      select c.id, c.place, ${owner}, c.share, lab.lightness, lab.a, lab.b,
        material_search.to_place(lab.lightness, lab.a, lab.b)
      from jsonb_to_recordset(${sql.json(colors as never)})
        as c (id uuid, place smallint, share real, hex text)
      cross join lateral material_search.to_cielab(c.hex) lab`;
  }
  await sql`vacuum analyze material_search.colors`;
}
