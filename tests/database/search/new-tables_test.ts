/** A table that takes the place of the catalogue, as an import makes it, is followed as the old one was. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial } from "./search-as.ts";

const refresh = async (sql: postgres.Sql) => {
  const [row] = await sql`select public.material_search_refresh_documents() as done`;
  return row!.done;
};

const stateOf = async (sql: postgres.Sql) => {
  const [row] = await sql`select public.material_search_read_state() as state`;
  return row!.state;
};

const namesOf = async (sql: postgres.Sql) => {
  const rows = await sql`
    select names from material_search.documents where not needs_analysis order by names`;
  return rows.map((row) => row.names);
};

/** Puts a copy of a table, without triggers and rows, in its place. */
async function swap(sql: postgres.Sql, table: string) {
  await sql.unsafe(`
    create table public.built (like public.${table} including all);
    alter table public.${table} rename to replaced;
    alter table public.built rename to ${table}`);
}

Deno.test("a catalogue that was swapped is told, and followed from the next refresh on", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Alder");
  assert.deepEqual((await stateOf(sql)).unfollowed, []);
  await swap(sql, "materials_catalog");
  await addMaterial(sql, "Birch");
  assert.deepEqual((await stateOf(sql)).unfollowed, ["public.materials_catalog"]);

  assert.deepEqual(await refresh(sql), { refreshed: 0, is_pending: true });
  assert.deepEqual((await stateOf(sql)).unfollowed, []);
  assert.deepEqual(await refresh(sql), { refreshed: 2, is_pending: false });
  assert.deepEqual(await namesOf(sql), ["birch test"]);
  await addMaterial(sql, "Cedar");
  await sql`delete from public.materials_catalog where name = 'Birch'`;
  assert.deepEqual(await namesOf(sql), ["cedar test"]);
});

Deno.test("analyses that were swapped are followed as well", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await addMaterial(sql, "Alder");
  await swap(sql, "material_visual_analysis");
  await refresh(sql);
  await sql`
    insert into public.material_visual_analysis (material_id, material_type) values (${id}, 'zebrano')`;
  const rows = await sql`
    select from material_search.documents where terms @> array[chr(31) || 'zebrano']`;
  assert.equal(rows.length, 1);
});

Deno.test("what can't be followed in a table's place, or is being written, breaks no refresh", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`set client_min_messages = error`;
  await swap(sql, "materials_catalog");
  const writer = database.connect({ maxConnections: 1 });
  await writer.begin(async (transaction) => {
    await transaction`insert into public.materials_catalog (name, category) values ('Birch', 'test')`;
    assert.deepEqual(await refresh(sql), { refreshed: 0, is_pending: false });
  });
  await sql.unsafe(`
    alter table public.materials_catalog rename to built;
    create view public.materials_catalog as select id, name, category from public.built`);
  assert.deepEqual(await refresh(sql), { refreshed: 0, is_pending: false });
  assert.deepEqual((await stateOf(sql)).unfollowed, ["public.materials_catalog"]);
});
