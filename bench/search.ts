/** How long a search takes in Postgres as the catalogue grows, and by which indexes. */
import postgres from "postgres";
import {
  createTemplateDatabase,
  startTestPostgres,
} from "../dev/stack/testing/template-database.ts";
import { median, printTable, toText } from "./table.ts";

const SIZES = [1_000, 10_000, 100_000];
const RUNS = 9;

interface Case {
  name: string;
  parameters: Record<string, unknown>;
  /** The indexes of material_search.documents that must be used. */
  indexes: string[];
}

const CASES: Case[] = [
  {
    name: "text, in one of a thousand",
    parameters: { query_text: "mark7", weights: [0, 0.75, 0, 0.25] },
    indexes: ["documents_document_idx"],
  },
  {
    name: "text, in one of ten",
    parameters: { query_text: "oak", weights: [0, 0.75, 0, 0.25] },
    indexes: ["documents_document_idx"],
  },
  {
    name: "text, misspelt",
    parameters: { query_text: "travertyne", weights: [0, 0.75, 0, 0.25] },
    indexes: ["documents_names_idx", "documents_document_idx"],
  },
  {
    name: "text, misspelt, in all of them",
    parameters: { query_text: "panell", weights: [0, 0.75, 0, 0.25] },
    // Every row is wanted, so none is the right one.
    indexes: [],
  },
  {
    name: "filters",
    parameters: {
      material_types: ["kind7"],
      property_filters: { lot: 7, finish: "honed" },
      weights: [0, 0, 1, 0],
    },
    indexes: ["documents_terms_idx"],
  },
  {
    name: "a picture",
    parameters: {
      picture_text: "mark7 kind7",
      picture_properties: { family: "family7", finish: "honed", colors: ["warm brown"] },
      weights: [0, 0.5, 0.33, 0.17],
    },
    indexes: ["documents_document_idx", "documents_terms_idx"],
  },
];

/** Prints the table. */
export async function benchSearch(): Promise<void> {
  await using server = await startTestPostgres();
  const url = await createTemplateDatabase(server);
  const plans: string[] = [];
  const sql = postgres(url, { max: 1, onnotice: ({ message }) => plans.push(message ?? "") });
  try {
    await sql`load 'auto_explain'`;
    await sql.unsafe(`
      set auto_explain.log_nested_statements = on;
      set auto_explain.log_level = notice;
      set client_min_messages = notice;
      set auto_explain.log_min_duration = -1;
    `);
    const rows: string[][] = [];
    let size = 0;
    for (const wanted of SIZES) {
      await addMaterials(sql, size + 1, wanted);
      size = wanted;
      for (const { name, parameters, indexes } of CASES) {
        const { ms, total } = await measure(sql, parameters);
        const used = await explain(sql, parameters, plans);
        const missing = indexes.filter((index) => !used.has(index));
        rows.push([
          size.toLocaleString("en"),
          name,
          total.toLocaleString("en"),
          toText(ms),
          indexes.length === 0
            ? "–"
            : missing.length === 0
            ? "ok"
            : `without ${missing.join(", ")}`,
        ]);
      }
    }
    console.log(`\nThe median of ${RUNS} searches as a signed-in user, a page of 20\n`);
    printTable(["materials", "search", "found", "ms", "indexes"], rows);
  } finally {
    await sql.end();
  }
}

/** Each mark is one of a thousand, each kind one of a hundred; a tenth is made of oak. */
async function addMaterials(sql: postgres.Sql, from: number, to: number): Promise<void> {
  await sql`
    insert into public.materials_catalog (id, name, category, description, properties)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
      'Panel mark' || n % 1000 || case when n % 10 = 0 then ' oak' else ' board' end,
      'kind' || n % 100,
      'For walls and ceilings, made in works ' || n % 50,
      jsonb_build_object('lot', n % 100)
    from generate_series(${from}::int, ${to}::int) n`;
  await sql`
    insert into public.material_visual_analysis (
      material_id, material_type, finish_type, color_description, visual_characteristics,
      structural_properties, analysis_confidence
    )
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
      case when n % 500 = 3 then 'travertine' else 'board' end,
      (array['honed', 'matte', 'polished'])[1 + (n / 100) % 3], 'warm brown, beige',
      'An even surface with a fine grain in light and dark bands, number ' || n,
      jsonb_build_object('family', 'family' || n % 50), (n % 100) / 100.0
    from generate_series(${from}::int, ${to}::int) n`;
  await sql`select public.material_search_refresh_documents(10000000)`;
  await sql`analyze`;
  await sql`vacuum`;
}

/** In a transaction of a signed-in user. */
async function run(sql: postgres.Sql, parameters: Record<string, unknown>, isExplained: boolean) {
  const names = Object.keys(parameters);
  const call = names.map((name, index) => `p_${name} => $${index + 1}`).join(", ");
  return await sql.begin(async (transaction) => {
    if (isExplained) await transaction`set local auto_explain.log_min_duration = 0`;
    await transaction`
      select set_config('request.jwt.claims', '{"role":"authenticated","sub":"x"}', true)`;
    await transaction`set local role authenticated`;
    const startedAt = performance.now();
    const [row] = await transaction.unsafe(
      `select public.material_search_find_materials(${call}) as found`,
      names.map((name) => parameters[name]) as never[],
    );
    return { ms: performance.now() - startedAt, total: row!.found.total_results as number };
  });
}

async function measure(sql: postgres.Sql, parameters: Record<string, unknown>) {
  let total = 0;
  const times: number[] = [];
  await run(sql, parameters, false);
  for (let i = 0; i < RUNS; i++) {
    const { ms, total: found } = await run(sql, parameters, false);
    times.push(ms);
    total = found;
  }
  return { ms: median(times), total };
}

/** The indexes in the plans of everything that the search runs. */
async function explain(
  sql: postgres.Sql,
  parameters: Record<string, unknown>,
  plans: string[],
): Promise<Set<string>> {
  plans.length = 0;
  await run(sql, parameters, true);
  return new Set(plans.flatMap((plan) => plan.match(/\bdocuments_\w+_idx\b/g) ?? []));
}
