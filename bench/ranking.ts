/** How well the catalogue of the seed is searched: the whole function against full text alone. */
import { Buffer } from "node:buffer";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { connect } from "../dev/stack/postgres/connect.ts";
import { startStack } from "../dev/stack/stack.ts";
import type { AnalysisResponseBody } from "../supabase/functions/_shared/client/contract.ts";
import type {
  SearchRequestBody,
  SearchResponseBody,
} from "../supabase/functions/visual-search/request/contract.ts";
import { LABELLED_QUERIES, type LabelledQuery } from "./ranking-queries.ts";
import { mean, printTable, toText } from "./table.ts";

const DEPTH = 5;

/** Best first. */
type Search = (query: LabelledQuery) => Promise<string[]>;

/** Prints the table. */
export async function benchRanking(): Promise<void> {
  await using stack = await startStack({
    functionEnvironment: { RATE_LIMIT_PER_MINUTE: "1000", RATE_LIMIT_PER_DAY: "1000" },
  });
  const sql = connect(stack.databaseUrl);
  // With the project's rights: whose limits are used doesn't matter here.
  const supabase = createClient(stack.apiUrl, stack.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const searches: [name: string, search: Search][] = [
    ["full text", (query) => searchText(sql, supabase, query)],
    ["hybrid", (query) => searchHybrid(supabase, query)],
  ];
  try {
    const groups = [...new Set(LABELLED_QUERIES.map(({ group }) => group))];
    const rows: string[][] = [];
    for (const [name, search] of searches) {
      const judged = [];
      for (const query of LABELLED_QUERIES) {
        judged.push({ group: query.group, ...judgeRanking(await search(query), query.expected) });
      }
      for (const group of [...groups, "all"]) {
        const some = judged.filter((one) => group === "all" || one.group === group);
        rows.push([
          group,
          name,
          String(some.length),
          toText(mean(some.map(({ precision }) => precision)), 2),
          toText(mean(some.map(({ bestPrecision }) => bestPrecision)), 2),
          toText(mean(some.map(({ reciprocalRank }) => reciprocalRank)), 2),
        ]);
      }
    }
    rows.sort((a, b) => order(groups, a[0]!) - order(groups, b[0]!));
    console.log(`\nThe seed's catalogue, pictures described by the stand-in\n`);
    printTable(["queries", "search", "n", `precision@${DEPTH}`, "at best", "MRR"], rows);
  } finally {
    await sql.end();
  }
}

/** @returns precision of the first five, the most it could be, and 1 / the first right one's rank. */
export function judgeRanking(names: readonly string[], expected: readonly string[]) {
  const first = names.findIndex((name) => expected.includes(name));
  return {
    precision: names.slice(0, DEPTH).filter((name) => expected.includes(name)).length / DEPTH,
    bestPrecision: Math.min(expected.length, DEPTH) / DEPTH,
    reciprocalRank: first === -1 ? 0 : 1 / (first + 1),
  };
}

/** What Postgres alone would do with the text, or with the prose about the picture. */
async function searchText(
  sql: postgres.Sql,
  supabase: SupabaseClient,
  query: LabelledQuery,
): Promise<string[]> {
  const prose = query.picture ? (await analyse(supabase, query.picture)).analysis : "";
  const rows = await sql`
    select material.name
    from material_search.documents d
    join public.materials_catalog material on material.id = d.material_id,
      material_search.to_any_query(${`${query.text ?? ""} ${prose}`}) query
    where d.document @@ query
    order by ts_rank(d.document, query) desc, material.id`;
  return rows.map(({ name }) => name);
}

async function searchHybrid(supabase: SupabaseClient, query: LabelledQuery): Promise<string[]> {
  const { data, error } = await supabase.functions.invoke<SearchResponseBody>("visual-search", {
    body: {
      search_type: "hybrid",
      ...(query.text && { query_text: query.text }),
      ...(query.picture && { query_image: await readPicture(query.picture) }),
    } satisfies SearchRequestBody,
  });
  if (error) throw error;
  return data!.results.map(({ material_name }) => material_name);
}

async function analyse(supabase: SupabaseClient, name: string): Promise<AnalysisResponseBody> {
  const { data, error } = await supabase.functions.invoke<AnalysisResponseBody>(
    "semantic-analysis",
    { body: { image_data: await readPicture(name) } },
  );
  if (error) throw error;
  return data!;
}

async function readPicture(name: string): Promise<string> {
  const bytes = await Deno.readFile(new URL(`../dev/samples/${name}`, import.meta.url));
  return Buffer.from(bytes).toString("base64");
}

function order(groups: readonly string[], group: string): number {
  return group === "all" ? groups.length : groups.indexOf(group);
}
