/** How long a search takes in Postgres as the catalogue grows, and how near its first page is to exact. */
import type postgres from "postgres";
import { connect } from "../../dev/stack/postgres/connect.ts";
import {
  createTemplateDatabase,
  startTestPostgres,
} from "../../dev/stack/testing/template-database.ts";
import { printTable, quantile, toText } from "../table.ts";
import { addMaterials, makeMaterial } from "./catalogue.ts";

const SIZES = [10_000, 100_000];
const RUNS = 10;
const PRIVATE_ROWS = 20_000;
const USER = "aaaaaaaa-0000-4000-8000-000000000000";
const OTHER = "bbbbbbbb-0000-4000-8000-000000000000";

type Parameters = Record<string, unknown>;

/** What a text, and a picture, of `visual-search` come to. */
const byText = (query_text: string): Parameters => ({ query_text, weights: [0, 0.75, 0, 0.25] });

/** As `visual-search` makes it of an analysis: the words of the structure, and its properties. */
function byPicture(n: number): Parameters {
  const { analysis, category } = makeMaterial(n);
  const { material_type: type, finish_type: finish, surface_texture: texture } = analysis;
  const { pattern_grain: pattern, structural_properties: { family } } = analysis;
  const colors = analysis.color_description.split(", ");
  return {
    picture_text: [family, type, finish, texture, pattern, ...colors, category, "modern"].join(" "),
    picture_properties: { family, type, finish, texture, pattern, colors },
    weights: [0, 0.5, 0.333333, 0.166667],
  };
}

/** Of each kind some, so that no one plan is all that is measured. */
export const KINDS: Record<string, Parameters[]> = {
  "a picture": [7, 11, 13, 17, 19].map(byPicture),
  "a broad word": ["oak", "brown", "flooring", "grey", "polished"].map(byText),
  "a rare word": ["quartzite", "terrazzo", "herringbone", "patinated", "sett"].map(byText),
  "two words": ["white marble", "oiled oak", "brushed steel", "grey felt", "black slate"].map(
    byText,
  ),
  "a sentence": [
    "a dark wooden floor with a herringbone pattern",
    "polished white stone slab for a kitchen worktop",
    "soft blue fabric for an armchair or a curtain",
  ].map(byText),
  "a misspelling": ["travertyne", "marbel", "alumnium", "porcelan", "terazzo"].map(byText),
  "a list and a range": [10, 20, 30].map((max) => ({
    material_types: ["wood", "stone"],
    property_filters: { finish: ["polished", "oiled", "matte"], thickness_mm: { min: 5, max } },
    weights: [0, 0, 1, 0],
  })),
  "a range alone": [3, 20, 50].map((min) => ({
    property_filters: { thickness_mm: { min, max: min + 2 } },
    weights: [0, 0, 1, 0],
  })),
  "a value": [7, 77, 777].map((lot) => ({ property_filters: { lot }, weights: [0, 0, 1, 0] })),
};

/** Prints the table. */
export async function benchSearch(): Promise<void> {
  await using server = await startTestPostgres();
  const sql = connect(await createTemplateDatabase(server), { maxConnections: 1 });
  const rows: string[][] = [];
  try {
    await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 60000)`;
    let size = 0;
    for (const wanted of SIZES) {
      const startedAt = performance.now();
      await addMaterials(sql, size + 1, wanted);
      console.log(
        `${wanted - size} materials in ${toText((performance.now() - startedAt) / 1000)} s`,
      );
      size = wanted;
      rows.push(...await measureAll(sql, size.toLocaleString("en")));
    }
    await addMaterials(sql, 9_000_001, 9_000_000 + PRIVATE_ROWS, OTHER);
    rows.push(...await measureAll(sql, `and ${PRIVATE_ROWS.toLocaleString("en")} of others`));
  } finally {
    await sql.end();
  }
  console.log(`\nMilliseconds of ${RUNS} rounds, as a signed-in user, a page of 20\n`);
  printTable(["materials", "search", "found", "p50", "p95", "overlap@20"], rows);
}

export async function measureAll(sql: postgres.Sql, size: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [kind, searches] of Object.entries(KINDS)) {
    const times: number[] = [];
    const totals: number[] = [];
    const overlaps: number[] = [];
    for (const parameters of searches) {
      const { found } = await search(sql, parameters);
      totals.push(found.total_results);
      overlaps.push(await measureOverlap(sql, parameters, found));
    }
    for (let round = 0; round < RUNS; round++) {
      for (const parameters of searches) times.push((await search(sql, parameters)).ms);
    }
    rows.push([
      size,
      kind,
      Math.max(...totals).toLocaleString("en"),
      toText(quantile(times, 0.5)),
      toText(quantile(times, 0.95)),
      `${toText(Math.min(...overlaps), 2)} at least`,
    ]);
  }
  return rows;
}

// deno-lint-ignore no-explicit-any
type Found = any;

async function asUser<T>(
  sql: postgres.Sql,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return await sql.begin(async (transaction) => {
    const claims = JSON.stringify({ role: "authenticated", sub: USER });
    await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
    await transaction`set local role authenticated`;
    return await run(transaction);
  }) as T;
}

export async function search(sql: postgres.Sql, parameters: Parameters) {
  const names = Object.keys(parameters);
  const call = names.map((name, index) => `p_${name} => $${index + 1}`).join(", ");
  return await asUser(sql, async (transaction) => {
    const startedAt = performance.now();
    const [row] = await transaction.unsafe(
      `select public.material_search_find_materials(${call}) as found`,
      names.map((name) => parameters[name]) as never[],
    );
    return { ms: performance.now() - startedAt, found: row!.found as Found };
  });
}

/** Share of the exact first 20, of which a score within 1 % of the 20th's is as right. */
async function measureOverlap(
  sql: postgres.Sql,
  parameters: Parameters,
  found: Found,
): Promise<number> {
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
            'query', text.query, 'query_scale', text.scale,
            'picture_query', picture.query, 'picture_query_scale', picture.scale
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
  if (rows.length === 0) return 1;
  const least = rows.at(-1)!.combined * 0.99;
  return found.results.filter((result: Found) => result.combined >= least).length / rows.length;
}
