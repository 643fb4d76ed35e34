/** Databases that an application lives in already, and the migrations as they meet them. */
import type postgres from "postgres";
import { connect } from "../../../dev/stack/postgres/connect.ts";
import {
  createDatabase,
  type DatabaseHost,
  dropDatabase,
} from "../../../dev/stack/postgres/databases.ts";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";

const MIGRATIONS = new URL("../../../supabase/migrations/", import.meta.url);

/** A migration of this project. */
export interface Migration {
  name: string;
  text: string;
}

/** Those of the limits, of the search and of the jobs, each in their order. */
export async function readParts(): Promise<
  { limits: Migration[]; search: Migration[]; jobs: Migration[] }
> {
  const names = (await Array.fromAsync(Deno.readDir(MIGRATIONS))).map(({ name }) => name).sort();
  const read = (wanted: (name: string) => boolean) =>
    Promise.all(
      names.filter(wanted).map(async (name) => ({
        name,
        text: await Deno.readTextFile(new URL(name, MIGRATIONS)),
      })),
    );
  const readPart = (part: string) => read((name) => name.includes(`_${part}_`));
  return {
    limits: await readPart("semantic_analysis"),
    search: await readPart("material_search"),
    jobs: await readPart("catalogue_jobs"),
  };
}

/**
 * A database as the platform hands it out, without a migration, or with those of the limits already: no
 * table of an application means anything to them, and it saves most of the time.
 */
export async function openGuestDatabase(
  { hasLimits }: { hasLimits: boolean },
): Promise<{ sql: postgres.Sql } & AsyncDisposable> {
  // For its server alone.
  const other = await openTestDatabase();
  const name = `guest_${crypto.randomUUID().replaceAll("-", "")}`;
  if (hasLimits) {
    await (template ??= createTemplate(other.server));
    await createDatabase(other.server, name, { template: TEMPLATE });
  } else {
    await createDatabase(other.server, name);
  }
  const sql = connect(other.server.url(name, "postgres"), { maxConnections: 1 });
  return {
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end();
      await dropDatabase(other.server, name);
      await other[Symbol.asyncDispose]();
    },
  };
}

const TEMPLATE = `guest_template_${crypto.randomUUID().replaceAll("-", "")}`;

let template: Promise<void> | undefined;

/** Ends with the server. */
async function createTemplate(server: DatabaseHost): Promise<void> {
  await createDatabase(server, TEMPLATE);
  const sql = connect(server.url(TEMPLATE, "postgres"), { maxConnections: 1 });
  await apply(sql, (await readParts()).limits);
  await sql.end();
}

/** One after the other, each in a transaction of its own, as the CLI does. */
export async function apply(sql: postgres.Sql, migrations: readonly Migration[]): Promise<void> {
  for (const { text } of migrations) await sql.begin((transaction) => transaction.unsafe(text));
}

/** What an application's own tables are, but for the triggers of the search and its one index. */
export async function describeOwn(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with own as (
      select c.* from pg_class c
      where c.relnamespace not in (
          'pg_catalog'::regnamespace, 'information_schema'::regnamespace
        )
        and c.relname in ('materials_catalog', 'material_visual_analysis')
    )
    select concat_ws(' ', relnamespace::regnamespace, relname, relkind, relrowsecurity,
      relforcerowsecurity, relacl, relowner::regrole) as line from own
    union all
    select concat_ws(' ', attrelid, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
      attacl) from pg_attribute join own on own.oid = attrelid
    union all
    select concat_ws(' ', conrelid, conname, pg_get_constraintdef(c.oid))
    from pg_constraint c join own on own.oid in (conrelid, confrelid)
    union all
    select concat_ws(' ', polrelid, polname, polcmd, pg_get_expr(polqual, polrelid))
    from pg_policy join own on own.oid = polrelid
    union all
    select concat_ws(' ', tgrelid, tgname, pg_get_triggerdef(t.oid))
    from pg_trigger t join own on own.oid = tgrelid
    where tgname not like 'material\\_search\\_%' or pg_get_triggerdef(t.oid) not like '%material_search.%'
    order by 1`;
  return rows.map(({ line }) => line);
}
