/** How long a search takes in Postgres as the catalogue grows, and how near its first page is to exact. */
import { connect } from "../../dev/stack/postgres/connect.ts";
import { createDatabase } from "../../dev/stack/postgres/databases.ts";
import { startPostgres } from "../../dev/stack/postgres/postgres.ts";
import { applyMigrations } from "../../dev/stack/schema/migrations.ts";
import { printTable, toText } from "../table.ts";
import { addMaterials } from "./catalogue.ts";
import { HEADER, measureAll, ROUNDS } from "./measure.ts";
import { hasExact } from "./exact.ts";
import { addPalettes } from "./palettes.ts";

const OTHER = "bbbbbbbb-0000-4000-8000-000000000000";

/** What a server with 8 GB is given, where the catalogue is as large as that asks for. */
const MEMORY = { shared_buffers: "2GB", maintenance_work_mem: "1GB", max_wal_size: "4GB" };

/** Prints the table of 10,000 and of 100,000 materials, the latter also with as many private ones. */
export const benchSearch = () => benchSizes([10_000, 100_000], 100_000);

/** Prints the table of a million materials: 2 GB on the disk, and minutes to load them. */
export const benchMillion = () => benchSizes([1_000_000], 0);

async function benchSizes(sizes: readonly number[], othersPrivate: number): Promise<void> {
  await using server = await startPostgres({ settings: { fsync: "off", ...MEMORY } });
  await createDatabase(server, "search");
  await applyMigrations(server.url("search", "postgres"));
  const sql = connect(server.url("search"), { maxConnections: 1 });
  // Each table as soon as it is there: a run that is ended early has told something.
  const print = async (size: string, isByExact: (kind: string) => boolean) => {
    const rows = await measureAll(sql, size, isByExact);
    console.log(`\nMilliseconds of ${ROUNDS} rounds, as a signed-in user, a page of 20\n`);
    printTable(HEADER, rows);
  };
  try {
    await sql`select public.semantic_analysis_set_limits('default', p_searches_per_minute => 60000)`;
    let size = 0;
    for (const wanted of sizes) {
      const startedAt = performance.now();
      await addMaterials(sql, size + 1, wanted);
      const [database] = await sql`
        select pg_size_pretty(pg_database_size(current_database())) as bytes`;
      console.log(
        `${(wanted - size).toLocaleString("en")} materials in ${
          toText((performance.now() - startedAt) / 1000)
        } s; the database has ${database!.bytes}`,
      );
      await addPalettes(sql, size + 1, wanted);
      size = wanted;
      await print(size.toLocaleString("en"), (kind) => hasExact(kind, size));
    }
    if (othersPrivate > 0) {
      await addMaterials(sql, 9_000_001, 9_000_000 + othersPrivate, OTHER);
      await addPalettes(sql, 9_000_001, 9_000_000 + othersPrivate, OTHER);
      // The same pages as without them, or a test fails: the exact ranking is for the others.
      await print(`and ${othersPrivate.toLocaleString("en")} of others`, () => false);
    }
  } finally {
    await sql.end();
  }
}
