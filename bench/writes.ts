/** What the search adds to a row that an application writes, as the catalogue grows. */
import type postgres from "postgres";
import { connect } from "../dev/stack/postgres/connect.ts";
import {
  createTemplateDatabase,
  startTestPostgres,
} from "../dev/stack/testing/template-database.ts";
import { median, printTable, toText } from "./table.ts";

const SIZES = [10_000, 100_000];
const ROWS = 5_000;
const SINGLE_ROWS = 300;
const RUNS = 5;

/** Microseconds a row. */
interface Cost {
  bare: number;
  searched: number;
  /** What catching up takes afterwards; 0 where there is nothing to catch up with. */
  later: number;
}

/** Prints the table. */
export async function benchWrites(): Promise<void> {
  await using server = await startTestPostgres();
  const sql = connect(await createTemplateDatabase(server), { maxConnections: 1 });
  const rows: string[][] = [];
  try {
    await sql`create table public.bare (like public.materials_catalog including all)`;
    let size = 0;
    for (const wanted of SIZES) {
      for (const table of ["bare", "materials_catalog"]) await insert(sql, table, size, wanted);
      await catchUp(sql);
      size = wanted;
      await sql`analyze`;
      for (const [name, write, count] of WRITES) {
        const { bare, searched, later } = await measure(sql, write, size, count);
        rows.push([
          size.toLocaleString("en"),
          name,
          toText(bare),
          toText(searched),
          toText(searched - bare),
          toText(later),
        ]);
      }
    }
  } finally {
    await sql.end();
  }
  console.log(
    `\nMicroseconds a row, the median of ${RUNS}; statements of ${ROWS} rows, or of one\n`,
  );
  printTable(["materials", "write", "bare", "with the search", "added", "later"], rows);
}

type Write = (sql: postgres.Sql, table: string, size: number) => Promise<unknown>;

const WRITES: [name: string, write: Write, count: number][] = [
  ["insert, in bulk", (sql, table, size) => insert(sql, table, size, size + ROWS), ROWS],
  [
    "update of names, in bulk",
    (sql, table, size) =>
      sql`update ${sql(table)} set name = name || ' x' where id between ${toId(1)} and ${
        toId(Math.min(ROWS, size))
      }`,
    ROWS,
  ],
  [
    "update of what isn't searched, in bulk",
    (sql, table, size) =>
      sql`update ${sql(table)} set thumbnail_url = 'x' where id between ${toId(1)} and ${
        toId(Math.min(ROWS, size))
      }`,
    ROWS,
  ],
  ["insert, one at a time", async (sql, table, size) => {
    for (let n = 1; n <= SINGLE_ROWS; n++) await insert(sql, table, size + n - 1, size + n);
  }, SINGLE_ROWS],
];

async function measure(
  sql: postgres.Sql,
  write: Write,
  size: number,
  count: number,
): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < RUNS; run++) {
    // In turns, so that what slows the machine slows both.
    const bare = await time(() => write(sql, "bare", size));
    const searched = await time(() => write(sql, "materials_catalog", size));
    const later = await time(() => catchUp(sql));
    costs.push({ bare, searched, later });
    for (const table of ["bare", "materials_catalog"]) {
      await sql`delete from ${sql(table)} where id > ${toId(size)}`;
    }
    await catchUp(sql);
  }
  const of = (key: keyof Cost) => median(costs.map((cost) => cost[key])) * 1_000 / count;
  return { bare: of("bare"), searched: of("searched"), later: of("later") };
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

const catchUp = (sql: postgres.Sql) =>
  sql`select public.material_search_refresh_documents(10000000)`;

const toId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const insert = (sql: postgres.Sql, table: string, from: number, to: number) =>
  sql`
    insert into ${sql(table)} (id, name, category, description, properties)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
      'Panel mark' || n % 1000 || case when n % 10 = 0 then ' oak' else ' board' end,
      'kind' || n % 100, 'For walls and ceilings, made in works ' || n % 50,
      jsonb_build_object('lot', n % 100, 'finish', (array['honed', 'matte', 'polished'])[1 + n % 3])
    from generate_series(${from + 1}::int, ${to}::int) n`;
