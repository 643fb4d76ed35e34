/**
 * How well the catalogue of the seed, enlarged by `catalogue.sql`, is searched: the whole function against
 * full text alone, by kind of query.
 */
import { Buffer } from "node:buffer";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { connect } from "../../dev/stack/postgres/connect.ts";
import { startStack } from "../../dev/stack/stack.ts";
import type { AnalysisResponseBody } from "../../supabase/functions/_shared/client/contract.ts";
import type {
  SearchRequestBody,
  SearchResponseBody,
} from "../../supabase/functions/_shared/client/search/search-contract.ts";
import { LABELLED_QUERIES, type LabelledQuery } from "./queries.ts";
import { mean, printTable, toText } from "../table.ts";

/** Ranks that count for precision and for nDCG. */
const [PRECISION_DEPTH, NDCG_DEPTH] = [5, 10];

const CATALOGUE = new URL("catalogue.sql", import.meta.url);

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
    await sql.unsafe(await Deno.readTextFile(CATALOGUE));
    const names = (await sql`select name from public.materials_catalog`).map(({ name }) => name);
    const kinds = [...new Set(LABELLED_QUERIES.map(({ kind }) => kind))];
    const rows: string[][] = [];
    for (const [name, search] of searches) {
      const judged = [];
      for (const query of LABELLED_QUERIES) {
        const expected = names.filter((each) => query.expected.test(each));
        if (expected.length === 0) throw new Error(`Nothing is right for "${query.text}"`);
        judged.push({ kind: query.kind, ...judgeRanking(await search(query), expected) });
      }
      for (const kind of [...kinds, "all"]) {
        const some = judged.filter((one) => kind === "all" || one.kind === kind);
        rows.push([
          kind,
          name,
          String(some.length),
          toText(mean(some.map(({ ndcg }) => ndcg)), 2),
          toText(mean(some.map(({ reciprocalRank }) => reciprocalRank)), 2),
          toText(mean(some.map(({ precision }) => precision)), 2),
          toText(mean(some.map(({ bestPrecision }) => bestPrecision)), 2),
        ]);
      }
    }
    rows.sort((a, b) => order(kinds, a[0]!) - order(kinds, b[0]!));
    console.log(`\n${names.length} materials, pictures described by the stand-in\n`);
    const header = [`nDCG@${NDCG_DEPTH}`, "MRR", `precision@${PRECISION_DEPTH}`, "at best"];
    printTable(["queries", "search", "n", ...header], rows);
  } finally {
    await sql.end();
  }
}

/**
 * Judges a ranking by what is right, each as right as the other.
 *
 * `ndcg` is DCG@10 over the best that there could be, with gain 1 and discount log2(rank + 1) (Järvelin
 * and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002).
 *
 * @returns nDCG@10, precision of the first five, the most it could be, and 1 / the first right one's rank.
 */
function judgeRanking(names: readonly string[], expected: readonly string[]) {
  const isRight = (name: string) => expected.includes(name);
  const first = names.findIndex(isRight);
  const discount = (index: number) => 1 / Math.log2(index + 2);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const gain = names.slice(0, NDCG_DEPTH).map((name, index) => isRight(name) ? discount(index) : 0);
  const bestGain = Array.from(
    { length: Math.min(NDCG_DEPTH, expected.length) },
    (_, index) => discount(index),
  );
  return {
    ndcg: sum(gain) / sum(bestGain),
    precision: names.slice(0, PRECISION_DEPTH).filter(isRight).length / PRECISION_DEPTH,
    bestPrecision: Math.min(expected.length, PRECISION_DEPTH) / PRECISION_DEPTH,
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
      material_search.to_text_query(${`${query.text ?? ""} ${prose}`}) query(query)
    where d.document @@ query.query
    order by ts_rank(d.document, query.query) desc, material.id`;
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
  const bytes = await Deno.readFile(new URL(`../../dev/samples/${name}`, import.meta.url));
  return Buffer.from(bytes).toString("base64");
}

function order(kinds: readonly string[], kind: string): number {
  return kind === "all" ? kinds.length : kinds.indexOf(kind);
}
