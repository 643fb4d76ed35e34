/**
 * Embeddings in the search, on a Postgres with pgvector: PGlite, which is the one that npm has. It takes
 * seconds to start and has one connection, so all of it is one test.
 */
import assert from "node:assert/strict";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { vector } from "@electric-sql/pglite-pgvector";

const PROJECT = new URL("../../../", import.meta.url);

const ALICE = "aaaaaaaa-0000-4000-8000-000000000000";
const BOB = "bbbbbbbb-0000-4000-8000-000000000000";

const toId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** In the plane of the first two of 512 axes: the cosine of two is that of the difference. */
const atAngle = (degrees: number) => {
  const radians = degrees * Math.PI / 180;
  return [Math.cos(radians), Math.sin(radians), ...Array(510).fill(0)];
};

const toText = (embedding: number[]) => `{${embedding.join(",")}}`;

const readText = (path: string) => Deno.readTextFile(new URL(path, PROJECT));

/** As the platform hands it out, as `postgres`. */
async function openDatabase(): Promise<PGlite> {
  const database = await PGlite.create({ extensions: { vector, pg_trgm, uuid_ossp } });
  for (const file of ["cluster", "database"]) {
    await database.exec(await readText(`dev/stack/postgres/${file}.sql`));
  }
  await database.exec("set role postgres");
  return database;
}

async function migrate(database: PGlite): Promise<void> {
  const folder = new URL("supabase/migrations/", PROJECT);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  for (const name of names) await database.exec(await readText(`supabase/migrations/${name}`));
}

async function runAs<T>(
  database: PGlite,
  role: string,
  userId: string,
  run: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return await database.transaction(async (transaction) => {
    const claims = JSON.stringify({ role, sub: userId });
    await transaction.query("select set_config('request.jwt.claims', $1, true)", [claims]);
    await transaction.exec(`set local role ${role}`);
    return await run(transaction);
  });
}

// deno-lint-ignore no-explicit-any
type Json = any;

async function search(
  database: PGlite,
  parameters: Record<string, unknown>,
  userId = ALICE,
): Promise<Json> {
  const names = Object.keys(parameters);
  const call = names.map((name, index) => `p_${name} => $${index + 1}`).join(", ");
  const { rows } = await runAs(
    database,
    "authenticated",
    userId,
    (transaction) =>
      transaction.query<{ found: Json }>(
        `select public.material_search_find_materials(${call}) as found`,
        Object.values(parameters),
      ),
  );
  return rows[0]!.found;
}

const store = (database: PGlite, id: string, embedding: string, model = "clip") =>
  runAs(
    database,
    "service_role",
    "",
    (transaction) =>
      transaction.query("select public.material_search_store_embedding($1, $2, $3)", [
        id,
        embedding,
        model,
      ]),
  );

/** An application's own, with embeddings of more than one length and of materials that are gone. */
const CATALOGUE = `
  create extension vector with schema extensions;
  create table public.materials_catalog (
    id uuid primary key, name text not null, category text not null, tenant_id uuid
  );
  create table public.material_visual_analysis (
    id uuid primary key default gen_random_uuid(), material_id uuid, material_type text,
    clip_embedding extensions.vector
  );
  insert into public.materials_catalog
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Oak ' || n, 'wood',
    case when n = 3 then '${BOB}'::uuid else '${ALICE}'::uuid end
  from generate_series(1, 6) n;
  insert into public.material_visual_analysis (material_id, material_type, clip_embedding)
  values ('${toId(1)}', 'oak', '[${atAngle(0)}]'), ('${toId(2)}', 'oak', '[1,2,3]'),
    ('${toId(99)}', 'oak', '[${atAngle(0)}]'), (null, 'oak', '[${atAngle(0)}]');
  alter table public.materials_catalog enable row level security;
  create policy tenant on public.materials_catalog for select to authenticated
    using (tenant_id = (select auth.uid()));
  grant select on public.materials_catalog, public.material_visual_analysis
    to authenticated, service_role;
`;

Deno.test("embeddings on a Postgres with pgvector", async (t) => {
  await using cleanUp = new AsyncDisposableStack();
  const database = await openDatabase();
  cleanUp.defer(() => database.close());
  await database.exec(CATALOGUE);
  await migrate(database);
  // A push that was cut off is made again.
  await migrate(database);

  await t.step("those that fit are taken over from an application's own column", async () => {
    const { rows } = await database.query(
      "select material_id, model from material_search.material_embeddings",
    );
    assert.deepEqual(rows, [{ material_id: toId(1), model: "clip" }]);
  });

  await t.step("by likeness: nearest first, with the cosine, cut off below one half", async () => {
    for (const [n, degrees] of [[2, 20], [4, 50], [5, 70], [6, 180]] as const) {
      await store(database, toId(n), toText(atAngle(degrees)));
    }
    const found = await search(database, {
      query_embedding: toText(atAngle(0)),
      weights: "{1,0,0,0}",
      include_embeddings: true,
    });
    assert.equal(found.total_results, 3);
    assert.deepEqual(found.results.map(({ material }: Json) => material.name), [
      "Oak 1",
      "Oak 2",
      "Oak 4",
    ]);
    const [first, second] = found.results;
    assert.deepEqual([first.visual, first.combined, first.found_by], [1, 1, ["visual_similarity"]]);
    assert.ok(Math.abs(second.visual - Math.cos(20 * Math.PI / 180)) < 1e-5);
    assert.equal(second.embedding.length, 512);
    assert.deepEqual(found.embedding_models, ["clip"]);
  });

  await t.step("a lower threshold finds more", async () => {
    const found = await search(database, {
      query_embedding: toText(atAngle(0)),
      similarity_threshold: 0.3,
      weights: "{1,0,0,0}",
    });
    assert.equal(found.total_results, 4);
  });

  await t.step("with words: both scores, weighed", async () => {
    const found = await search(database, {
      query_embedding: toText(atAngle(0)),
      query_text: "oak",
      weights: "{0.5,0.5,0,0}",
    });
    assert.equal(found.total_results, 5);
    assert.deepEqual(found.results[0].found_by, ["visual_similarity", "semantic_relevance"]);
  });

  await t.step("a hidden material's embedding is neither found nor read", async () => {
    await store(database, toId(3), toText(atAngle(0)));
    const found = await search(database, {
      query_embedding: toText(atAngle(0)),
      weights: "{1,0,0,0}",
    });
    assert.equal(found.total_results, 3);
    const own = await search(database, {
      query_embedding: toText(atAngle(0)),
      weights: "{1,0,0,0}",
      include_embeddings: true,
    }, BOB);
    assert.deepEqual(own.results.map(({ material }: Json) => material.id), [toId(3)]);
    const { rows } = await runAs(
      database,
      "authenticated",
      BOB,
      (transaction) =>
        transaction.query("select material_id from material_search.material_embeddings"),
    );
    assert.deepEqual(rows, [{ material_id: toId(3) }]);
  });

  await t.step("a second one of a material replaces the first", async () => {
    await store(database, toId(6), toText(atAngle(1)), "another");
    const { rows } = await database.query(
      "select model from material_search.material_embeddings where material_id = $1",
      [toId(6)],
    );
    assert.deepEqual(rows, [{ model: "another" }]);
  });

  await t.step("what is no embedding, or of no material, is refused", async () => {
    const zeros = toText(Array(512).fill(0));
    const bad = [
      "{1,2,3}",
      zeros,
      toText([NaN, ...Array(511).fill(1)]),
      toText([Infinity, ...Array(511).fill(1)]),
    ];
    for (const embedding of bad) {
      await assert.rejects(store(database, toId(1), embedding), { code: "22023" });
      await assert.rejects(search(database, { query_embedding: embedding }), { code: "22023" });
    }
    await assert.rejects(store(database, toId(77), toText(atAngle(0))), { code: "23503" });
    await assert.rejects(store(database, toId(1), toText(atAngle(0)), ""), { code: "22023" });
    await assert.rejects(
      runAs(
        database,
        "authenticated",
        ALICE,
        (transaction) =>
          transaction.query("select public.material_search_store_embedding($1, $2, 'x')", [
            toId(1),
            toText(atAngle(0)),
          ]),
      ),
      { code: "42501" },
    );
  });

  await t.step("a deleted material's embedding goes with it", async () => {
    await database.exec(`delete from public.materials_catalog where id = '${toId(2)}'`);
    const { rows } = await database.query(
      `select material_id from material_search.material_embeddings where material_id = '${
        toId(2)
      }'`,
    );
    assert.deepEqual(rows, []);
  });

  await t.step(
    "where the table of embeddings was dropped, writes and other searches go on",
    async () => {
      await database.exec("drop table material_search.material_embeddings");
      await database.exec(`delete from public.materials_catalog where id = '${toId(4)}'`);
      const found = await search(database, { query_text: "oak", include_embeddings: true });
      assert.equal(found.total_results, 3);
      await assert.rejects(search(database, { query_embedding: toText(atAngle(0)) }), {
        code: "0A000",
      });
    },
  );
});
