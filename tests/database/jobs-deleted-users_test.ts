/** What is left of the jobs of a user who was deleted. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { claim, finish } from "./jobs.ts";

const readSources = async (sql: postgres.Sql) =>
  (await sql`select source from catalogue_jobs.jobs order by source`).map(({ source }) => source);

Deno.test("jobs: a deleted user's are gone, with their answers, and others' stay; one under way is lost", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`insert into auth.users (id) values (${ada}), (${bob})`;
  for (
    const [source, owner] of [["a1", ada], ["a2", ada], ["b", bob], ["project", null]] as const
  ) {
    await sql`
      insert into catalogue_jobs.jobs (source, owner_id, not_before, created_at)
      values (${source}, ${owner}, '2025-01-01', '2025-01-01')`;
  }
  const [first, second] = (await claim(sql, { count: 2 })).jobs;
  assert.equal(await finish(sql, { id: first!.id }), "done");
  await sql`delete from auth.users where id = ${ada}`;
  assert.deepEqual(await readSources(sql), ["b", "project"]);
  assert.equal(await finish(sql, { id: second!.id }), "lost");
});

Deno.test("jobs: a user whose row stays, marked as deleted, leaves none either; without the table deleting works", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`insert into auth.users (id) values (${ada}), (${bob})`;
  await sql`
    insert into catalogue_jobs.jobs (source, owner_id, not_before, created_at)
    values ('a', ${ada}, now(), now())`;
  await sql`update auth.users set deleted_at = now() where id = ${ada}`;
  assert.deepEqual(await readSources(sql), []);
  await sql`drop table catalogue_jobs.jobs cascade`;
  await sql`delete from auth.users`;
  assert.equal((await sql`select from auth.users`).length, 0);
});
