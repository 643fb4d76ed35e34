/** The nearest vectors: the cut-off that a space learns, rights, filters and large spaces. */
import assert from "node:assert/strict";
import type { PGlite } from "@electric-sql/pglite";
import {
  ALICE,
  BOB,
  createCopies,
  type Json,
  namesOf,
  openVectorDatabase,
  operate,
  runAs,
  search,
  toId,
  toText,
} from "./vector-database.ts";

/** A catalogue of an application's, of which each tenant sees its own. */
const CATALOGUE = `
  create table public.materials_catalog (
    id uuid primary key, name text not null, category text not null, tenant_id uuid
  );
  alter table public.materials_catalog enable row level security;
  create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = (select auth.uid()));
  grant select on public.materials_catalog to authenticated, service_role;
`;

const VISUAL = { weights: "{1,0,0,0}" };

/** Numbers of a normal distribution, the same in every run (mulberry32, Box and Muller). */
function createNormal(seed: number): () => number {
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const DIMENSIONS = 256;
const FAMILIES = 12;
const PER_FAMILY = 8;

/**
 * Vectors like a network's: pictures of different families are at a cosine of about `between`, more or
 * less by `spread`, those of one family at about `within`.
 */
function createNetwork(
  { between, spread, within }: { between: number; spread: number; within: number },
): number[][] {
  const normal = createNormal(7);
  // Directions of families in so few axes that their cosines spread as they are to.
  const axes = Math.max(2, Math.min(40, Math.round(((within - between) / spread) ** 2)));
  const toUnit = (some: number[]) => {
    const length = Math.hypot(...some);
    return some.map((number) => number / length);
  };
  const direction = (from: number, count: number) => {
    const unit = toUnit(Array.from({ length: count }, normal));
    return Array.from({ length: DIMENSIONS }, (_, index) => unit[index - from] ?? 0);
  };
  return Array.from({ length: FAMILIES }, () => direction(1, axes)).flatMap((family) =>
    Array.from({ length: PER_FAMILY }, () => {
      const noise = direction(1 + axes, DIMENSIONS - 1 - axes);
      return family.map((number, index) =>
        Math.sqrt(within - between) * number + Math.sqrt(1 - within) * noise[index]! +
        (index === 0 ? Math.sqrt(between) : 0)
      );
    })
  );
}

/** What was measured of networks: cosines of pictures of different materials. */
const NETWORKS = {
  "SigLIP, families at 0.06": { between: 0.06, spread: 0.04, within: 0.45 },
  "texts, families at 0.09": { between: 0.09, spread: 0.06, within: 0.5 },
  "pictures, a third above 0.5": { between: 0.43, spread: 0.15, within: 0.88 },
  "pictures, two thirds above 0.5": { between: 0.57, spread: 0.14, within: 0.92 },
  "pictures, all above 0.5": { between: 0.75, spread: 0.06, within: 0.93 },
};

const cosine = (one: number[], other: number[]) =>
  one.reduce((sum, number, index) => sum + number * other[index]!, 0);

async function fill(database: PGlite, space: string, vectors: number[][]): Promise<void> {
  await operate(database, "store_embeddings", {
    space,
    embeddings: JSON.stringify(
      vectors.map((embedding, index) => ({ material_id: toId(index + 1), embedding })),
    ),
  });
}

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
  await using cleanUp = new AsyncDisposableStack();
  const template = await openVectorDatabase({ sql: CATALOGUE });
  const copy = await createCopies(template);
  await template.close();
  const open = async () => {
    const database = await copy();
    cleanUp.defer(() => database.close());
    return database;
  };
  const add = (database: PGlite, from: number, to: number, tenant = ALICE, category = "wood") =>
    database.query(
      `insert into public.materials_catalog
       select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Board ' || n, $1, $2
       from generate_series($3::int, $4::int) n`,
      [category, tenant, from, to],
    );

  const networks = await open();
  await add(networks, 1, FAMILIES * PER_FAMILY);
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
      const database = await open();
      await add(database, 1, 40);
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
    const database = await open();
    await add(database, 1, 20);
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

  await t.step("who sees a thousandth of the rows gets k of k, by index and without", async () => {
    const database = await open();
    const others = 2_000;
    // Bob's few lie among Alice's and are none of the nearest thousand.
    await database.exec("reset role; set session_replication_role = replica;");
    await add(database, 1, others);
    await add(database, others + 1, others + 2, BOB, "stone");
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
      const database = await open();
      await add(database, 1, 1_100);
      await add(database, 1_101, 1_105, ALICE, "stone");
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
