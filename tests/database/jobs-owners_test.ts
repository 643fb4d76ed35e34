import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { after, claim, enqueue, finish, putBack, START } from "./jobs.ts";

/** A material of a user's own, as the user would write it through the API. */
async function addOwnMaterial(sql: postgres.Sql, userId: string, picture: string) {
  await sql.begin(async (as) => {
    await as`select set_config('request.jwt.claims', ${
      JSON.stringify({ role: "authenticated", sub: userId })
    }, true)`;
    await as`set local role authenticated`;
    await as`
      insert into public.materials_catalog (name, category, thumbnail_url, visibility)
      values ('Own', 'wood', ${picture}, 'private')`;
  });
}

const readOwners = async (sql: postgres.Sql) =>
  (await sql`select source, owner_id from catalogue_jobs.jobs order by source`).map((row) => ({
    ...row,
  }));

const secret = "storage://photos/ada/secret.jpg";

Deno.test("jobs: a user's own material is enqueued in that user's name, the project's in none", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const bob = crypto.randomUUID();
  await addOwnMaterial(sql, bob, secret);
  await sql`
    insert into public.materials_catalog (name, category, thumbnail_url, created_by, visibility)
    values ('Oak', 'wood', 'storage://photos/oak.jpg', ${bob}, 'public'),
      ('Ash', 'wood', 'storage://photos/ash.jpg', null, 'private')`;
  assert.deepEqual(await enqueue(sql), { enqueued: 3, without_picture: 0 });
  assert.deepEqual(await readOwners(sql), [
    { source: secret, owner_id: bob },
    { source: "storage://photos/ash.jpg", owner_id: null },
    { source: "storage://photos/oak.jpg", owner_id: null },
  ]);
});

Deno.test("jobs: a user's own material that a service writes stays a job in the user's name", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const bob = crypto.randomUUID();
  await addOwnMaterial(sql, bob, secret);
  await sql`select semantic_analysis_switch_enqueueing(p_materials => true)`;
  const other = "storage://photos/ada/other.jpg";
  await sql`update public.materials_catalog set thumbnail_url = ${other}`;
  assert.deepEqual(await readOwners(sql), [{ source: other, owner_id: bob }]);
});

Deno.test("jobs: an upload under the id of another user's own material is of none", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
  await addOwnMaterial(sql, bob, secret);
  const [material] = await sql`select id from public.materials_catalog`;
  await sql`insert into storage.buckets (id, name) values ('photos', 'photos')`;
  await sql`select semantic_analysis_switch_enqueueing(p_upload_buckets => array['photos'])`;
  for (const [name, owner] of [["a", ada], ["b", bob], ["c", null]] as const) {
    await sql`
      insert into storage.objects (bucket_id, name, owner_id, version, metadata)
      values ('photos', ${`${material!.id}/${name}`}, ${owner}, 'v1', ${
      sql.json({ mimetype: "image/jpeg", eTag: name })
    })`;
  }
  const jobs = await sql`select material_id, owner_id from catalogue_jobs.jobs order by source`;
  assert.deepEqual(jobs.map((job) => ({ ...job })), [
    { material_id: null, owner_id: ada },
    { material_id: material!.id, owner_id: bob },
    { material_id: material!.id, owner_id: null },
  ]);
});

Deno.test("jobs: an upload to a place where another user's was shows nothing of that one's answer", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const [ada, bob] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`insert into storage.buckets (id, name) values ('photos', 'photos')`;
  await sql`select semantic_analysis_switch_enqueueing(p_upload_buckets => array['photos'])`;
  const upload = async (owner: string) =>
    await sql`
      insert into storage.objects (bucket_id, name, owner_id, version, metadata)
      values ('photos', 'shared.jpg', ${owner}, ${crypto.randomUUID()}, ${
      sql.json({ mimetype: "image/jpeg" })
    })`;
  await upload(ada);
  const now = new Date(Date.now() + 60_000);
  const [job] = (await claim(sql, { now })).jobs;
  assert.equal(await finish(sql, { id: job!.id, now }), "done");
  await sql`update storage.objects set name = 'moved.jpg', version = 'v2'`;
  await upload(bob);
  const [kept] = await sql`
    select owner_id, state, answer from catalogue_jobs.jobs
    where source = 'storage://photos/shared.jpg'`;
  assert.deepEqual({ ...kept }, { owner_id: bob, state: "waiting", answer: null });
});

Deno.test("jobs: a user's limit moves a thousand of the user's jobs at a time, and others' are claimed after", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await sql`
    insert into catalogue_jobs.jobs (source, owner_id, not_before, created_at)
    select 'storage://photos/' || i, case when i <= 1500 then ${crypto.randomUUID()}::uuid end, ${START}, ${START}
    from generate_series(1, 1501) i`;
  const readDue = async () => {
    const [row] = await sql`
      select count(*)::int as count from catalogue_jobs.jobs
      where owner_id is not null and state = 'waiting' and not_before <= ${after(10)}`;
    return row!.count;
  };
  const deny = async () => {
    const [job] = (await claim(sql, { now: after(10) })).jobs;
    await putBack(sql, { id: job!.id, scope: "owner", waitMs: 60_000, now: after(10) });
  };
  await deny();
  assert.equal(await readDue(), 499);
  await deny();
  assert.equal(await readDue(), 0);
  const { jobs } = await claim(sql, { now: after(10) });
  assert.deepEqual(jobs.map(({ owner_id }) => owner_id), [null]);
});
