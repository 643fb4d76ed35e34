/** Materials whose picture is another one by the time that a job of it is claimed. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, after, claim, enqueue, finish, readSpent } from "./jobs.ts";

const OTHER = "https://pictures.example/other.jpg";

const readJobs = async (sql: postgres.Sql) =>
  (await sql`select source, state from catalogue_jobs.jobs order by not_before, id`)
    .map(({ source, state }) => [source.split("/").at(-1), state]);

const showOther = (sql: postgres.Sql, materialId: string, url: string | null) =>
  sql`update public.materials_catalog set thumbnail_url = ${url} where id = ${materialId}`;

Deno.test("jobs: a picture that was replaced while its job waited is not paid for, the new one takes its place", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [first] = await addMaterials(sql, 3);
  await enqueue(sql);
  await showOther(sql, first!, OTHER);
  const { jobs } = await claim(sql, { count: 2 });
  assert.deepEqual(jobs.map(({ source }) => source).sort(), [
    "https://pictures.example/2.jpg",
    OTHER,
  ]);
  assert.equal(await readSpent(sql), 200);
  for (const { id } of jobs) {
    assert.equal(await finish(sql, { id, row: { source_image_hash: String(id) } }), "done");
  }
  assert.deepEqual((await claim(sql)).jobs.map(({ source }) => source), [
    "https://pictures.example/3.jpg",
  ]);
});

Deno.test("jobs: pictures that were taken away while they waited are claimed no more, however many", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const ids = await addMaterials(sql, 30);
  await enqueue(sql);
  await sql`update public.materials_catalog set thumbnail_url = null where id <> ${ids.at(-1)!}`;
  const { jobs } = await claim(sql);
  assert.deepEqual(jobs.map(({ material_id }) => material_id), [ids.at(-1)]);
  assert.deepEqual(await readJobs(sql), [["30.jpg", "running"]]);
});

Deno.test("jobs: what lost its worker is followed too, and is no suspect with another picture", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [material] = await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  await showOther(sql, material!, OTHER);
  const now = after(121);
  assert.deepEqual((await claim(sql, { worker: 2, now, suspects: true })).jobs, []);
  assert.deepEqual((await claim(sql, { worker: 2, now })).jobs.map(({ source }) => source), [
    OTHER,
  ]);
});

Deno.test("jobs: an upload is analysed for its own sake, whatever its material shows", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [material] = await addMaterials(sql, 1);
  await sql`
    insert into catalogue_jobs.jobs (material_id, source, object_id, version, not_before, created_at)
    values (${material!}, 'storage://photos/a.jpg', gen_random_uuid(), 'v1', ${after(0)}, ${
    after(0)
  })`;
  const { jobs } = await claim(sql);
  assert.deepEqual(jobs.map(({ source }) => source), ["storage://photos/a.jpg"]);
});
