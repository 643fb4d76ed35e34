import assert from "node:assert/strict";
import type postgres from "postgres";
import { connect } from "../../dev/stack/postgres/connect.ts";
import { createDatabase, dropDatabase } from "../../dev/stack/postgres/databases.ts";
import { readSchemaListing } from "../../dev/stack/schema/schema-listing.ts";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { reserve, settle } from "./limiter.ts";

const FOLDER = new URL("../../supabase/migrations/", import.meta.url);

async function readMigrations(): Promise<{ name: string; text: string }[]> {
  const names = (await Array.fromAsync(Deno.readDir(FOLDER))).map((entry) => entry.name).sort();
  return Promise.all(
    names.map(async (name) => ({ name, text: await Deno.readTextFile(new URL(name, FOLDER)) })),
  );
}

Deno.test("migrations are named <timestamp>_<part>_<verb>_<object>.sql", async () => {
  const migrations = await readMigrations();
  assert.ok(migrations.length > 0);
  for (const { name } of migrations) {
    assert.match(
      name,
      /^\d{14}_(semantic_analysis|material_search|catalogue_jobs)(_[a-z]+)+\.sql$/,
    );
  }
});

Deno.test("migrations have less than 300 lines, their functions less than 80", async () => {
  for (const { name, text } of await readMigrations()) {
    assert.ok(text.split("\n").length < 300, name);
    for (const [body] of text.matchAll(/^create or replace function[^]*?^\$\$;$/gm)) {
      assert.ok(body.split("\n").length < 80, `${name}: ${body.slice(0, 100)}`);
    }
  }
});

Deno.test("every migration can be applied twice, and keeps what is stored", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await reserve(sql);
  await settle(sql, { id: crypto.randomUUID(), entry: { outcome: "ok" } });
  // The template has them once already.
  for (const { text } of await readMigrations()) await sql.unsafe(text);
  const [row] = await sql`select subject, day_used from semantic_analysis.rate_limits`;
  assert.deepEqual({ ...row }, { subject: "user:a", day_used: 1 });
  assert.equal((await sql`select from semantic_analysis.ledger`).length, 1);
  assert.equal((await reserve(sql)).outcome, "leader");
});

/** Runs a test on a database with the platform's schemas and no migrations. */
async function withEmptyDatabase(
  work: (sql: postgres.Sql, url: string) => Promise<void>,
): Promise<void> {
  await using database = await openTestDatabase();
  const name = `${database.name}_empty`;
  await createDatabase(database.server, name);
  const sql = connect(database.server.url(name, "postgres"), { maxConnections: 1 });
  try {
    await work(sql, database.server.url(name));
  } finally {
    await sql.end();
    await dropDatabase(database.server, name);
  }
}

Deno.test("in a project with the old default privileges nothing more is granted", async () => {
  await using database = await openTestDatabase();
  const usual = new Set((await readSchemaListing(database.url())).split("\n\n"));
  await withEmptyDatabase(async (sql, url) => {
    for (const kind of ["tables", "functions", "sequences"]) {
      // Of projects before October 2026, and here in every schema.
      await sql.unsafe(
        `alter default privileges grant all on ${kind} to anon, authenticated, service_role`,
      );
    }
    for (const { text } of await readMigrations()) await sql.unsafe(text);
    const listing = (await readSchemaListing(url)).split("\n\n");
    assert.deepEqual(listing.filter((entry) => !usual.has(entry)), []);
  });
});

Deno.test("the limits need neither the other parts nor Supabase Auth", async () => {
  await withEmptyDatabase(async (sql, url) => {
    const superuser = connect(url, { maxConnections: 1 });
    await superuser`set client_min_messages = warning`;
    await superuser`drop schema auth cascade`;
    await superuser.end();
    for (const { name, text } of await readMigrations()) {
      if (name.includes("_semantic_analysis_")) await sql.unsafe(text);
    }
    const limits = { per_minute: 5, burst: 5, per_day: 50, concurrent: 1, nano_per_month: null };
    const [row] = await sql`
      select public.semantic_analysis_reserve(${`user:${crypto.randomUUID()}`}, gen_random_uuid(),
        20, 20, 200, 4, p_ceiling_nano => 1, p_anonymous_limits => ${
      sql.json(limits)
    }) as decision`;
    assert.equal(row!.decision.outcome, "leader");
    assert.equal(row!.decision.per_day, 200);
  });
});

Deno.test("the listing of the schema is that of the migrations", async () => {
  const { checkSchemaListing } = await import("../../dev/stack/schema/schema-listing.ts");
  await using database = await openTestDatabase();
  // Older servers write the definitions of views and indexes in other words.
  const [server] = await database.connect()`
    select current_setting('server_version_num')::int as version`;
  if (server?.version < 170_000) return;
  assert.equal(await checkSchemaListing(database.url()), true, "run: deno task types");
});

Deno.test("the names of the migrations that the doctor knows are those of the folder", async () => {
  const { checkMigrationNames } = await import("../../dev/stack/schema/migration-names.ts");
  assert.equal(await checkMigrationNames(), true, "run: deno task types");
});

Deno.test("the database tells which migrations it has", async () => {
  const { PARTS } = await import(
    "../../supabase/functions/_shared/platform/database/migrations.ts"
  );
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [row] = await sql`select public.semantic_analysis_read_migrations() as names`;
  assert.deepEqual(row!.names, Object.values(PARTS).flat());
  await sql`drop schema supabase_migrations cascade`;
  const [without] = await sql`select public.semantic_analysis_read_migrations() as names`;
  assert.equal(without!.names, null);
});

Deno.test("the generated database types are those of the migrations", async () => {
  const { checkDatabaseTypes } = await import("../../dev/stack/schema/database-types.ts");
  await using database = await openTestDatabase();
  assert.equal(await checkDatabaseTypes(database.url()), true, "run: deno task types");
});
