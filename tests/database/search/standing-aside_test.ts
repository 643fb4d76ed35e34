/** The index is in no writer's way: it waits for no lock, and breaks nothing when it is gone. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { addMaterial, alice, searchAs } from "./search-as.ts";

const totalOf = async (sql: postgres.Sql, query_text: string) =>
  (await searchAs(sql, alice, { query_text })).total_results;

const pendingOf = async (sql: postgres.Sql) => {
  const [row] = await sql`select count(*)::int as count from material_search.pending`;
  return row!.count;
};

const rename = (sql: postgres.ISql | postgres.Sql, id: string, name: string) =>
  (sql as postgres.Sql)`update public.materials_catalog set name = ${name} where id = ${id}`;

const analyse = (sql: postgres.ISql | postgres.Sql, id: string, type: string) =>
  (sql as postgres.Sql)`
    insert into public.material_visual_analysis (material_id, material_type) values (${id}, ${type})`;

/** A wait for a lock fails the test: within this time there is none. */
async function openImpatient(database: Awaited<ReturnType<typeof openTestDatabase>>) {
  const sql = database.connect({ maxConnections: 1 });
  await sql`set lock_timeout = '100ms'`;
  return sql;
}

Deno.test("writers of one material's analyses wait for no other, and nothing is lost", async () => {
  await using database = await openTestDatabase();
  const [one, other] = [await openImpatient(database), await openImpatient(database)];
  const ids = [await addMaterial(one, "Alder"), await addMaterial(one, "Birch")];
  const [alder, birch] = ids as [string, string];
  // In opposite orders, which would be a deadlock if either waited.
  await one.begin(async (first) => {
    await analyse(first, alder, "zebrano");
    await other.begin(async (second) => {
      await analyse(second, birch, "wenge");
      await analyse(second, alder, "padauk");
      await analyse(first, birch, "bubinga");
    });
  });
  await one`select public.material_search_refresh_documents()`;
  for (
    const [type, total] of [["bubinga", 1], ["wenge", 1], ["padauk", 1], ["zebrano", 1]] as const
  ) {
    const [row] = await one`
      select count(*)::int as count from public.material_visual_analysis where material_type = ${type}`;
    assert.equal(row!.count, total);
  }
  assert.equal(await pendingOf(one), 0);
  // The newest analysis of each counts.
  const [{ count }] = await one`
    select count(*)::int as count from material_search.documents d
    join lateral (
      select material_type from public.material_visual_analysis a
      where a.material_id = d.material_id order by a.created_at desc, a.id limit 1
    ) newest on true
    where d.terms @> array[chr(31) || newest.material_type]` as unknown as [{ count: number }];
  assert.equal(count, 2);
});

Deno.test("a document held by a long transaction keeps no writer and no search waiting", async () => {
  await using database = await openTestDatabase();
  const [one, other] = [await openImpatient(database), await openImpatient(database)];
  const id = await addMaterial(one, "Alder");
  await one.begin(async (long) => {
    await analyse(long, id, "zebrano");
    await analyse(other, id, "wenge");
    assert.equal(await pendingOf(other), 1);
    assert.equal(await totalOf(other, "alder"), 1);
    await other`delete from public.material_visual_analysis where material_type = 'wenge'`;
    await analyse(other, id, "padauk");
  });
  assert.equal(await totalOf(other, "padauk zebrano"), 1);
  await other`select public.material_search_refresh_documents()`;
  assert.equal(await pendingOf(other), 0);
});

Deno.test("a transaction with an old snapshot writes, and the index follows later", async () => {
  await using database = await openTestDatabase();
  const [one, other] = [await openImpatient(database), await openImpatient(database)];
  const id = await addMaterial(one, "Alder");
  await one.begin("isolation level repeatable read", async (old) => {
    await old`select from public.materials_catalog`;
    await analyse(other, id, "wenge");
    await analyse(old, id, "zebrano");
  });
  await one`select public.material_search_refresh_documents()`;
  const [row] = await one`
    select terms from material_search.documents where material_id = ${id}`;
  const [newest] = await one`
    select material_type from public.material_visual_analysis order by created_at desc, id limit 1`;
  assert.ok(row!.terms.includes(`\u001f${newest!.material_type}`));
});

Deno.test("many writers at once: no write fails, and the documents are those of the end", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 8 });
  const ids = await Promise.all(
    Array.from({ length: 6 }, (_, n) => addMaterial(sql, `Alder ${n}`)),
  );
  const pick = (n: number) => ids[n % ids.length]!;
  await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < 15; round++) {
      await sql.begin(async (transaction) => {
        const [first, second] = [pick(writer + round), pick(writer * 3 + round * 5 + 1)].toSorted();
        await rename(transaction, first!, `Material ${writer} ${round}`);
        await analyse(transaction, pick(writer * 7 + round), "zebrano");
        if (second !== first) await rename(transaction, second!, `Other ${writer} ${round}`);
        await analyse(transaction, pick(writer + round * 2), "wenge");
      });
      if (round % 5 === 0) await sql`select public.material_search_refresh_documents()`;
    }
  }));
  await sql`select public.material_search_refresh_documents()`;
  const differing = await sql`
    select material_id from material_search.documents
    where names <> lower((
      select name || ' ' || category from public.materials_catalog m where m.id = material_id
    ))`;
  assert.equal(differing.length, 0);
  const [state] = await sql`select public.material_search_read_state() as state`;
  assert.deepEqual(
    [state!.state.documents, state!.state.pending, state!.state.skipped],
    [6, 0, 0],
  );
});

Deno.test("a large statement is pending, and a search catches up with it", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into public.materials_catalog (name, category)
    select 'Panel ' || n, 'bulk' from generate_series(1, 700) n`;
  assert.equal(await pendingOf(sql), 700);
  assert.equal(await totalOf(sql, "panel"), 700);
  await sql`update public.materials_catalog set name = 'Board'`;
  await sql`select public.material_search_refresh_documents()`;
  assert.deepEqual([await totalOf(sql, "panel"), await totalOf(sql, "board")], [0, 700]);
  await sql`truncate public.materials_catalog cascade`;
  await sql`select public.material_search_refresh_documents()`;
  assert.equal((await sql`select from material_search.documents`).length, 0);
});

Deno.test("a search leaves what takes longer than it may catch up with to the next one", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into public.materials_catalog (name, category)
    select 'Oak ' || i, 'wood' from generate_series(1, 201) i`;
  // Materials of which each takes a twentieth of a second.
  await sql`
    create or replace function material_search.to_vocabulary(p_names text) returns text[]
    language plpgsql as 'begin perform pg_sleep(0.05); return array[''oak'']; end'`;
  await sql.begin(async (transaction) => {
    await transaction`select material_search.catch_up()`;
  });
  assert.ok(await pendingOf(sql) > 0);
});

for (const table of ["documents", "pending", "skipped", "settings", "history"]) {
  Deno.test(`an application goes on writing where material_search.${table} was dropped`, async () => {
    await using database = await openTestDatabase();
    const sql = database.connect({ maxConnections: 1 });
    const id = await addMaterial(sql, "Alder");
    await analyse(sql, id, "zebrano");
    await sql.unsafe(`drop table material_search.${table} cascade`);
    const other = await addMaterial(sql, "Birch");
    await analyse(sql, other, "wenge");
    await rename(sql, id, "Ash");
    await sql`update public.material_visual_analysis set material_type = 'oak'`;
    await sql`
      insert into public.materials_catalog (name, category)
      select 'Panel ' || n, 'bulk' from generate_series(1, 300) n`;
    await sql`delete from public.material_visual_analysis`;
    const deleted = await sql`delete from public.materials_catalog`;
    assert.equal(deleted.count, 302);
    await sql`truncate public.materials_catalog cascade`;
    await sql`insert into auth.users (id) values (${crypto.randomUUID()})`;
    await sql`delete from auth.users`;
  });
}

Deno.test("an application goes on writing where the whole schema was dropped", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await addMaterial(sql, "Alder");
  await sql`drop schema material_search cascade`;
  await rename(sql, id, "Ash");
  await sql`delete from public.materials_catalog`;
});
