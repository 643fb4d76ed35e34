/** Settling an answer about a picture in Storage, which tells whether the picture is still the same. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase, type TestDatabase } from "../../dev/stack/testing/test-database.ts";
import { keyOf, readAnswer, readRow, reserve } from "./limiter.ts";

const KEY = keyOf(1);
const OWNER = crypto.randomUUID();
const PLACE = { bucket: "photos", path: "a/oak.jpg" };
const WARNING = { code: "IMAGE_CHANGED", message: "It may have changed" };

/** Where the object is that an answer is about, and as what; the rest is as it is in the database. */
type Asked = Partial<Record<"bucket" | "path" | "owner_id" | "id" | "version", string>>;

async function openWithObject() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`insert into storage.buckets (id, name) values ('photos', 'photos')`;
  const [object] = await sql`
    insert into storage.objects (bucket_id, name, version, owner_id)
    values ('photos', ${PLACE.path}, 'v1', ${OWNER}) returning id, version`;
  return { database, sql, object: { ...PLACE, ...object } as Asked };
}

/** Settles as the functions do, by the role of a project's secret. */
async function settleStored(
  database: TestDatabase,
  id: string,
  object: Asked,
  isUnchanged = false,
): Promise<boolean> {
  const sql = database.connect({ maxConnections: 1 });
  return await sql.begin(async (sql) => {
    await sql`set local role service_role`;
    const [row] = await sql`
      select public.semantic_analysis_settle_stored(
        ${sql.json(object)}, ${isUnchanged}, ${sql.json(WARNING)}, 'user:a', ${id}, 5, ${KEY},
        '{"analysis":"Oak","warnings":[]}', 60, 100, '{"caller":"user","outcome":"ok"}'
      ) as is_unchanged`;
    return row!.is_unchanged;
  });
}

async function lead(sql: postgres.Sql): Promise<string> {
  const id = crypto.randomUUID();
  assert.equal((await reserve(sql, { id, key: KEY })).outcome, "leader");
  return id;
}

Deno.test("settling a stored picture: an answer about an unchanged object is kept as it is", async () => {
  const { database, sql, object } = await openWithObject();
  await using _ = database;
  // Neither did a Storage that tells no versions tell another one.
  for (const asked of [object, { ...object, owner_id: OWNER }, { ...object, version: "" }]) {
    const id = await lead(sql);
    assert.equal(await settleStored(database, id, asked), true);
    const hit = await reserve(sql, { key: KEY });
    assert.deepEqual([hit.outcome, hit.answer], ["hit", '{"analysis":"Oak","warnings":[]}']);
    await sql`delete from semantic_analysis.answers`;
  }
  assert.deepEqual(await readRow(sql), { day_used: 3, spent_nano: 15, holds: 0 });
  const [ledger] = await sql`select count(*)::int as rows from semantic_analysis.ledger`;
  assert.equal(ledger!.rows, 3);
});

Deno.test("settling a stored picture: an answer about a changed one goes to followers with a warning, and is not kept", async () => {
  const { database, sql, object } = await openWithObject();
  await using _ = database;
  const changes: Asked[] = [
    { version: "v0" },
    { id: crypto.randomUUID() },
    { path: "a/none.jpg" },
    { bucket: "none" },
    // A backend's user who doesn't own the object any more.
    { owner_id: crypto.randomUUID() },
  ];
  for (const change of changes) {
    const id = await lead(sql);
    assert.equal(await settleStored(database, id, { ...object, ...change }, true), false);
    const { state, answer } = await readAnswer(sql, KEY, id);
    assert.equal(state, "ready", JSON.stringify(change));
    assert.deepEqual(JSON.parse(answer), { analysis: "Oak", warnings: [WARNING] });
  }
  assert.deepEqual(await readRow(sql), { day_used: 5, spent_nano: 25, holds: 0 });
});

Deno.test("settling a stored picture: without its row the caller's own word counts, and the limits are corrected", async () => {
  const { database, sql, object } = await openWithObject();
  await using _ = database;
  await sql`alter table storage.objects rename to away`;
  for (const isUnchanged of [true, false]) {
    const id = await lead(sql);
    assert.equal(await settleStored(database, id, object, isUnchanged), isUnchanged);
    assert.equal((await reserve(sql, { key: KEY })).outcome, isUnchanged ? "hit" : "leader");
    await sql`delete from semantic_analysis.answers`;
  }
  assert.equal((await readRow(sql))!.spent_nano, 10 + 1_000_000);
});

Deno.test("settling a stored picture: without a cache key nothing is kept, and it is told all the same", async () => {
  const { database, sql, object } = await openWithObject();
  await using _ = database;
  const settle = async (asked: Asked) => {
    const id = crypto.randomUUID();
    await reserve(sql, { id });
    const [row] = await sql`
      select public.semantic_analysis_settle_stored(
        ${sql.json(asked)}, false, ${sql.json(WARNING)}, 'user:a', ${id}, 5
      ) as is_unchanged`;
    return row!.is_unchanged;
  };
  assert.equal(await settle(object), true);
  assert.equal(await settle({ ...object, version: "v0" }), false);
  assert.equal((await readRow(sql))!.holds, 0);
  assert.equal((await sql`select from semantic_analysis.answers`).length, 0);
});
