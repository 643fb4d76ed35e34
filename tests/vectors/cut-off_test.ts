/** The cut-off that a space learns from the distances of its own vectors. */
import assert from "node:assert/strict";
import type { PGlite } from "@electric-sql/pglite";
import { cosine, createNetwork, DIMENSIONS, FAMILIES, NETWORKS, PER_FAMILY } from "./networks.ts";
import { addMaterials, TENANTS_CATALOGUE } from "./tenants-catalogue.ts";
import {
  createVectorDatabases,
  type Json,
  namesOf,
  operate,
  search,
  toId,
  toText,
  VISUAL,
} from "./vector-database.ts";

async function fill(database: PGlite, space: string, vectors: number[][]): Promise<void> {
  await operate(database, "store_embeddings", {
    space,
    embeddings: JSON.stringify(
      vectors.map((embedding, index) => ({ material_id: toId(index + 1), embedding })),
    ),
  });
}

Deno.test("cut-offs on a Postgres with pgvector", async (t) => {
  await using databases = await createVectorDatabases({ sql: TENANTS_CATALOGUE });

  const networks = await databases.open();
  await addMaterials(networks, { to: FAMILIES * PER_FAMILY });
  for (const [name, network] of Object.entries(NETWORKS)) {
    await t.step(`${name}: the cut-off lies between other families and one's own`, async () => {
      const vectors = createNetwork(network);
      const space = name.replaceAll(/[^A-Za-z0-9]+/g, "-");
      await operate(networks, "create_space", { name: space, model: name, dimensions: DIMENSIONS });
      await fill(networks, space, vectors);
      const { cut_off } = await operate(networks, "switch_space", {
        name: space,
        is_partial: true,
      });
      const isFound = { own: [] as boolean[], other: [] as boolean[] };
      for (const [index, one] of vectors.entries()) {
        for (const [place, other] of vectors.slice(0, index).entries()) {
          const isOwn = Math.floor(index / PER_FAMILY) === Math.floor(place / PER_FAMILY);
          isFound[isOwn ? "own" : "other"].push(cosine(one, other) >= cut_off);
        }
      }
      const share = (found: boolean[]) => found.filter(Boolean).length / found.length;
      assert.ok(share(isFound.own) > 0.9, `${cut_off}: ${share(isFound.own)} of its own`);
      assert.ok(share(isFound.other) < 0.1, `${cut_off}: ${share(isFound.other)} of others`);

      const query = { query_embedding: toText(vectors[0]!), embedding_space: space, ...VISUAL };
      const found = await search(networks, query);
      const expected = vectors.filter((one) => cosine(one, vectors[0]!) >= cut_off).length;
      assert.equal(found.total_results, expected);
      assert.deepEqual(
        [found.similar.compared, found.similar.under_cut_off],
        [vectors.length, vectors.length - expected],
      );
      assert.ok(Math.abs(found.similar.cut_off - cut_off) < 1e-6);
      // A threshold of the caller's that is lower finds more.
      const more = await search(networks, { ...query, similarity_threshold: cut_off / 2 });
      assert.ok(more.total_results > expected, `${more.total_results}`);
      assert.ok(more.similar.under_cut_off < found.similar.under_cut_off);
    });
  }

  await t.step(
    "the cut-off is learnt with the tenth vector, and when they have doubled",
    async () => {
      const database = await databases.open();
      await addMaterials(database, { to: 40 });
      await operate(database, "create_space", { name: "new", model: "A", dimensions: DIMENSIONS });
      const vectors = createNetwork(NETWORKS["pictures, all above 0.5"]);
      const read = async () =>
        (await operate(database, "read_spaces")).find(({ name }: Json) => name === "new");
      const learnt = [];
      for (const n of [9, 10, 19, 20]) {
        await fill(database, "new", vectors.slice(0, n));
        const { cut_off, learnt_from, vectors: count } = await read();
        learnt.push([count, learnt_from, cut_off !== null]);
      }
      assert.deepEqual(learnt, [[9, 0, false], [10, 10, true], [19, 10, true], [20, 20, true]]);
      const { cut_off } = await read();
      assert.equal(await operate(database, "learn_cut_off", { space: "new" }), cut_off);
    },
  );

  await t.step("all vectors alike: what is exactly as far as all others is not found", async () => {
    const database = await databases.open();
    await addMaterials(database, { to: 20 });
    await operate(database, "create_space", { name: "one-hot", model: "A", dimensions: 20 });
    const oneHot = Array.from({ length: 20 }, (_, n) => Array(20).fill(0).with(n, 1));
    await fill(database, "one-hot", oneHot);
    await operate(database, "switch_space", { name: "one-hot", is_partial: true });
    const found = await search(database, {
      query_embedding: toText(oneHot[3]!),
      embedding_space: "one-hot",
      ...VISUAL,
    });
    assert.deepEqual([namesOf(found), found.similar.under_cut_off], [["Board 4"], 19]);
  });
});
