/** What a finished job leaves behind, and what becomes a job by itself. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, after, claim, enqueue, finish, readJob, START } from "./jobs.ts";

/** Later than all that the database's clock has given a time. */
const soon = () => new Date(Date.now() + 60_000);

const readAnalyses = async (sql: postgres.Sql) =>
  (await sql`select material_id, material_type, source_image_url, source_image_hash,
    llama_confidence_score, created_at from public.material_visual_analysis order by 1, 2`)
    .map((row) => ({ ...row }));

Deno.test("jobs: an analysis is stored with its job, null confidences included", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [material_id] = await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  assert.equal(await finish(sql, { id: 1, row: { llama_confidence_score: null } }), "done");
  assert.deepEqual(await readAnalyses(sql), [{
    material_id,
    material_type: "oak",
    source_image_url: "https://pictures.example/1.jpg",
    source_image_hash: "a",
    llama_confidence_score: null,
    created_at: START,
  }]);
  assert.equal(await finish(sql, { id: 1 }), "lost");
});

Deno.test("jobs: a newer analysis replaces the picture's, and five older ones are kept", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const ids = await addMaterials(sql, 1);
  for (let round = 0; round < 8; round++) {
    await enqueue(sql, { ids });
    await claim(sql, { now: after(round) });
    await finish(sql, {
      id: 1,
      row: { material_type: `type ${round}`, source_image_hash: `${round}` },
    });
  }
  assert.deepEqual((await readAnalyses(sql)).map(({ material_type }) => material_type), ["type 7"]);
  const kept = await sql`
    select analysis ->> 'material_type' as type from catalogue_jobs.replaced_analyses order by id`;
  assert.deepEqual(kept.map(({ type }) => type), [
    "type 2",
    "type 3",
    "type 4",
    "type 5",
    "type 6",
  ]);
  await sql`delete from public.materials_catalog`;
  assert.equal((await sql`select from catalogue_jobs.replaced_analyses`).length, 0);
  assert.equal((await sql`select from catalogue_jobs.jobs`).length, 0);
});

Deno.test("jobs: two pictures of a material with the same bytes are one row", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const ids = await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  await finish(sql, { id: 1 });
  await sql`update public.materials_catalog set thumbnail_url = 'https://pictures.example/b.jpg'`;
  await enqueue(sql, { ids });
  for (const { id } of (await claim(sql)).jobs) assert.equal(await finish(sql, { id }), "done");
  assert.equal((await readAnalyses(sql)).length, 1);
});

Deno.test("jobs: columns that an owner's table lacks are left out", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await sql`alter table public.material_visual_analysis add column note text default 'kept'`;
  await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  assert.equal(await finish(sql, { id: 1, row: { no_such_column: 1 } }), "done");
  const [row] = await sql`select note from public.material_visual_analysis`;
  assert.equal(row!.note, "kept");
});

Deno.test("jobs: a material that was deleted meanwhile gets no analysis", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  await sql`alter table public.materials_catalog disable trigger catalogue_jobs_on_delete`;
  await sql`delete from public.materials_catalog`;
  assert.equal(await finish(sql, { id: 1 }), "gone");
});

Deno.test("jobs: a material that has another picture by now is analysed again, by that", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  await sql`update public.materials_catalog set thumbnail_url = 'https://pictures.example/b.jpg'`;
  assert.equal(await finish(sql, { id: 1 }), "again");
  assert.deepEqual(await readAnalyses(sql), []);
  const [job] = (await claim(sql)).jobs;
  assert.equal(job!.source, "https://pictures.example/b.jpg");
  assert.equal(await finish(sql, { id: job!.id }), "done");
});

Deno.test("jobs: nothing enqueues itself until it is switched on", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  assert.equal((await sql`select from catalogue_jobs.jobs`).length, 0);
  await sql`select semantic_analysis_switch_enqueueing(p_materials => true)`;
  await sql`update public.materials_catalog set thumbnail_url = 'https://pictures.example/n.jpg'`;
  const jobs = await sql`select source from catalogue_jobs.jobs`;
  assert.deepEqual(jobs.map(({ source }) => source), ["https://pictures.example/n.jpg"]);
  await sql`update public.materials_catalog set name = 'Renamed'`;
  assert.equal((await claim(sql, { count: 5, now: soon() })).jobs.length, 1);
  await sql`select semantic_analysis_switch_enqueueing(p_materials => false)`;
  await sql`update public.materials_catalog set thumbnail_url = 'https://pictures.example/m.jpg'`;
  assert.equal((await sql`select from catalogue_jobs.jobs`).length, 1);
});

Deno.test("jobs: switched on, a picture that was replaced before its turn is not analysed", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await sql`select semantic_analysis_switch_enqueueing(p_materials => true)`;
  await addMaterials(sql, 1);
  await sql`update public.materials_catalog set thumbnail_url = 'https://pictures.example/n.jpg'`;
  const jobs = await sql`select source from catalogue_jobs.jobs`;
  assert.deepEqual(jobs.map(({ source }) => source), ["https://pictures.example/n.jpg"]);
});

async function upload(sql: postgres.Sql, name: string, owner: string | null, version = "v1") {
  await sql`
    insert into storage.objects (bucket_id, name, owner_id, version, metadata)
    values ('photos', ${name}, ${owner}, ${version}, ${
    sql.json({ mimetype: "image/jpeg", eTag: `"${version}"` })
  })
    on conflict (bucket_id, name)
    do update set version = excluded.version, metadata = excluded.metadata`;
}

async function openWithUploads() {
  const database = await openTestDatabase();
  const sql = database.connect();
  await sql`insert into storage.buckets (id, name) values ('photos', 'photos'), ('other', 'other')`;
  await sql`select semantic_analysis_switch_enqueueing(p_upload_buckets => array['photos'])`;
  return { database, sql };
}

Deno.test("jobs: an upload is a job in its owner's name, of the material in its path", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  const [material] = await addMaterials(sql, 1);
  const owner = crypto.randomUUID();
  await upload(sql, `${material}/a.jpg`, owner);
  await upload(sql, "mapped.jpg", null);
  await upload(sql, "test.jpg", owner, "1");
  const read = async () =>
    (await sql`select material_id, source, owner_id, version from catalogue_jobs.jobs order by id`)
      .map((row) => ({ ...row }));
  assert.deepEqual(await read(), [
    {
      material_id: material,
      source: `storage://photos/${material}/a.jpg`,
      owner_id: owner,
      version: "v1",
    },
    { material_id: null, source: "storage://photos/mapped.jpg", owner_id: null, version: "v1" },
  ]);
});

Deno.test("jobs: a picture in Storage is stored with its eTag, one by URL with its hash", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  const [material] = await addMaterials(sql, 1);
  await upload(sql, `${material}/a.jpg`, null);
  await enqueue(sql);
  const now = soon();
  const { jobs } = await claim(sql, { count: 5, now });
  for (const { id } of jobs) await finish(sql, { id, row: { source_image_hash: undefined }, now });
  const hashes = (await readAnalyses(sql)).map(({ source_image_hash }) => source_image_hash);
  assert.deepEqual(hashes.map((hash) => hash.split(":")[0]).sort(), ["etag", "sha256"]);
});

Deno.test("jobs: an upload is of the material that the operator's table names", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  const [first, second] = await addMaterials(sql, 2);
  await sql`insert into catalogue_jobs.picture_materials values ('photos', 'oak.jpg', ${first!})`;
  await upload(sql, "oak.jpg", null);
  await upload(sql, `${second}/oak.jpg`, null);
  await upload(sql, "00000000-0000-4000-8000-00000000dead/oak.jpg", null);
  const jobs = await sql`select material_id from catalogue_jobs.jobs order by id`;
  assert.deepEqual(jobs.map(({ material_id }) => material_id), [first, second, null]);
});

Deno.test("jobs: anonymous users' uploads and other buckets' are not enqueued", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  const admin = database.connect({ role: "supabase_admin" });
  const id = crypto.randomUUID();
  await admin`insert into auth.users (id, is_anonymous) values (${id}, true)`;
  await upload(sql, "a.jpg", id);
  await sql`insert into storage.objects (bucket_id, name, version) values ('other', 'b.jpg', 'v1')`;
  assert.equal((await sql`select from catalogue_jobs.jobs`).length, 0);
});

Deno.test("jobs: a picture that changes while it is analysed is analysed again", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  await upload(sql, "a.jpg", null);
  const now = soon();
  assert.equal((await claim(sql, { now })).jobs.length, 1);
  await upload(sql, "a.jpg", null, "v2");
  assert.equal((await readJob(sql, 1))!.is_stale, true);
  assert.equal(await finish(sql, { id: 1, now }), "again");
  assert.equal((await claim(sql, { now })).jobs.length, 1);
  await sql`update storage.objects set version = 'v3'`;
  assert.equal((await readJob(sql, 1))!.is_stale, false, "equal bytes");
  assert.equal(await finish(sql, { id: 1, now }), "done");
});

Deno.test("jobs: an upload that can't be enqueued is an upload all the same", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  await upload(sql, "a.jpg", "not a uuid");
  await sql`drop table catalogue_jobs.jobs cascade`;
  await upload(sql, "b.jpg", null);
  await addMaterials(sql, 1);
  await sql`delete from public.materials_catalog`;
  assert.equal((await sql`select from storage.objects`).length, 2);
});

Deno.test("jobs: users see their own uploads' answers, and no other table", async () => {
  const { database, sql } = await openWithUploads();
  await using _database = database;
  const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
  await upload(sql, "a.jpg", ada);
  await upload(sql, "b.jpg", bob);
  const now = soon();
  await claim(sql, { now });
  await finish(sql, { id: 1, now });
  const rows = await asUser(
    sql,
    ada,
    (transaction) =>
      transaction`select source, state, answer from public.semantic_analysis_uploads`,
  );
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { source: "storage://photos/a.jpg", state: "done", answer: { analysis: "Oak." } },
  ]);
  for (const table of ["budgets", "settings", "replaced_analyses", "picture_materials"]) {
    await assert.rejects(
      asUser(sql, ada, (transaction) => transaction`select from catalogue_jobs.${sql(table)}`),
      /permission denied/,
    );
  }
});

function asUser<Result>(
  sql: postgres.Sql,
  id: string,
  work: (transaction: postgres.TransactionSql) => Promise<Result>,
) {
  return sql.begin(async (transaction) => {
    await transaction`set local role authenticated`;
    await transaction`select set_config('request.jwt.claims', ${
      JSON.stringify({ sub: id })
    }, true)`;
    return await work(transaction);
  }) as Promise<Result>;
}

Deno.test("jobs: of the API's roles only service_role may call the functions", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const functions = await sql<
    { call: string; anon: boolean; authenticated: boolean; service: boolean }[]
  >`
    select oid::regprocedure::text as call, has_function_privilege('anon', oid, 'execute') as anon,
      has_function_privilege('authenticated', oid, 'execute') as authenticated,
      has_function_privilege('service_role', oid, 'execute') as service
    from pg_proc where pronamespace = 'catalogue_jobs'::regnamespace
      or proname ~ '^semantic_analysis_.*(job|quote|enqueue|progress)'`;
  assert.ok(functions.length > 20);
  for (const { call, anon, authenticated, service } of functions) {
    const isPublic = call.startsWith("semantic_analysis_") || call.startsWith("public.");
    assert.deepEqual([anon, authenticated, service], [false, false, isPublic], call);
  }
});
