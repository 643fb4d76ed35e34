/** Embedding spaces: what is kept in one, and what is refused. */
import assert from "node:assert/strict";
import { assertRefused, SPACES_CATALOGUE, storeVector } from "./spaces-catalogue.ts";
import {
  ALICE,
  atAngle,
  BOB,
  createVectorDatabases,
  type Json,
  namesOf,
  operate,
  runAs,
  search,
  toId,
  toText,
  VISUAL,
} from "./vector-database.ts";

Deno.test("embedding spaces on a Postgres with pgvector", async (t) => {
  await using databases = await createVectorDatabases({ sql: SPACES_CATALOGUE, isTwice: true });

  await t.step("a column of an application's is taken over: the newest that fits", async () => {
    const database = await databases.open();
    const { rows } = await database.query(
      `select s.name, e.material_id, e.embedding::real[] = $1 as is_same
       from material_search.embeddings e join material_search.embedding_spaces s on s.id = e.space_id`,
      [toText(atAngle(0))],
    );
    assert.deepEqual(rows, [{ name: "clip", material_id: toId(1), is_same: true }]);
  });

  await t.step(
    "vectors named by no space are of clip, nearest first, with the cosine",
    async () => {
      const database = await databases.open();
      for (const [n, degrees] of [[2, 20], [4, 50], [5, 70], [6, 180]] as const) {
        await storeVector(database, n, atAngle(degrees));
      }
      const query = { query_embedding: toText(atAngle(0)), ...VISUAL, include_embeddings: true };
      const found = await search(database, query);
      assert.deepEqual(namesOf(found), ["Oak 1", "Oak 2", "Oak 4", "Oak 5"]);
      const [first, second] = found.results;
      assert.deepEqual([first.visual, first.combined, first.found_by], [1, 1, [
        "visual_similarity",
      ]]);
      assert.ok(Math.abs(second.visual - Math.cos(20 * Math.PI / 180)) < 1e-5);
      assert.equal(second.embedding.length, 512);
      assert.deepEqual(found.embedding_models, ["clip"]);
      // Too few to learn from: all that point the same way.
      assert.deepEqual(found.similar, {
        space: "clip",
        model: "clip",
        cut_off: 0,
        compared: 5,
        under_cut_off: 1,
        relation: "eq",
      });
      const words = await search(database, {
        query_embedding: toText(atAngle(0)),
        query_text: "oak",
        weights: "{0.5,0.5,0,0}",
      });
      assert.equal(words.total_results, 5);
      assert.deepEqual(words.results[0].found_by, ["visual_similarity", "semantic_relevance"]);
      // The model of what was compared is told, the vectors only where they are asked for.
      assert.deepEqual([words.embedding_models, words.results[0].embedding], [["clip"], null]);
      const withoutVector = await search(database, { query_text: "oak" });
      assert.deepEqual(withoutVector.embedding_models, []);

      await storeVector(database, 3, atAngle(0));
      assert.deepEqual(await search(database, query), found);
      assert.deepEqual(namesOf(await search(database, query, BOB)), ["Oak 3"]);
      const { rows } = await runAs(
        database,
        "authenticated",
        BOB,
        (transaction) => transaction.query("select material_id from material_search.embeddings"),
      );
      assert.deepEqual(rows, [{ material_id: toId(3) }]);
    },
  );

  await t.step("any number of dimensions up to 4,000, each with an index", async () => {
    const database = await databases.open();
    for (const dimensions of [2, 768, 1152, 2001, 4000]) {
      const name = `net/${dimensions}`;
      const create = { name, model: "A net", dimensions };
      const space = await operate(database, "create_space", create);
      assert.deepEqual(await operate(database, "create_space", create), space);
      await storeVector(database, 1, atAngle(1, dimensions), name);
      await storeVector(database, 2, atAngle(60, dimensions), name);
      await operate(database, "switch_space", { name, is_partial: true });
      const found = await search(database, {
        query_embedding: toText(atAngle(0, dimensions)),
        embedding_space: name,
        ...VISUAL,
      });
      assert.deepEqual(namesOf(found), ["Oak 1", "Oak 2"]);
    }
    const spaces = await operate(database, "read_spaces");
    assert.deepEqual(spaces.map(({ has_index }: Json) => has_index), Array(6).fill(true));
    await operate(database, "create_space", {
      name: "far",
      model: "A net",
      dimensions: 2,
      metric: "euclidean",
    });
    await storeVector(database, 1, [3, 4], "far");
    await storeVector(database, 2, [0, 1], "far");
    await operate(database, "switch_space", { name: "far", is_partial: true });
    const found = await search(database, {
      query_embedding: "{0,0.5}",
      embedding_space: "far",
      ...VISUAL,
    });
    assert.deepEqual(namesOf(found), ["Oak 2", "Oak 1"]);
    assert.ok(Math.abs(found.results[0].visual - 1 / 1.5) < 1e-6);
  });

  await t.step("a vector of another space, or of another length, is never compared", async () => {
    const database = await databases.open();
    await operate(database, "create_space", { name: "siglip", model: "SigLIP", dimensions: 768 });
    await operate(database, "create_space", { name: "other-512", model: "B", dimensions: 512 });
    const ask = (embedding: readonly number[], space?: string) =>
      search(database, {
        query_embedding: toText(embedding),
        ...(space !== undefined && { embedding_space: space }),
      });
    const searched = /does not compare with vectors of the space ".+", but with those of "clip"/;
    await assertRefused(ask(atAngle(0), "other-512"), "embedding_space", searched);
    await assertRefused(ask(atAngle(0, 768), "siglip"), "embedding_space", searched);
    await assertRefused(ask(atAngle(0), "none"), "embedding_space", /no embedding space "none"/);
    await assertRefused(ask(atAngle(0, 768)), "query_embedding", /"clip" has 512 numbers, got 768/);
    await assertRefused(ask(atAngle(0, 4001)), "query_embedding", /1 to 4,000 numbers, got 4001/);
    await assertRefused(
      storeVector(database, 1, atAngle(0, 768)),
      "query_embedding",
      /512 numbers, got 768/,
    );
    await assertRefused(
      storeVector(database, 1, atAngle(0), "none"),
      "embedding_space",
      /no embedding space/,
    );
    for (const bad of [Array(512).fill(0), [NaN, ...Array(511).fill(1)], atAngle(0).with(0, 1e7)]) {
      await assertRefused(storeVector(database, 1, bad), "query_embedding", /must be numbers from/);
      await assertRefused(ask(bad), "query_embedding", /must be numbers from/);
    }
    await assert.rejects(storeVector(database, 77, atAngle(0)), { code: "23503" });
    for (
      const bad of [
        ...[{ dimensions: 0 }, { dimensions: 4001 }, { name: "a b" }, { metric: "dot" }],
        ...[{ model: "" }, { name: "clip" }],
      ]
    ) {
      const create = { name: "new", model: "A net", dimensions: 8, ...bad };
      await assert.rejects(operate(database, "create_space", create), { code: "22023" });
    }
    const asUser = runAs(
      database,
      "authenticated",
      ALICE,
      (transaction) => transaction.query("select public.material_search_switch_space('siglip')"),
    );
    await assert.rejects(asUser, { code: "42501" });
  });
});
