/** Embedding spaces that follow one another: a switch, vectors of before there were spaces, none at all. */
import assert from "node:assert/strict";
import { assertRefused, SPACES_CATALOGUE, storeVector } from "./spaces-catalogue.ts";
import {
  atAngle,
  createVectorDatabases,
  migrate,
  namesOf,
  operate,
  search,
  toId,
  toText,
  VISUAL,
} from "./vector-database.ts";

Deno.test("changed embedding spaces on a Postgres with pgvector", async (t) => {
  await using databases = await createVectorDatabases({ sql: SPACES_CATALOGUE, isTwice: true });

  await t.step(
    "a new space is filled beside the old one, and searched from the switch on",
    async () => {
      const database = await databases.open();
      await storeVector(database, 2, atAngle(10));
      const before = await search(database, { query_embedding: toText(atAngle(0)), ...VISUAL });
      await operate(database, "create_space", { name: "siglip", model: "SigLIP", dimensions: 768 });
      assert.deepEqual(
        await operate(database, "find_missing_embeddings", { space: "siglip", limit: 2 }),
        [
          toId(1),
          toId(2),
        ],
      );
      await storeVector(database, 1, atAngle(30, 768), "siglip");
      await assert.rejects(operate(database, "switch_space", { name: "siglip" }), {
        code: "22023",
        message: /^1 materials that have a vector in "clip" have none in "siglip"/,
      });
      assert.deepEqual(
        await search(database, { query_embedding: toText(atAngle(0)), ...VISUAL }),
        before,
      );
      // All or none.
      const rest = [2, 4, 5, 6].map((n) => ({
        material_id: toId(n),
        embedding: atAngle(10 * n, 768),
      }));
      await assert.rejects(
        operate(database, "store_embeddings", {
          space: "siglip",
          embeddings: JSON.stringify([...rest, { material_id: toId(6), embedding: [1] }]),
        }),
        { code: "22023" },
      );
      // One as PostgREST reads it from a column of pgvector's, a text.
      const [first, ...others] = rest;
      const asRead = { ...first, embedding: JSON.stringify(first!.embedding) };
      for (const embedding of ["1,2", "[1,x]", "{}", ""]) {
        await assert.rejects(
          operate(database, "store_embeddings", {
            space: "siglip",
            embeddings: JSON.stringify([{ ...first, embedding }]),
          }),
          { code: "22023" },
        );
      }
      assert.equal(
        await operate(database, "store_embeddings", {
          space: "siglip",
          embeddings: JSON.stringify([asRead, ...others]),
        }),
        4,
      );
      assert.deepEqual(await operate(database, "find_missing_embeddings", { space: "siglip" }), [
        toId(3),
      ]);
      assert.deepEqual(await operate(database, "switch_space", { name: "siglip" }), {
        searched: "siglip",
        before: "clip",
        vectors: 5,
        cut_off: null,
      });
      const query = { embedding_space: "siglip", query_embedding: toText(atAngle(0, 768)) };
      const found = await search(database, { ...query, ...VISUAL, include_embeddings: true });
      assert.deepEqual(namesOf(found), ["Oak 2", "Oak 1", "Oak 4", "Oak 5", "Oak 6"]);
      assert.deepEqual([found.embedding_space, found.embedding_models], ["siglip", ["SigLIP"]]);
      assert.equal(found.results[0].embedding.length, 768);
      // What names no space is of clip still.
      await assertRefused(
        search(database, { query_embedding: toText(atAngle(0)) }),
        "embedding_space",
        /but with those of "siglip"/,
      );

      await assert.rejects(operate(database, "delete_space", { name: "siglip" }), {
        code: "22023",
      });
      await database.exec(`delete from public.materials_catalog where id = '${toId(2)}'`);
      const { rows } = await database.query(
        `select from material_search.embeddings where material_id = '${toId(2)}'`,
      );
      assert.deepEqual(rows, []);
      await operate(database, "switch_space", { name: "clip", is_partial: true });
      await operate(database, "delete_space", { name: "siglip" });
      const left = await database.query("select space_id from material_search.embeddings");
      assert.deepEqual(left.rows, [{ space_id: 1 }]);
      const again = await search(database, { query_embedding: toText(atAngle(0)), ...VISUAL });
      assert.deepEqual(namesOf(again), ["Oak 1"]);
    },
  );

  await t.step(
    "vectors of before there were spaces: a model's are a space, none is lost",
    async () => {
      const database = await databases.open();
      await database.exec(`
      insert into before.material_embeddings
      select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
        array_fill(n::real, array[512])::extensions.vector,
        case when n = 4 then 'Resnet 50' else 'CLIP ViT-B/32' end
      from generate_series(2, 5) n;
      alter table before.material_embeddings set schema material_search;`);
      await migrate(database, (name) => /take_over_embeddings/.test(name));
      const { rows } = await database.query(
        `select s.name, s.model, e.material_id, e.embedding::real[] as embedding
       from material_search.embeddings e join material_search.embedding_spaces s on s.id = e.space_id
       order by e.material_id`,
      );
      const all = (n: number) => Array(512).fill(n);
      const [clip, other] = [
        { name: "clip", model: "CLIP ViT-B/32" },
        { name: "m-Resnet-50-08daccea", model: "Resnet 50" },
      ];
      assert.deepEqual(rows, [
        { ...clip, material_id: toId(1), embedding: atAngle(0).map(Math.fround) },
        { ...clip, material_id: toId(2), embedding: all(2) },
        { ...clip, material_id: toId(3), embedding: all(3) },
        { ...other, material_id: toId(4), embedding: all(4) },
        { ...clip, material_id: toId(5), embedding: all(5) },
      ]);
    },
  );

  await t.step(
    "where the table of vectors was dropped, writes and other searches go on",
    async () => {
      const database = await databases.open();
      await database.exec("drop table material_search.embeddings");
      await database.exec(`delete from public.materials_catalog where id = '${toId(4)}'`);
      const found = await search(database, { query_text: "oak", include_embeddings: true });
      assert.equal(found.total_results, 4);
      await assert.rejects(search(database, { query_embedding: toText(atAngle(0)) }), {
        code: "0A000",
      });
      await assert.rejects(operate(database, "switch_space", { name: "clip" }), { code: "0A000" });
      // As where pgvector comes after the migrations.
      await operate(database, "create_space", { name: "siglip", model: "SigLIP", dimensions: 768 });
      await storeVector(database, 1, atAngle(0));
      assert.deepEqual(
        namesOf(await search(database, { query_embedding: toText(atAngle(0)), ...VISUAL })),
        ["Oak 1"],
      );
    },
  );
});
