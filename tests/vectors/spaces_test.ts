/** Embedding spaces: what is kept in one, which one is searched, and what is refused. */
import assert from "node:assert/strict";
import type { PGlite } from "@electric-sql/pglite";
import {
  ALICE,
  atAngle,
  BOB,
  createCopies,
  type Json,
  migrate,
  namesOf,
  openVectorDatabase,
  operate,
  runAs,
  search,
  toId,
  toText,
} from "./vector-database.ts";

/** An application's own, with vectors of more than one length and of materials that are gone. */
const CATALOGUE = `
  create extension vector with schema extensions;
  create table public.materials_catalog (
    id uuid primary key, name text not null, category text not null, tenant_id uuid
  );
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(), material_id uuid, material_type text,
    clip_embedding extensions.vector, created_at timestamptz
  );
  insert into public.materials_catalog
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Oak ' || n, 'wood',
    case when n = 3 then '${BOB}'::uuid else '${ALICE}'::uuid end
  from generate_series(1, 6) n;
  insert into public.material_visual_analysis (material_id, material_type, clip_embedding, created_at)
  values ('${toId(1)}', 'oak', '[${atAngle(0)}]', '2026-02-01'),
    ('${toId(1)}', 'oak', '[${atAngle(90)}]', '2026-01-01'),
    ('${toId(2)}', 'oak', '[1,2,3]', null), ('${toId(3)}', 'oak', '[${Array(512).fill(0)}]', null),
    ('${toId(99)}', 'oak', '[${atAngle(0)}]', null), (null, 'oak', '[${atAngle(0)}]', null);
  alter table public.materials_catalog enable row level security;
  create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = (select auth.uid()));
  grant select on public.materials_catalog, public.material_visual_analysis
    to authenticated, service_role;
  -- As the search had them before there were spaces.
  create schema before;
  create table before.material_embeddings (
    material_id uuid primary key, embedding extensions.vector(512) not null, model text not null
  );
`;

const VISUAL = { weights: "{1,0,0,0}" };

/** What is refused, and the field that it is told of. */
async function refused(work: Promise<unknown>, field: string, problem: RegExp): Promise<void> {
  await assert.rejects(work, (error: Json) => {
    assert.equal(error.code, "22023", error.message);
    assert.match(JSON.parse(error.detail)[field], problem);
    return true;
  });
}

const store = (database: PGlite, n: number, embedding: readonly number[], space = "clip") =>
  operate(database, "store_embedding", {
    material_id: toId(n),
    embedding: toText(embedding),
    space,
  });

Deno.test("embedding spaces on a Postgres with pgvector", async (t) => {
  await using cleanUp = new AsyncDisposableStack();
  const template = await openVectorDatabase({ sql: CATALOGUE, isTwice: true });
  const copy = await createCopies(template);
  await template.close();
  const open = async () => {
    const database = await copy();
    cleanUp.defer(() => database.close());
    return database;
  };

  await t.step("a column of an application's is taken over: the newest that fits", async () => {
    const database = await open();
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
      const database = await open();
      for (const [n, degrees] of [[2, 20], [4, 50], [5, 70], [6, 180]] as const) {
        await store(database, n, atAngle(degrees));
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

      await store(database, 3, atAngle(0));
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
    const database = await open();
    for (const dimensions of [2, 768, 1152, 2001, 4000]) {
      const name = `net/${dimensions}`;
      const create = { name, model: "A net", dimensions };
      const space = await operate(database, "create_space", create);
      assert.deepEqual(await operate(database, "create_space", create), space);
      await store(database, 1, atAngle(1, dimensions), name);
      await store(database, 2, atAngle(60, dimensions), name);
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
    await store(database, 1, [3, 4], "far");
    await store(database, 2, [0, 1], "far");
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
    const database = await open();
    await operate(database, "create_space", { name: "siglip", model: "SigLIP", dimensions: 768 });
    await operate(database, "create_space", { name: "other-512", model: "B", dimensions: 512 });
    const ask = (embedding: readonly number[], space?: string) =>
      search(database, {
        query_embedding: toText(embedding),
        ...(space !== undefined && { embedding_space: space }),
      });
    const searched = /does not compare with vectors of the space ".+", but with those of "clip"/;
    await refused(ask(atAngle(0), "other-512"), "embedding_space", searched);
    await refused(ask(atAngle(0, 768), "siglip"), "embedding_space", searched);
    await refused(ask(atAngle(0), "none"), "embedding_space", /no embedding space "none"/);
    await refused(ask(atAngle(0, 768)), "query_embedding", /"clip" has 512 numbers, got 768/);
    await refused(ask(atAngle(0, 4001)), "query_embedding", /1 to 4,000 numbers, got 4001/);
    await refused(store(database, 1, atAngle(0, 768)), "query_embedding", /512 numbers, got 768/);
    await refused(store(database, 1, atAngle(0), "none"), "embedding_space", /no embedding space/);
    for (const bad of [Array(512).fill(0), [NaN, ...Array(511).fill(1)], atAngle(0).with(0, 1e7)]) {
      await refused(store(database, 1, bad), "query_embedding", /must be numbers from/);
      await refused(ask(bad), "query_embedding", /must be numbers from/);
    }
    await assert.rejects(store(database, 77, atAngle(0)), { code: "23503" });
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

  await t.step(
    "a new space is filled beside the old one, and searched from the switch on",
    async () => {
      const database = await open();
      await store(database, 2, atAngle(10));
      const before = await search(database, { query_embedding: toText(atAngle(0)), ...VISUAL });
      await operate(database, "create_space", { name: "siglip", model: "SigLIP", dimensions: 768 });
      assert.deepEqual(
        await operate(database, "find_missing_embeddings", { space: "siglip", limit: 2 }),
        [
          toId(1),
          toId(2),
        ],
      );
      await store(database, 1, atAngle(30, 768), "siglip");
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
      assert.equal(
        await operate(database, "store_embeddings", {
          space: "siglip",
          embeddings: JSON.stringify(rest),
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
      await refused(
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
      const database = await open();
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
      const database = await open();
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
      await store(database, 1, atAngle(0));
      assert.deepEqual(
        namesOf(await search(database, { query_embedding: toText(atAngle(0)), ...VISUAL })),
        ["Oak 1"],
      );
    },
  );
});
