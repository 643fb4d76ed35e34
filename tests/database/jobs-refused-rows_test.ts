/** A finished job whose row the table of an application doesn't take. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, claim, enqueue, finish } from "./jobs.ts";

Deno.test("jobs: a row that an owner's table refuses fails its job", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await sql`alter table public.material_visual_analysis alter material_type type varchar(5)`;
  await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  assert.equal(await finish(sql, { id: 1, row: { material_type: "white oak" } }), "failed");
  const jobs = await sql`select state, last_code, last_error, held_nano from catalogue_jobs.jobs`;
  assert.deepEqual([...jobs], [{
    state: "failed",
    last_code: "NOT_STORED",
    last_error: "value too long for type character varying(5)",
    held_nano: "0",
  }]);
  assert.equal((await sql`select from public.material_visual_analysis`).length, 0);
});

Deno.test("jobs: whatever else of an owner's table refuses a row fails its job alone", async () => {
  const refusals = [
    "alter table public.material_visual_analysis add column id_of_theirs int not null",
    `insert into public.material_visual_analysis (material_id, material_type)
      select id, 'oak' from public.materials_catalog;
     create unique index on public.material_visual_analysis (material_id)`,
    `alter table public.material_visual_analysis
      add exclude using btree (lower(material_type) with =);
     insert into public.material_visual_analysis (material_id, material_type)
      select id, 'OAK' from public.materials_catalog`,
    `create function public.note() returns trigger language plpgsql
      as 'begin perform no_such_function(); return new; end';
     create trigger note before insert on public.material_visual_analysis
      for each row execute function public.note()`,
    `create function public.refuse() returns trigger language plpgsql
      as 'begin raise insufficient_privilege; end';
     create trigger refuse before insert on public.material_visual_analysis
      for each row execute function public.refuse()`,
  ];
  for (const refusal of refusals) {
    await using database = await openTestDatabase();
    const sql = database.connect();
    await addMaterials(sql, 1);
    await enqueue(sql);
    const [job] = (await claim(sql)).jobs;
    await sql.unsafe(refusal);
    assert.equal(await finish(sql, { id: job!.id }), "failed", refusal);
    const [failed] = await sql`select last_code, last_error from catalogue_jobs.jobs`;
    assert.equal(failed!.last_code, "NOT_STORED");
    assert.notEqual(failed!.last_error, null);
  }
});

Deno.test("jobs: a row that can't be stored at this moment leaves its job to be ended another time", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 1);
  await enqueue(sql);
  await claim(sql);
  await sql.unsafe(`
    create function public.wait() returns trigger language plpgsql
      as 'begin raise lock_not_available; end';
    create trigger wait before insert on public.material_visual_analysis
      for each row execute function public.wait()`);
  await assert.rejects(finish(sql, { id: 1 }), { code: "55P03" });
  await sql`drop trigger wait on public.material_visual_analysis`;
  assert.equal(await finish(sql, { id: 1 }), "done");
});
