/** A search reads its tables by their indexes: the plans of all statements that it runs, as they ran. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { openTestDatabase, type TestDatabase } from "../../../dev/stack/testing/test-database.ts";
import { alice, type As, BOB, searchAs, service } from "./search-as.ts";

const ROWS = 4_000;

/** Words and types of a twentieth, a word in all of them, one in each name. */
async function openLargeDatabase() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`
    insert into public.materials_catalog (name, category, properties, created_at)
    select 'Board ' || (array['oak', 'ash'])[1 + n % 2] || ' kind' || n % 20, 'flooring',
      jsonb_build_object('family', 'wood' || n % 20, 'finish', 'finish' || n % 7, 'thickness_mm', n % 90),
      now() - make_interval(mins => n)
    from generate_series(1, ${ROWS}::int) n`;
  await sql`select public.material_search_refresh_documents()`;
  await sql`vacuum analyze`;
  return database;
}

/** The lines of the plans that tell what is read, of two searches: the first fills caches. */
async function readPlans(
  database: TestDatabase,
  parameters: Record<string, unknown>,
  as: As = alice,
) {
  const lines: string[] = [];
  const sql = postgres(database.url("supabase_admin"), {
    max: 1,
    onnotice: ({ message }) => lines.push(...(message ?? "").split("\n")),
  });
  try {
    await sql.unsafe(`
      load 'auto_explain';
      -- Four thousand rows are soon read whole: as dear as those of a large catalogue.
      set seq_page_cost = 10;
      set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on;
      set auto_explain.log_analyze = on;
      set auto_explain.log_timing = off;
      set client_min_messages = log`);
    await searchAs(sql, as, parameters);
    lines.length = 0;
    await searchAs(sql, as, parameters);
  } finally {
    await sql.end();
  }
  return lines.filter((line) => /Scan/.test(line) && !line.includes("(never executed)"));
}

Deno.test("plans: a search reads documents and materials by their indexes", async (t) => {
  await using database = await openLargeDatabase();
  const searches: [name: string, parameters: Record<string, unknown>, index: string][] = [
    ["a rare word", { query_text: "kind7" }, "documents_document_idx"],
    [
      "a value and a range",
      { property_filters: { finish: "finish3", thickness_mm: { min: 5, max: 9 } } },
      "documents_terms_idx",
    ],
    [
      "a broad word",
      { query_text: "flooring" },
      "Index Only Scan using documents_stored_order_idx",
    ],
    [
      "a picture",
      {
        picture_text: "wood3 finish3",
        picture_properties: { family: "wood3", finish: "finish3" },
        weights: [0, 0.5, 0.5, 0],
      },
      "documents_terms_idx",
    ],
  ];
  for (const [name, parameters, index] of searches) {
    await t.step(name, async () => {
      const plans = await readPlans(database, parameters);
      assert.ok(plans.some((line) => line.includes(index)), plans.join("\n"));
      const whole = plans.filter((line) => /Seq Scan on (documents|materials_catalog)/.test(line));
      // Of what is in all rows, ten thousand are counted in any order.
      if (name !== "a broad word") assert.deepEqual(whole, []);
      else assert.ok(whole.every((line) => line.includes("documents")), whole.join("\n"));
    });
  }
});

Deno.test("plans: rare words in names come by the index of names", async () => {
  await using database = await openLargeDatabase();
  const sql = database.connect({ maxConnections: 1 });
  // In the text of all, in the name of a few.
  await sql`update public.materials_catalog set description = 'Kept in a shed'`;
  await sql`
    insert into public.materials_catalog (name, category) select 'Shed', 'house' from generate_series(1, 5)`;
  await sql`select public.material_search_refresh_documents()`;
  await sql`vacuum analyze`;
  const plans = await readPlans(database, { query_text: "shed" });
  assert.ok(plans.some((line) => line.includes("documents_name_words_idx")), plans.join("\n"));
  const found = await searchAs(sql, alice, { query_text: "shed", limit: 5 });
  assert.deepEqual(found.results.map((one: { semantic: number }) => one.semantic), [1, 1, 1, 1, 1]);
});

Deno.test("plans: a service reads private documents by their indexes", async () => {
  await using database = await openLargeDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql`update public.materials_catalog set visibility = 'private', created_by = ${BOB}`;
  await sql`select public.material_search_refresh_documents()`;
  await sql`vacuum analyze`;
  const searches: [parameters: Record<string, unknown>, index: string][] = [
    [{ query_text: "kind7" }, "documents_private_document_idx"],
    [{ property_filters: { finish: "finish3", family: "wood3" } }, "documents_private_terms_idx"],
  ];
  for (const [parameters, index] of searches) {
    const plans = await readPlans(database, parameters, service);
    assert.ok(plans.some((line) => line.includes(index)), plans.join("\n"));
    assert.deepEqual(plans.filter((line) => line.includes("documents_owner_idx")), []);
  }
});

Deno.test("is_frequent: of one item the statistics decide, of several a sample of the first documents", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  // The first 200 in the stored order are of ash.
  await sql`
    insert into public.materials_catalog (name, category, created_at)
    select case when n > 200 then 'Oak board' else 'Ash board' end, 'flooring', now() - make_interval(mins => n)
    from generate_series(1, 250) n`;
  await sql`select public.material_search_refresh_documents()`;
  const isFrequent = async (items: string[], share: number) => {
    const [row] = await sql`
      select material_search.is_frequent(
        jsonb_populate_record(null::material_search.search, jsonb_build_object('items', ${items}::text[])),
        'd.document @@ ' || material_search.to_item_query(${items}, ${items.length}, ''),
        ${share}
      ) as answer`;
    return row?.answer;
  };
  assert.equal(await isFrequent(["oak"], 0.1), false);
  await sql`analyze material_search.documents`;
  assert.equal(await isFrequent(["oak"], 0.1), true);
  assert.equal(await isFrequent(["oak"], 0.3), false);
  assert.equal(await isFrequent(["oak\u001fash"], 0.9), true);
  assert.equal(await isFrequent(["oak", "board"], 0.1), false);
  assert.equal(await isFrequent(["ash", "board"], 0.9), true);
});
