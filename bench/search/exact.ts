/** How near the first page of a search is to what an exact ranking has on it. */
import type postgres from "postgres";
import type { Parameters } from "./kinds.ts";
import { asUser } from "./user.ts";

// deno-lint-ignore no-explicit-any
export type Found = any;

/** Whether there is an exact ranking to compare with. All colours of a million are too much for one array. */
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
        search.search, material_search.find_readable(search.search, 100000000)
      ) r
      order by r.combined desc limit 20`);
  return rows.map(({ combined }) => combined);
}

/** The first 20 scores of all materials, each by its own nearest colours. */
async function rankColours(sql: postgres.Sql, parameters: Parameters): Promise<number[]> {
  const palette = parameters.palette ?? [{ hex: parameters.color, share: 1 }];
  const [row] = await sql`
    select distances[1:20] as distances
    from (
      select array_agg(c) as colors, array_agg(distinct c.material_id) as ids
      from material_search.colors c where c.owner is null
    ) every,
    lateral material_search.measure_palette(${
    sql.json(palette as never)
  }, every.colors, every.ids)`;
  return (row!.distances as number[]).map((distance) => Math.max(0, 1 - distance / 100));
}
