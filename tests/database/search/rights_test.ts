/** What a search never shows. */
import assert from "node:assert/strict";
import { openTestDatabase } from "../../../dev/stack/testing/test-database.ts";
import {
  addMaterial,
  ALICE,
  alice,
  type As,
  bob,
  namesOf,
  runAs,
  searchAs,
  service,
} from "./search-as.ts";

Deno.test("a private material is found by its owner and by services, and by no other user", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const id = await addMaterial(sql, "Secret alloy", { createdBy: ALICE, visibility: "private" });
  await sql`
    insert into public.material_visual_analysis (material_id, material_type)
    values (${id}, 'alloy')`;
  const search = async (as: As, query_text: string) =>
    namesOf(await searchAs(sql, as, { query_text }));
  assert.deepEqual(await search(alice, "alloy"), ["Secret alloy"]);
  assert.deepEqual(await search(service, "alloy"), ["Secret alloy"]);
  assert.deepEqual(await search(bob, "alloy"), []);
  assert.deepEqual(await search({ role: "authenticated" }, "alloy"), []);
  // Nor does a misspelling betray the word.
  const misspelt = await searchAs(sql, bob, { query_text: "alloi" });
  assert.deepEqual([misspelt.total_results, misspelt.corrections], [0, {}]);
  await assert.rejects(
    searchAs(sql, { role: "anon" }, { query_text: "alloy" }),
    /permission denied/,
  );

  const rows = await runAs(
    sql,
    bob,
    (transaction) => transaction`select from public.material_visual_analysis`,
  );
  assert.equal(rows.length, 0);
});

Deno.test("the caller's own rights decide, whatever ranks the materials", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await addMaterial(sql, "Restricted alloy");
  // As in an application with policies of its own, which know nothing of visibility.
  await sql`drop policy materials_catalog_read on public.materials_catalog`;
  const found = await searchAs(sql, bob, { query_text: "alloy", include_analytics: true });
  assert.equal(found.total_results, 0);
  assert.deepEqual(found.analytics.by_category, {});
});
