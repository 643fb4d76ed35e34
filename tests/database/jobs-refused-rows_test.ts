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
