/** Palettes in a test's database. */
import type postgres from "postgres";
import type { PaletteColor } from "../../../supabase/functions/_shared/client/contract.ts";

const HASH = "0".repeat(64);

/** Colours of equal shares. */
export function toPalette(...hexes: string[]): PaletteColor[] {
  return hexes.map((hex) => ({ hex, share: 1 / hexes.length, name: "measured" }));
}

/** As `deno task catalogue --colors` does it. */
export async function storePalette(
  sql: postgres.Sql,
  materialId: string,
  palette: PaletteColor[],
  source = "https://example.com/a.jpg",
): Promise<void> {
  await sql`
    select public.material_search_store_palette(
      ${materialId}, ${sql.json(palette as unknown as postgres.JSONValue)}, ${source}, ${HASH}
    )`;
}

/** The same palette for all materials of a name. */
export async function storePalettes(
  sql: postgres.Sql,
  name: string,
  palette: PaletteColor[],
): Promise<void> {
  await sql`
    select public.material_search_store_palette(
      id, ${
    sql.json(palette as unknown as postgres.JSONValue)
  }, 'https://example.com/a.jpg', ${HASH}
    ) from public.materials_catalog where name = ${name}`;
}

/** Materials named by their place, "0", "1" and so on, each with its palette. */
export async function addMaterialsWith(
  sql: postgres.Sql,
  palettes: PaletteColor[][],
): Promise<void> {
  await sql`
    insert into public.materials_catalog (name, category)
    select n::text, 'test' from generate_series(0, ${palettes.length - 1}::int) n`;
  await sql`select public.material_search_refresh_documents(10000000)`;
  await sql`
    with given as (
      select m.id, one.palette
      from jsonb_array_elements(${sql.json(palettes as unknown as postgres.JSONValue)})
        with ordinality one (palette, n)
      join public.materials_catalog m on m.name = (one.n - 1)::text
    )
    select public.material_search_store_palette(id, palette, 'https://example.com/a.jpg', ${HASH})
    from given`;
  await sql.unsafe("analyze material_search.colors");
}
