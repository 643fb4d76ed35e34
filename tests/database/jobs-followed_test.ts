/** Which writes of a catalogue enqueue a picture by themselves, where that is switched on. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, claim, enqueue, finish } from "./jobs.ts";

const ONE = "https://pictures.example/1.jpg";
const OTHER = "https://pictures.example/other.jpg";

/** Later than all that the database's clock has given a time. */
const soon = () => new Date(Date.now() + 60_000);

const readJobs = async (sql: postgres.Sql) =>
  (await sql`select source, state from catalogue_jobs.jobs order by source`)
    .map(({ source, state }) => [source, state]);

const follow = (sql: postgres.Sql) =>
  sql`select semantic_analysis_switch_enqueueing(p_materials => true)`;

Deno.test("jobs: a material that was analysed without a job is not enqueued by a write that leaves its picture", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [material] = await addMaterials(sql, 1);
  await sql`
    insert into public.material_visual_analysis (material_id, material_type) values (${material!}, 'oak')`;
  await follow(sql);
  await sql`update public.materials_catalog set name = 'Renamed', thumbnail_url = thumbnail_url`;
  await sql`
    insert into public.materials_catalog (id, name, category, thumbnail_url)
    select id, 'Upserted', category, thumbnail_url from public.materials_catalog
    on conflict (id) do update set name = excluded.name, thumbnail_url = excluded.thumbnail_url`;
  assert.deepEqual(await readJobs(sql), []);
  await sql`update public.materials_catalog set thumbnail_url = ${OTHER}`;
  assert.deepEqual(await readJobs(sql), [[OTHER, "waiting"]]);
});

Deno.test("jobs: a picture that a material has again is analysed again, for the newest analysis is searched", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await follow(sql);
  await enqueue(sql);
  for (const picture of [ONE, OTHER]) {
    await sql`update public.materials_catalog set thumbnail_url = ${picture}`;
    const [job] = (await claim(sql, { now: soon() })).jobs;
    assert.equal(job!.source, picture);
    assert.equal(
      await finish(sql, { id: job!.id, row: { source_image_hash: picture }, now: soon() }),
      "done",
    );
  }
  await sql`update public.materials_catalog set thumbnail_url = ${ONE}`;
  assert.deepEqual(await readJobs(sql), [[ONE, "waiting"], [OTHER, "done"]]);
});

Deno.test("jobs: a catalogue that is truncated leaves no job to pay for, but those of uploads without a material", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 2);
  await enqueue(sql);
  await sql`
    insert into catalogue_jobs.jobs (source, object_id, version, not_before, created_at)
    values ('storage://photos/a.jpg', gen_random_uuid(), 'v1', now(), now())`;
  await sql`truncate public.materials_catalog cascade`;
  assert.deepEqual(await readJobs(sql), [["storage://photos/a.jpg", "waiting"]]);
});

Deno.test("jobs: claims that are no JSON make no write of the owner's fail", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [material] = await addMaterials(sql, 1);
  await follow(sql);
  await sql.begin(async (transaction) => {
    await transaction`select set_config('request.jwt.claims', 'not json', true)`;
    await transaction`
      update public.materials_catalog set thumbnail_url = ${OTHER} where id = ${material!}`;
  });
  assert.deepEqual(await readJobs(sql), []);
});
