/** How near the first page of a search is to what an exact ranking has on it. */
import { differenceCiede2000 } from "culori";
import type postgres from "postgres";
import type { PaletteColor } from "../../supabase/functions/_shared/client/contract.ts";
import type { Parameters } from "./kinds.ts";
import { asUser } from "./user.ts";

// deno-lint-ignore no-explicit-any
export type Found = any;

const differ = differenceCiede2000();

/** Whether there is an exact ranking to compare with. Of a million, all colours are too much to hold. */
export function hasExact(kind: string, materials: number): boolean {
  if (kind === "a word in a colour") return false;
  return materials < 1_000_000 || !["a colour", "a palette"].includes(kind);
}

/** Share of the exact first 20, of which a score within 1 % of the 20th's is as right. */
export async function measureOverlap(
  sql: postgres.Sql,
  parameters: Parameters,
  found: Found,
): Promise<number> {
  const scores = parameters.color || parameters.palette
    ? await rankColours(sql, parameters)
    : await rankAll(sql, parameters, found);
  if (scores.length === 0) return 1;
  const least = scores.at(-1)! * 0.99;
  return found.results.filter((result: Found) => result.combined >= least).length / scores.length;
}

/** The first 20 scores of all that is found, by the formula of the search. */
async function rankAll(
  sql: postgres.Sql,
  parameters: Parameters,
  found: Found,
): Promise<number[]> {
  const { query_text, picture_text = null, ...rest } = parameters;
  const corrected = Object.entries(found.corrections as Record<string, string>)
    .reduce((text, [wrong, right]) => text.replaceAll(wrong, right), String(query_text ?? ""));
  const search = { ...rest, has_query: Boolean(corrected || picture_text), min_similarity: 0.5 };
  const rows = await asUser(sql, (transaction) =>
    transaction`
      with search as materialized (
        select jsonb_populate_record(
          null::material_search.search,
          ${transaction.json(search as never)} || jsonb_build_object(
            'query', text.query, 'query_parts', text.parts, 'query_scales', text.scales,
            'picture_query', picture.query, 'picture_query_parts', picture.parts,
            'picture_query_scales', picture.scales
          )
        ) as search
        from material_search.to_text_query(${corrected}) text,
          material_search.to_text_query(${picture_text as string | null}) picture
      )
      select r.combined
      from search, material_search.rank_readable(
        search.search, (material_search.read_found(search.search, 100000000)).material_ids
      ) r
      order by r.combined desc limit 20`);
  return rows.map(({ combined }) => combined);
}

/** The first 20 scores of all materials by their colours, measured by a library. */
async function rankColours(sql: postgres.Sql, parameters: Parameters): Promise<number[]> {
  const palette = (parameters.palette ?? [{ hex: parameters.color, share: 1 }]) as PaletteColor[];
  const shares = palette.reduce((sum, { share }) => sum + share, 0);
  const colors = await sql`
    select material_id as id, lightness as l, a, b from material_search.colors where owner is null`;
  const distances = new Map<string, number>();
  for (const { hex, share } of palette) {
    const nearest = new Map<string, number>();
    for (const { id, l, a, b } of colors) {
      const distance = differ(hex, { mode: "lab65", l, a, b });
      nearest.set(id, Math.min(distance, nearest.get(id) ?? Infinity));
    }
    for (const [id, distance] of nearest) {
      distances.set(id, (distances.get(id) ?? 0) + distance * share / shares);
    }
  }
  return [...distances.values()].sort((one, other) => one - other).slice(0, 20)
    .map((distance) => Math.max(0, 1 - distance / 100));
}
