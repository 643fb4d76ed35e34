import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { CALIBRATION_MAP as MAP } from "../support/calibration.ts";

const store = (sql: postgres.Sql, map: unknown) =>
  sql`select public.semantic_analysis_store_map(${sql.json(map as postgres.JSONValue)})`;

async function find(sql: postgres.Sql, models: string[]): Promise<typeof MAP[] | null> {
  const { prompt_version, schema_version } = MAP;
  const [row] = await sql`
    select semantic_analysis.find_maps(${models}, ${prompt_version}, ${schema_version}) as maps`;
  return row!.maps && JSON.parse(row!.maps);
}

Deno.test("calibration maps: of a chain, all methods of its version are found, and no other", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  assert.equal(await find(sql, ["a/model", "b/model"]), null);
  const maps = [
    { ...MAP, model: "b/model" },
    MAP,
    { ...MAP, method: "verbalized" },
    { ...MAP, prompt_version: "0000000000000000" },
    { ...MAP, model: "c/model" },
  ];
  for (const map of maps) await store(sql, map);
  const found = (await find(sql, ["a/model", "b/model"]))!;
  assert.deepEqual(
    found.map(({ model, method }) => [model, method]).sort(([a], [b]) => a! < b! ? -1 : 1),
    [["a/model", "fused"], ["a/model", "verbalized"], ["b/model", "fused"]],
  );
  assert.deepEqual(
    found.find(({ method, model }) => method === "fused" && model === "a/model"),
    MAP,
  );
});

Deno.test("calibration maps: a newer one takes the place of an older, and of a withdrawn one", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  await store(sql, MAP);
  await store(sql, { ...MAP, n: 400 });
  assert.deepEqual((await find(sql, ["a/model"]))!.map(({ n }) => n), [400]);

  const withdraw = async (model: string) => {
    const [row] = await sql`
      select public.semantic_analysis_withdraw_map(
        ${model}, ${MAP.prompt_version}, ${MAP.schema_version}, 'fused', 'newer labels contradict'
      ) as was_there`;
    return row!.was_there;
  };
  assert.equal(await withdraw("no/model"), false);
  assert.equal(await withdraw("a/model"), true);
  assert.equal(await withdraw("a/model"), false);
  assert.equal(await find(sql, ["a/model"]), null);
  const [{ maps }] = await sql`select public.semantic_analysis_read_maps() as maps` as unknown as [
    { maps: { map: unknown; withdrawn_at: string; withdrawn_because: string }[] },
  ];
  assert.deepEqual(maps.map(({ map, withdrawn_because }) => ({ map, withdrawn_because })), [
    { map: { ...MAP, n: 400 }, withdrawn_because: "newer labels contradict" },
  ]);

  await store(sql, MAP);
  assert.equal((await find(sql, ["a/model"]))!.length, 1);
});

Deno.test("calibration maps: what a chain's reservation brings stays below 4 kB", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const knots = Array.from({ length: 24 }, (_, at) => Number((0.02 + at * 0.0401).toFixed(4)));
  const models = Array.from({ length: 8 }, (_, at) => `meta-llama/Llama-${at}`);
  for (const model of models) {
    for (const method of ["token_logprob", "fused", "verbalized"]) {
      await store(sql, { ...MAP, model, method, fit: { kind: "isotonic", x: knots, y: knots } });
    }
  }
  const found = (await find(sql, models))!;
  assert.ok(JSON.stringify(found).length <= 4_000);
  assert.ok(found.length >= 4);
  assert.ok(found.slice(0, 3).every(({ model }) => model === models[0]));
});

Deno.test("calibration maps: one that can't be applied is refused with what is wrong", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const refused: [unknown, RegExp][] = [
    [[], /must be an object/],
    [{ ...MAP, model: "" }, /model must be/],
    [{ ...MAP, model: "x".repeat(201) }, /model must be/],
    [{ ...MAP, prompt_version: "1" }, /16 hex digits/],
    [{ ...MAP, method: "none" }, /method must be/],
    [{ ...MAP, n: 0 }, /n must be at least 1/],
    [{ ...MAP, fitted_at: "now" }, /fitted_at/],
    [{ ...MAP, fit: undefined }, /platt, isotonic or null/],
    [{ ...MAP, fit: "none" }, /platt, isotonic or null/],
    [{ ...MAP, fit: { kind: "platt", a: -1, b: 0 } }, /numbers a/],
    [{ ...MAP, fit: { kind: "platt", a: 1 } }, /numbers a/],
    [{ ...MAP, fit: { kind: "isotonic", x: [0.5, 0.5], y: [0.1, 0.2] } }, /rising/],
    [{ ...MAP, fit: { kind: "isotonic", x: [0.1, 0.5], y: [0.3, 0.2] } }, /rising/],
    [{ ...MAP, fit: { kind: "isotonic", x: [0.1], y: [0.3, 0.4] } }, /rising/],
    [{ ...MAP, note: "x".repeat(2_000) }, /at most 1200 bytes/],
  ];
  for (const [map, message] of refused) await assert.rejects(store(sql, map), message);
  assert.equal(await find(sql, ["a/model"]), null);
});
