/** The nearest vectors: rights, filters and large spaces. */
import assert from "node:assert/strict";
import type { PGlite } from "@electric-sql/pglite";
import { addMaterials, TENANTS_CATALOGUE } from "./tenants-catalogue.ts";
import {
  ALICE,
  BOB,
  createVectorDatabases,
  type Json,
  operate,
  runAs,
  search,
  toId,
  toText,
  VISUAL,
} from "./vector-database.ts";

/** The inner function, as a large space or as a small one. */
function findSimilar(
  database: PGlite,
  { embedding, userId, isLarge = false, wanted = 20, filters = {} }: {
    embedding: number[];
    userId: string;
    isLarge?: boolean;
    wanted?: number;
    filters?: Json;
  },
): Promise<Json> {
  return runAs(database, "authenticated", userId, async (transaction) => {
    const { rows } = await transaction.query<Json>(
      `select s.material_ids as ids, s.told from material_search.find_similar(
         jsonb_populate_record(null::material_search.search, $1), material_search.read_space($2),
         null, $3, $4
       ) s`,
      [
        JSON.stringify({ query_embedding: embedding, ...filters }),
        (await transaction.query<Json>("select (material_search.read_searched_space()).name"))
          .rows[0]
          .name,
        wanted,
        isLarge ? 0 : 5_000_000,
      ],
    );
    return rows[0];
  });
}

Deno.test("nearest vectors on a Postgres with pgvector", async (t) => {
  await using databases = await createVectorDatabases({ sql: TENANTS_CATALOGUE });

  await t.step("a caller who sees few of the rows gets k of k, by index and without", async () => {
    const database = await databases.open();
    const others = 2_000;
    // Bob's few lie among Alice's and are none of the nearest thousand.
    await database.exec("reset role; set session_replication_role = replica;");
    await addMaterials(database, { to: others });
    await addMaterials(database, {
      from: others + 1,
      to: others + 2,
      tenant: BOB,
      category: "stone",
    });
    await database.exec("set session_replication_role = origin; set role postgres;");
    await operate(database, "create_space", { name: "flat", model: "A", dimensions: 2 });
    await database.exec(`
      insert into material_search.embeddings (space_id, material_id, embedding)
      select (material_search.read_space('flat')).id, id, array[cos(angle), sin(angle)]::real[]
      from (
        select id, case when tenant_id = '${ALICE}' then 1 else 1.2 end
          * row_number() over (partition by tenant_id order by id)
          / case when tenant_id = '${ALICE}' then 2000.0 else 10.0 end as angle
        from public.materials_catalog
      ) placed;
      analyze material_search.embeddings`);
    await operate(database, "switch_space", { name: "flat", is_partial: true });
    await database.exec("update material_search.embedding_spaces set cut_off = 0.3");
    const bobs = Array.from({ length: 2 }, (_, index) => toId(others + 1 + index));
    for (const isLarge of [false, true]) {
      const found = await findSimilar(database, { embedding: [1, 0], userId: BOB, isLarge });
      assert.deepEqual(found.ids, bobs, `${isLarge}`);
      assert.deepEqual(found.told, {
        ...{ space: "flat", model: "A", compared: 2, under_cut_off: 0, relation: "eq" },
        cut_off: 0.3,
      });
    }
    const nearest = Array.from({ length: 1_000 }, (_, index) => toId(index + 1));
    const large = await findSimilar(database, { embedding: [1, 0], userId: ALICE, isLarge: true });
    assert.equal(large.told.relation, "gte");
    const right = large.ids.filter((id: string) => nearest.includes(id)).length;
    assert.ok(right >= 990, `${right} of the nearest thousand`);
    assert.deepEqual(large.ids.slice(0, 20), nearest.slice(0, 20));
    const small = await findSimilar(database, { embedding: [1, 0], userId: ALICE });
    assert.deepEqual([small.ids.length, small.told.relation], [others, "eq"]);
    // The index fits the statement: with nothing cheaper it is what Postgres takes.
    const { rows: [built] } = await database.query<Json>(`
      select format(
        'explain select from material_search.embeddings e where e.space_id = %s order by %s %s %s limit 9',
        s.id, format(material_search.to_indexed(s), 'e.embedding'), material_search.to_operator(s),
        format(material_search.to_indexed(s), '''[1,0]''::extensions.vector')
      ) as statement
      from material_search.read_searched_space() s`);
    await database.exec("set enable_seqscan = off; set enable_sort = off");
    const { rows: plan } = await database.query<Json>(built.statement);
    assert.match(JSON.stringify(plan), /Index Scan using embeddings_\d+_idx/);
  });

  await t.step(
    "filters that leave few of many: as many as there are, by index and without",
    async () => {
      const database = await databases.open();
      await addMaterials(database, { to: 1_100 });
      await addMaterials(database, { from: 1_101, to: 1_105, category: "stone" });
      await database.exec("select public.material_search_refresh_documents()");
      await operate(database, "create_space", { name: "flat", model: "A", dimensions: 2 });
      await database.exec(`
      insert into material_search.embeddings (space_id, material_id, embedding)
      select (material_search.read_space('flat')).id, id,
        array[cos(row_number() over (order by id) / 2000.0), sin(row_number() over (order by id) / 2000.0)]::real[]
      from public.materials_catalog`);
      await operate(database, "switch_space", { name: "flat", is_partial: true });
      await database.exec("update material_search.embedding_spaces set cut_off = 0.3");
      const stones = Array.from({ length: 5 }, (_, index) => toId(1_101 + index));
      for (const isLarge of [false, true]) {
        const found = await findSimilar(database, {
          ...{ embedding: [1, 0], userId: ALICE, isLarge },
          filters: { material_types: ["stone"] },
        });
        assert.deepEqual([found.ids, found.told.relation], [stones, "eq"], `${isLarge}`);
      }
      const found = await search(database, {
        query_embedding: "{1,0}",
        embedding_space: "flat",
        material_types: "{stone}",
        ...VISUAL,
      });
      assert.deepEqual([found.total_results, found.similar.compared], [5, 5]);

      // Of a large space an index tells the nearest: what words find is compared all the same.
      const { rows: [{ id: spaceId }] } = await database.query<Json>(
        "select id from material_search.embedding_spaces where name = 'flat'",
      ) as Json;
      const { rows: ranked } = await database.query<Json>(
        `select material_id, visual from material_search.rank_materials(
         jsonb_populate_record(null::material_search.search, $1), $2
       )`,
        [
          JSON.stringify({
            ...{
              query: "board",
              query_embedding: [1, 0],
              weights: [0.5, 0.5, 0, 0],
              has_query: true,
            },
            ...{ similar_ids: [], similarities: [], cut_off: 0.9 },
            space_id: spaceId,
          }),
          toText([toId(1), toId(1_105)]),
        ],
      );
      const visual = new Map(ranked.map((row: Json) => [row.material_id, row.visual]));
      assert.ok(Math.abs(visual.get(toId(1)) - 1) < 1e-4);
      assert.equal(visual.get(toId(1_105)), 0);
    },
  );
});
