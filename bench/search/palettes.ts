/** Measured colours of the bench's catalogue. */
import { converter } from "culori";
import type postgres from "postgres";
import { createRandom } from "../../dev/random.ts";
import { drawPalettes } from "../../dev/samples/palettes.ts";
import { toId } from "./catalogue.ts";

const CHUNK = 5_000;

const toCielab = converter("lab65");

/** Gives the materials `from` to `to` one to five colours each, as if their pictures had been measured. */
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
      palette.map(({ hex, share }, place) => {
        // By a library, which is faster than the function in SQL and agrees with it.
        const { l, a, b } = toCielab(hex)!;
        return { id: toId(first + index), place: place + 1, share, l, a, b };
      })
    );
    await sql`
      insert into material_search.colors (material_id, position, owner, share, lightness, a, b, place)
      select id, place, ${owner}, share, l, a, b, material_search.to_place(l, a, b)
      from jsonb_to_recordset(${sql.json(colors as never)}) as c (
        id uuid, place smallint, share real, l double precision, a double precision, b double precision
      )`;
  }
  await sql`vacuum analyze material_search.colors`;
}
