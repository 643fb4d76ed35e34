/** What the search in Postgres finds, in which order, and what it never shows. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { type As, namesOf, runAs, searchAs } from "./search-as.ts";

const ALICE = "aaaaaaaa-0000-4000-8000-000000000000";
const BOB = "bbbbbbbb-0000-4000-8000-000000000000";

const alice: As = { role: "authenticated", userId: ALICE };
const bob: As = { role: "authenticated", userId: BOB };
const service: As = { role: "service_role" };

const SEED = new URL("../../supabase/seed.sql", import.meta.url);

async function openSeededDatabase() {
  const database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await sql.unsafe(await Deno.readTextFile(SEED));
  return { sql, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

async function addMaterial(
  sql: postgres.Sql,
  name: string,
  rest: { createdBy?: string; visibility?: string; category?: string; properties?: object } = {},
): Promise<string> {
  const [row] = await sql`
    insert into public.materials_catalog ${
    sql({
      name,
      category: rest.category ?? "test",
      created_by: rest.createdBy ?? null,
      visibility: rest.visibility ?? "public",
      properties: sql.json((rest.properties ?? {}) as postgres.JSONValue),
    })
  } returning id`;
  return row!.id;
}

Deno.test("the seed may be applied twice", async () => {
  await using database = await openSeededDatabase();
  await database.sql.unsafe(await Deno.readTextFile(SEED));
  const [{ materials, analyses, documents }] = await database.sql`
    select (select count(*)::int from public.materials_catalog) as materials,
      (select count(*)::int from public.material_visual_analysis) as analyses,
      (select count(*)::int from material_search.documents) as documents` as unknown as [
    Record<string, number>,
  ];
  assert.ok(materials! >= 20);
  assert.equal(analyses, materials);
  assert.equal(documents, materials);
});

Deno.test("full text finds by name, category, description, properties and analysis", async () => {
  await using database = await openSeededDatabase();
  const best = async (query_text: string) =>
    namesOf(await searchAs(database.sql, alice, { query_text, weights: [0, 1, 0, 0] }))[0];
  assert.equal(await best("white oak flooring"), "White oak plank flooring");
  assert.equal(await best("roofing"), "Welsh slate roofing");
  assert.equal(await best("fleece back"), "American walnut veneer");
  assert.equal(await best("304"), "Brushed stainless steel sheet");
  assert.equal(await best("purple undertones"), "American walnut veneer");
});

Deno.test("a word in the name counts more than one in the prose", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const mentioned = await addMaterial(sql, "A board");
  await sql`
    insert into public.material_visual_analysis (material_id, material_type, visual_characteristics)
    values (${mentioned}, 'wood', 'It stands beside a zebrano cabinet.')`;
  await addMaterial(sql, "Zebrano board");
  const found = await searchAs(sql, alice, { query_text: "zebrano", weights: [0, 1, 0, 0] });
  assert.deepEqual(namesOf(found), ["Zebrano board", "A board"]);
  assert.equal(found.results[0].semantic, 1);
  assert.ok(found.results[1].semantic < 0.5);
});

Deno.test("a misspelt word finds what it resembles; a known one is not replaced", async () => {
  await using database = await openSeededDatabase();
  for (
    const [query_text, meant] of [
      ["marbel", "marble"],
      ["alumnium pannel", "aluminium"],
      ["travertin", "travertine"],
    ] as const
  ) {
    const found = await searchAs(database.sql, alice, { query_text, weights: [0, 1, 0, 0] });
    assert.ok(found.total_results > 0, query_text);
    assert.match(namesOf(found)[0]!.toLowerCase(), new RegExp(meant), query_text);
  }
  for (const query_text of ["marble", "mark7 xx marb1e"]) {
    const kept = await searchAs(database.sql, alice, { query_text });
    assert.deepEqual(kept.corrections, {}, query_text);
  }
  const corrected = await searchAs(database.sql, alice, { query_text: "marbel" });
  assert.deepEqual(corrected.corrections, { marbel: "marble" });
});

Deno.test("a text without a word that counts finds nothing", async () => {
  await using database = await openSeededDatabase();
  for (const query_text of ["the of", "?!", "qqqqqqxx", " "]) {
    const found = await searchAs(database.sql, alice, { query_text });
    assert.equal(found.total_results, 0, query_text);
  }
});

Deno.test("the properties of a picture find what has most of them", async () => {
  await using database = await openSeededDatabase();
  const found = await searchAs(database.sql, alice, {
    picture_properties: { family: "Metal", finish: "brushed", colors: ["warm grey"] },
    weights: [0, 0, 1, 0],
  });
  assert.equal(namesOf(found)[0], "Brushed stainless steel sheet");
  assert.equal(found.results[0].property, 1);
  assert.deepEqual(found.results[0].found_by, ["material_properties"]);
  assert.ok(found.total_results > 1);
});

Deno.test("a material without a confidence is weighed without one", async () => {
  await using database = await openSeededDatabase();
  const found = await searchAs(database.sql, alice, {
    query_text: "green velvet",
    weights: [0, 0.9, 0, 0.1],
  });
  const [velvet] = found.results;
  assert.equal(velvet.material.name, "Green velvet");
  assert.equal(velvet.confidence, null);
  assert.equal(velvet.combined, velvet.semantic);
});

Deno.test("filters: kinds, values, lists, ranges, confidence and dates", async () => {
  await using database = await openSeededDatabase();
  const search = async (parameters: Record<string, unknown>) =>
    namesOf(await searchAs(database.sql, alice, { ...parameters, limit: 100 })).toSorted();
  assert.deepEqual(await search({ material_types: ["Textile", "leather"] }), [
    "Blue woven upholstery",
    "Cognac saddle leather",
    "Green velvet",
    "Natural linen curtain fabric",
  ]);
  assert.deepEqual(await search({ property_filters: { finish: "Hammered" } }), [
    "Hammered copper sheet",
  ]);
  assert.deepEqual(await search({ property_filters: { frost_resistant: true } }), [
    "Red clay facing brick",
  ]);
  assert.deepEqual(await search({ property_filters: { color: ["pink", "green"] } }), [
    "Green velvet",
    "Rosa Porriño granite worktop",
  ]);
  assert.deepEqual(
    await search({ property_filters: { thickness_mm: { min: 30, max: 100 }, finish: "polished" } }),
    ["Polished concrete floor", "Rosa Porriño granite worktop"],
  );
  const confident = await search({ confidence_threshold: 0.9 });
  assert.deepEqual(confident, ["Carrara marble slab", "Red clay facing brick"]);
  assert.deepEqual(await search({ created_from: "2999-01-01" }), []);
  assert.ok((await search({ created_to: "2999-01-01" })).length >= 20);
});

Deno.test("hostile filters and texts are only ever values", async () => {
  await using database = await openSeededDatabase();
  const hostile = [
    "'; drop table public.materials_catalog; --",
    `"$.**" ? (@ == 1)`,
    "{finish,0}",
    "$[*]",
    "a' | 'b",
    "\\",
    "!(oak)",
    "oak:* & <-> !",
    "%_%",
    "\u001f",
    "🪵",
  ];
  for (const text of hostile) {
    const filtered = await searchAs(database.sql, alice, { property_filters: { [text]: text } });
    assert.equal(filtered.total_results, 0, text);
    const listed = await searchAs(database.sql, alice, { property_filters: { finish: [text] } });
    assert.equal(listed.total_results, 0, text);
    const kinds = await searchAs(database.sql, alice, { material_types: [text] });
    assert.equal(kinds.total_results, 0, text);
    await searchAs(database.sql, alice, { query_text: text, picture_text: text });
  }
  const [{ count }] = await database.sql`
    select count(*)::int from public.materials_catalog` as unknown as [{ count: number }];
  assert.ok(count >= 20);
});

Deno.test("pages follow each other without a gap, and the total is that of all", async () => {
  await using database = await openSeededDatabase();
  const all = await searchAs(database.sql, alice, { created_to: "2999-01-01", limit: 100 });
  const paged: string[] = [];
  for (let offset = 0; offset < all.total_results; offset += 7) {
    const page = await searchAs(database.sql, alice, {
      created_to: "2999-01-01",
      limit: 7,
      offset,
    });
    assert.equal(page.total_results, all.total_results);
    assert.equal(page.results[0].rank, offset + 1);
    paged.push(...namesOf(page));
  }
  assert.deepEqual(paged, namesOf(all));
  const beyond = await searchAs(database.sql, alice, { created_to: "2999-01-01", offset: 1000 });
  assert.deepEqual(beyond.results, []);
  assert.equal(beyond.total_results, all.total_results);
});

Deno.test("a private material is found by its owner and by services, and by nobody else", async () => {
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

Deno.test("users write private materials of their own and nothing else", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const insert = (createdBy: string, visibility: string) =>
    runAs(sql, alice, (transaction) =>
      transaction`
        insert into public.materials_catalog (name, category, created_by, visibility)
        values ('Mine', 'test', ${createdBy}, ${visibility})`);
  await insert(ALICE, "private");
  await assert.rejects(insert(ALICE, "public"), /row-level security/);
  await assert.rejects(insert(BOB, "private"), /row-level security/);
  const id = await addMaterial(sql, "Everybody's");
  const changed = await runAs(
    sql,
    alice,
    (transaction) => transaction`update public.materials_catalog set name = 'x' where id = ${id}`,
  );
  assert.equal(changed.count, 0);
  await assert.rejects(
    runAs(sql, alice, (transaction) =>
      transaction`
        insert into public.material_visual_analysis (material_id, material_type)
        values (${id}, 'x')`),
    /permission denied/,
  );
});

Deno.test("the documents follow every change", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const totalOf = async (query_text: string) =>
    (await searchAs(sql, alice, { query_text })).total_results;
  const [one, other] = [await addMaterial(sql, "Zebrano"), await addMaterial(sql, "Padauk")];
  assert.equal(await totalOf("zebrano"), 1);
  await sql`update public.materials_catalog set name = 'Wenge' where id = ${one}`;
  assert.deepEqual([await totalOf("zebrano"), await totalOf("wenge")], [0, 1]);
  const [analysis] = await sql`
    insert into public.material_visual_analysis (material_id, material_type, processing_status)
    values (${one}, 'rosewood', 'pending') returning id`;
  assert.equal(await totalOf("rosewood"), 0);
  await sql`
    update public.material_visual_analysis set processing_status = 'completed'
    where id = ${analysis!.id}`;
  assert.equal(await totalOf("rosewood wenge"), 1);
  await sql`
    update public.material_visual_analysis set material_id = ${other} where id = ${analysis!.id}`;
  const moved = await searchAs(sql, alice, { query_text: "rosewood" });
  assert.deepEqual(namesOf(moved), ["Padauk"]);
  await sql`delete from public.material_visual_analysis`;
  assert.equal(await totalOf("rosewood"), 0);
  await sql`delete from public.materials_catalog`;
  const left = await sql`select from material_search.documents`;
  assert.equal(left.length, 0);
});

Deno.test("without pgvector an embedding is refused with a code of its own", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const [extension] = await sql`
    select from pg_available_extensions where name = 'vector'`;
  const search = searchAs(sql, alice, { query_embedding: Array(512).fill(0.1) });
  if (extension) assert.equal((await search).total_results, 0);
  else await assert.rejects(search, { code: "0A000" });
});

Deno.test("history: users read and delete their own, and write none", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const userId of [ALICE, BOB]) {
    await sql`
      insert into public.visual_search_history (
        user_id, search_type, has_image, filters, total_results, search_time_ms, request_id
      ) values (${userId}, 'hybrid', true, '{}', 1, 1, gen_random_uuid())`;
  }
  const own = await runAs(
    sql,
    alice,
    (transaction) => transaction`select user_id from public.visual_search_history`,
  );
  assert.deepEqual(own.map((row) => row.user_id), [ALICE]);
  const deleted = await runAs(
    sql,
    alice,
    (transaction) => transaction`delete from public.visual_search_history`,
  );
  assert.equal(deleted.count, 1);
  await assert.rejects(
    runAs(
      sql,
      alice,
      (transaction) => transaction`update public.visual_search_history set query_text = 'x'`,
    ),
    /permission denied/,
  );
  await assert.rejects(
    runAs(
      sql,
      { role: "anon" },
      (transaction) => transaction`select from public.visual_search_history`,
    ),
    /permission denied/,
  );
});

Deno.test("a deleted user's searches are deleted, nobody else's", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  for (const userId of [ALICE, BOB]) {
    await sql`insert into auth.users (id) values (${userId}) on conflict (id) do nothing`;
    await sql`
      insert into public.visual_search_history (
        user_id, search_type, has_image, filters, total_results, search_time_ms, request_id
      ) values (${userId}, 'hybrid', true, '{}', 1, 1, gen_random_uuid())`;
  }
  await sql`delete from auth.users where id = ${ALICE}`;
  const rows = await sql`select user_id from public.visual_search_history`;
  assert.deepEqual(rows.map((row) => row.user_id), [BOB]);
});

Deno.test("the private schema: comments, empty search paths, and what users may call", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const functions = await sql`
    select proname, proconfig, proacl::text as acl, obj_description(oid, 'pg_proc') as comment,
      has_function_privilege('authenticated', oid, 'execute') as by_users,
      has_function_privilege('anon', oid, 'execute') as by_anon
    from pg_proc where pronamespace = 'material_search'::regnamespace`;
  for (const { proname, proconfig, acl, comment, by_anon } of functions) {
    assert.ok(proconfig?.includes('search_path=""'), proname);
    assert.ok(acl !== null && !/[{,]=X/.test(acl), `${proname}: ${acl}`);
    assert.ok(comment, proname);
    assert.equal(by_anon, false, proname);
  }
  const called = functions.filter(({ by_users }) => by_users).map(({ proname }) => proname);
  assert.deepEqual(called.toSorted(), [
    "correct_words",
    "rank_materials",
    "read_embeddings",
    "to_any_query",
  ]);
  const uncommented = await sql`
    select attrelid::regclass::text || '.' || attname as name
    from pg_attribute join pg_class c on c.oid = attrelid
    where relkind = 'r' and attnum > 0 and not attisdropped
      and (relnamespace = 'material_search'::regnamespace or relname in
        ('materials_catalog', 'material_visual_analysis', 'visual_search_history'))
      and col_description(attrelid, attnum) is null`;
  assert.deepEqual([...uncommented], []);
  for (const role of ["authenticated", "service_role"] as const) {
    await assert.rejects(
      runAs(sql, { role }, (transaction) => transaction`select from material_search.documents`),
      /permission denied/,
    );
  }
});
