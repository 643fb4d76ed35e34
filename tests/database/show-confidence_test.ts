import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import {
  applyMap,
  type Fit,
} from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { CALIBRATION_MAP as MAP } from "../support/calibration.ts";
import fc from "../support/fast-check.ts";

Deno.test("apply_fit() gives what the edge function's applyMap() does", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const raws = [0, 0.00005, 0.1, 0.333, 0.5, 0.75, 0.9999, 1];
  const fits: Fit[] = [
    { kind: "platt", a: 1, b: 0 },
    { kind: "platt", a: 0.8, b: -0.4 },
    { kind: "platt", a: 0, b: 2 },
    { kind: "platt", a: 5_000, b: -900 },
    { kind: "isotonic", x: [0.5], y: [0.7] },
    { kind: "isotonic", x: [0.1, 0.5, 0.9], y: [0.05, 0.05, 0.8] },
  ];
  const drawn = fc.sample(
    fc.record({
      kind: fc.constant("platt" as const),
      a: fc.double({ min: 0, max: 20, noNaN: true }),
      b: fc.double({ min: -20, max: 20, noNaN: true }),
    }),
    { numRuns: 20, seed: 7 },
  );
  for (const fit of [...fits, ...drawn]) {
    const rows = await sql`
      select semantic_analysis.apply_fit(${sql.json({ ...fit })}, raw) as shown
      from unnest(${raws}::double precision[]) with ordinality each (raw, place) order by place`;
    rows.forEach(({ shown }, at) => {
      const expected = applyMap({ fit }, raws[at]!);
      assert.ok(Math.abs(shown - expected) < 1e-9, `${JSON.stringify(fit)} at ${raws[at]}`);
    });
  }
});

Deno.test("show_confidence() calibrates by the map in force, else caps a model's own word", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect({ maxConnections: 1 });
  const show = async (
    raw: number | null,
    detail: Record<string, string> | null,
    version: string,
  ) => {
    const [row] = await sql`
      select semantic_analysis.show_confidence(
        ${raw}, ${detail && sql.json(detail)}, ${version}
      )::text as shown`;
    return row!.shown === null ? null : Number(row!.shown);
  };
  const detail = { method: "fused", model: MAP.model };
  assert.equal(await show(0.9, detail, MAP.prompt_version), 0.9);
  await sql`select public.semantic_analysis_store_map(${sql.json({ ...MAP })})`;
  assert.equal(await show(0.9, detail, MAP.prompt_version), 0.7954);
  assert.equal(await show(0.9, detail, "0".repeat(16)), 0.9);
  assert.equal(await show(0.9, { ...detail, model: "b/model" }, MAP.prompt_version), 0.9);
  assert.equal(await show(0.98, { ...detail, method: "verbalized" }, MAP.prompt_version), 0.75);
  assert.equal(await show(0.98, null, MAP.prompt_version), 0.98, "an application's own figure");
  assert.equal(await show(null, detail, MAP.prompt_version), null);
  await sql`select public.semantic_analysis_store_map(${sql.json({ ...MAP, fit: null })})`;
  assert.equal(await show(0.9, detail, MAP.prompt_version), 0.9, "promises alone");
  await sql`select public.semantic_analysis_store_map(${sql.json({ ...MAP })})`;
  await sql`
    select public.semantic_analysis_withdraw_map(
      ${MAP.model}, ${MAP.prompt_version}, ${MAP.schema_version}, ${MAP.method}, 'drift'
    )`;
  assert.equal(await show(0.9, detail, MAP.prompt_version), 0.9);
});
