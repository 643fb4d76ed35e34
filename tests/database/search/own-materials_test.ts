/** What users may write of their own, how much of it, and what goes with them. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import {
  addMaterial,
  ALICE,
  alice,
  type As,
  BOB,
  bob,
  runAs,
  searchAs,
  service,
} from "./search-as.ts";

/** As PostgREST does: stays, unlike what `runAs` runs. */
async function writeAs<T>(
  sql: postgres.Sql,
  { role, userId, isAnonymous }: As,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return await sql.begin(async (transaction) => {
    const claims = { role, sub: userId, is_anonymous: isAnonymous ?? false };
    await transaction`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    await transaction.unsafe(`set local role ${role}`);
    return await run(transaction);
  }) as T;
}

const insertOwn = (transaction: postgres.TransactionSql, count = 1) =>
  transaction`
    insert into public.materials_catalog (name, category, visibility)
    select 'Mine', 'test', 'private' from generate_series(1, ${count}::int) returning id, created_by`;

Deno.test("a user's material: private, and created by the user of the token", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [mine] = await writeAs(sql, alice, insertOwn);
  assert.equal(mine!.created_by, ALICE);
  await assert.rejects(
    writeAs(sql, alice, (transaction) =>
      transaction`
      insert into public.materials_catalog (name, category, visibility)
      values ('Mine', 'test', 'public')`),
    /row-level security/,
  );
  await assert.rejects(
    writeAs(
      sql,
      alice,
      (transaction) =>
        transaction`insert into public.materials_catalog (name, category) values ('x', 'y')`,
    ),
    /row-level security/,
  );
});

Deno.test("a user's material: properties of over 64 KiB are refused, of a service's they are taken", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const insert = (visibility: string, numbers: number) => (transaction: postgres.TransactionSql) =>
    transaction`
      insert into public.materials_catalog (name, category, visibility, properties)
      select 'Mine', 'test', ${visibility}, jsonb_build_object('n', jsonb_agg(n % 10))
      from generate_series(1, ${numbers}::int) n returning id`;
  const [mine] = await writeAs(sql, alice, insert("private", 5_000));
  const tooLarge = /check constraint "private_properties_at_most_64_kib"/;
  await assert.rejects(writeAs(sql, alice, insert("private", 100_000)), tooLarge);
  await assert.rejects(
    writeAs(sql, alice, (transaction) =>
      transaction`
        update public.materials_catalog
        set properties = jsonb_build_object('text', repeat('x', 70000)) where id = ${mine!.id}`),
    tooLarge,
  );
  assert.equal((await insert("public", 100_000)(sql as never)).length, 1);
});

Deno.test("a user's material: id, creator and times are not the user's to choose", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [mine] = await writeAs(sql, alice, insertOwn);
  for (const column of ["id", "created_by", "created_at", "updated_at"]) {
    const value = column.endsWith("at") ? "2020-01-01" : BOB;
    await assert.rejects(
      writeAs(sql, alice, (transaction) =>
        transaction.unsafe(
          `insert into public.materials_catalog (name, category, visibility, ${column})
           values ('Mine', 'test', 'private', '${value}')`,
        )),
      /permission denied/,
      column,
    );
    await assert.rejects(
      writeAs(
        sql,
        alice,
        (transaction) =>
          transaction.unsafe(
            `update public.materials_catalog set ${column} = '${value}' where id = '${mine!.id}'`,
          ),
      ),
      /permission denied/,
      column,
    );
  }
  await assert.rejects(
    writeAs(
      sql,
      alice,
      (transaction) =>
        transaction`update public.materials_catalog set visibility = 'public' where id = ${
          mine!.id
        }`,
    ),
    /permission denied/,
  );
});

Deno.test("others' materials and all analyses can't be written by a user", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await addMaterial(sql, "Everybody's");
  const changed = await runAs(
    sql,
    alice,
    (transaction) => transaction`update public.materials_catalog set name = 'x' where id = ${id}`,
  );
  assert.equal(changed.count, 0);
  await assert.rejects(
    runAs(sql, alice, (transaction) =>
      transaction`
        insert into public.material_visual_analysis (material_id, material_type)
        values (${id}, 'x')`),
    /permission denied/,
  );
});

Deno.test("a user's materials beyond the quota are refused, in one statement or in many", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.material_search_change_settings(p_most_own_materials => 3)`;
  await writeAs(sql, alice, (transaction) => insertOwn(transaction, 2));
  const beyond = { code: "PT403", message: "You can keep at most 3 materials of your own" };
  await assert.rejects(writeAs(sql, alice, (transaction) => insertOwn(transaction, 2)), beyond);
  await writeAs(sql, alice, insertOwn);
  await assert.rejects(writeAs(sql, alice, insertOwn), beyond);
  await writeAs(sql, bob, insertOwn);
  // The project's own code bounds itself.
  await writeAs(sql, service, (transaction) => insertOwn(transaction, 10));
});

Deno.test("parallel inserts of one user don't exceed the quota together", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 8 });
  await sql`select public.material_search_change_settings(p_most_own_materials => 3)`;
  const ended = await Promise.allSettled(
    Array.from({ length: 8 }, () => writeAs(sql, alice, insertOwn)),
  );
  assert.equal(ended.filter(({ status }) => status === "fulfilled").length, 3);
});

Deno.test("what a user's large statements write is found at once, and leaves nothing to others' searches", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const readPending = async () => {
    const [row] = await sql`select count(*)::int as count from material_search.pending`;
    return row!.count;
  };
  await writeAs(sql, alice, (transaction) => insertOwn(transaction, 300));
  assert.equal(await readPending(), 0);
  await writeAs(
    sql,
    alice,
    (transaction) => transaction`update public.materials_catalog set description = 'wenge'`,
  );
  assert.equal(await readPending(), 0);
  assert.equal((await searchAs(sql, alice, { query_text: "wenge" })).total_results, 300);
  await writeAs(sql, alice, (transaction) => transaction`delete from public.materials_catalog`);
  assert.equal(await readPending(), 0);
});

Deno.test("an anonymous user keeps no materials", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await assert.rejects(
    writeAs(sql, { ...alice, isAnonymous: true }, insertOwn),
    { code: "PT403", message: "Anonymous users can't keep materials of their own" },
  );
});

Deno.test("a deleted user's private materials go, what was published stays without its creator", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const userId of [ALICE, BOB]) await sql`insert into auth.users (id) values (${userId})`;
  await writeAs(sql, alice, insertOwn);
  await writeAs(sql, bob, insertOwn);
  const published = await addMaterial(sql, "Published", { createdBy: ALICE });
  await sql`delete from auth.users where id = ${ALICE}`;
  const rows = await sql`
    select name, created_by from public.materials_catalog order by name`;
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { name: "Mine", created_by: BOB },
    { name: "Published", created_by: null },
  ]);
  const documents = await sql`select owner from material_search.documents order by owner`;
  assert.deepEqual(documents.map(({ owner }) => owner), [BOB, null]);
  assert.ok(published);
});

Deno.test("a deleted user's token writes nothing and finds nothing more", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`select public.material_search_change_settings(p_is_history_kept => true)`;
  await sql`insert into auth.users (id) values (${ALICE})`;
  await writeAs(sql, alice, insertOwn);
  await sql`delete from auth.users where id = ${ALICE}`;
  await assert.rejects(writeAs(sql, alice, insertOwn), { code: "PT401" });
  await assert.rejects(searchAs(sql, alice, { query_text: "mine" }), { code: "PT401" });
  await sql`
    select public.material_search_write_history(
      ${ALICE}, gen_random_uuid(), 'hybrid', false, 0, 1, 'mine'
    )`;
  const [left] = await sql`
    select (select count(*)::int from public.materials_catalog) as materials,
      (select count(*)::int from material_search.history) as searches,
      (select count(*)::int from material_search.documents) as documents`;
  assert.deepEqual({ ...left }, { materials: 0, searches: 0, documents: 0 });
});

Deno.test("a deletion waits for what the user is inserting, which goes with the user", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  await sql`insert into auth.users (id) values (${ALICE})`;
  let deletion: Promise<unknown> | undefined;
  await writeAs(sql, alice, async (transaction) => {
    await insertOwn(transaction);
    deletion = Promise.resolve(sql`delete from auth.users where id = ${ALICE}`);
    await waitForAdvisoryLock(transaction);
  });
  await deletion;
  const [left] = await sql`select count(*)::int as n from public.materials_catalog`;
  assert.equal(left!.n, 0);
});

Deno.test("an insert waits for the deletion of its user, and is refused", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 2 });
  await sql`insert into auth.users (id) values (${ALICE})`;
  let insert: Promise<unknown> | undefined;
  await sql.begin(async (transaction) => {
    await transaction`delete from auth.users where id = ${ALICE}`;
    insert = assert.rejects(writeAs(sql, alice, insertOwn), { code: "PT401" });
    await waitForAdvisoryLock(transaction);
  });
  await insert;
  const [left] = await sql`select count(*)::int as n from public.materials_catalog`;
  assert.equal(left!.n, 0);
});

/** Until another transaction waits for one. */
async function waitForAdvisoryLock(sql: postgres.TransactionSql): Promise<void> {
  for (;;) {
    const [waiting] = await sql`
      select from pg_locks where locktype = 'advisory' and not granted and database = (
        select oid from pg_database where datname = current_database()
      )`;
    if (waiting) return;
  }
}

Deno.test("private materials are in no index of public ones, which others' searches look into", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const rows = await sql`
    select indexdef from pg_indexes
    where schemaname = 'material_search' and tablename = 'documents' and indexdef ~ 'gin|created_at'`;
  assert.ok(rows.length >= 3);
  for (const { indexdef } of rows) assert.match(indexdef, /WHERE \(owner IS (NOT )?NULL\)$/);
});
