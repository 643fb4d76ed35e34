/** An application's own writes pass, whatever a row holds, and what can't be indexed is noted. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { apply, openGuestDatabase, readParts } from "./guest.ts";

const parts = await readParts();

/** As loose as a table can be. */
const TABLES = `
  create table public.materials_catalog (
    id uuid primary key default gen_random_uuid(), name text, category text, description text,
    properties jsonb default '{}', created_at timestamptz default now(), created_by text,
    visibility text
  );
  create table public.material_visual_analysis (
    id uuid default gen_random_uuid(), material_id uuid, material_type text,
    color_description text, visual_characteristics text, structural_properties jsonb,
    llama_confidence_score double precision, analysis_confidence double precision,
    processing_status text, source_image_url text, created_at timestamptz default now()
  );
`;

const MEGABYTE_OF_WORDS = Array.from({ length: 120_000 }, (_, n) => `w${n.toString(36)}x`).join(
  " ",
);

const manyKeys = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`key ${n}`, n]));

let deep = "1";
for (let level = 0; level < 1_000; level++) deep = `{"a":${deep}}`;

/** Columns of a material or, below, of an analysis; the rest of a row is ordinary. */
const MATERIALS: Record<string, Record<string, string | null>> = {
  "no category": { category: null },
  "no name": { name: null },
  "an empty name": { name: "" },
  "a name of a megabyte of words": { name: MEGABYTE_OF_WORDS },
  "a category of 5,000 characters": { category: "c".repeat(5_000) },
  "properties [] ": { properties: "[]" },
  "properties 7": { properties: "7" },
  "properties text": { properties: '"oiled"' },
  "properties jsonb null": { properties: "null" },
  "properties null": { properties: null },
  "properties a list of objects": { properties: '[{"a":1},null,[[]]]' },
  "a property of 5,000 characters": { properties: `{"care":"${"x".repeat(5_000)}"}` },
  "a property of a megabyte": { properties: `{"care":"${"y".repeat(1_000_000)}"}` },
  "a property name of 10,000 characters": { properties: `{"${"k".repeat(10_000)}":"v"}` },
  "a list of 20,000 different items": {
    properties: JSON.stringify({ tags: Array.from({ length: 20_000 }, (_, n) => `tag ${n}`) }),
  },
  "20,000 properties": { properties: JSON.stringify(manyKeys) },
  "objects in a thousand levels": { properties: deep },
  "a number of 400 digits": { properties: `{"weight":1${"0".repeat(400)}}` },
  "keys that differ in case": { properties: '{"A":1,"a":2,"Finish":"Raw","finish":"oiled"}' },
  "keys of the search's own": {
    properties: '{"":"x","color":{"a":1},"colors":"red","family":[1],"type":null}',
  },
  "control characters": { properties: '{"a":"\\u001f\\u0001"}', name: "\u001f\u0001" },
  "a data URI of 8 kB": { description: `data:image/png;base64,${"iVBORw0KGgo".repeat(750)}` },
  "a description of a megabyte of words": { description: MEGABYTE_OF_WORDS },
  "a description of quotes and backslashes": { description: `'"\\ \\' %s $1 ''`.repeat(500) },
  "emoji, right to left, combining marks": { name: "🪵🏳️‍🌈 عربي e\u0301\u200d" },
  "no time": { created_at: null },
  "an infinite time": { created_at: "infinity" },
  "a time before all others": { created_at: "4714-11-24 00:00:00+00 BC" },
  "a visibility of its own": { visibility: "hidden", created_by: "user_2abc" },
};

const ANALYSES: Record<string, Record<string, string | null>> = {
  "no material": { material_id: null },
  "a material that is not there": { material_id: "99999999-9999-4999-8999-999999999999" },
  "no type": { material_type: null },
  "a type of a megabyte": { material_type: MEGABYTE_OF_WORDS },
  "colours without end": { color_description: "red, ".repeat(50_000) },
  "a list as structure": { structural_properties: "[1,2]" },
  "null as structure": { structural_properties: "null" },
  "prose of a megabyte": { visual_characteristics: MEGABYTE_OF_WORDS },
  "a confidence that is no number": { analysis_confidence: "NaN" },
  "an infinite confidence": {
    analysis_confidence: "Infinity",
    llama_confidence_score: "-Infinity",
  },
  "a confidence in percent": { analysis_confidence: "95" },
  "no time": { created_at: null },
  "a status of its own": { processing_status: "queued" },
};

const REASONS = {
  materials_catalog: [
    "description: only its first 10,000 characters are found",
    "name: only its first 10,000 characters are found",
    "properties: over 64 KiB, none of them is found",
  ],
  material_visual_analysis: [],
};

const MATERIAL = "11111111-1111-4111-8111-111111111111";

type Row = Record<string, string | null>;

const rowOf = (table: string, columns: Row): Row =>
  table === "materials_catalog"
    ? { name: "Oak", category: "wood", ...columns }
    : { material_id: MATERIAL, material_type: "oak", ...columns };

const quote = (value: string | null) =>
  value === null ? "null" : `E'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

async function insert(sql: postgres.Sql, table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  await sql.unsafe(
    `insert into public.${table} (${columns.join(", ")})
     values (${Object.values(row).map(quote).join(", ")})`,
  );
}

async function copy(sql: postgres.Sql, table: string, row: Row, count: number): Promise<void> {
  const line =
    Object.values(row).map((value) =>
      value === null ? "\\N" : value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
        .replaceAll("\t", "\\t")
    ).join("\t") + "\n";
  const query = sql.unsafe(`copy public.${table} (${Object.keys(row).join(", ")}) from stdin`);
  await pipeline(Readable.from(Array(count).fill(line)), await query.writable());
}

async function expectIndexed(sql: postgres.Sql): Promise<void> {
  await sql`select public.material_search_refresh_documents()`;
  const missing = await sql`
    select id from public.materials_catalog except select material_id from material_search.documents`;
  assert.equal(missing.length, 0);
  const whole =
    await sql`select reason from material_search.skipped where reason like 'all of it:%'`;
  assert.deepEqual([...whole], []);
}

for (
  const [table, rows] of [
    ["materials_catalog", MATERIALS],
    ["material_visual_analysis", ANALYSES],
  ] as const
) {
  Deno.test(`${table}: an application writes what it likes, before and after the search`, async (t) => {
    await using guest = await openGuestDatabase({ hasLimits: true });
    const { sql } = guest;
    await sql.unsafe(TABLES);
    await sql`insert into public.materials_catalog (id, name) values (${MATERIAL}, 'Oak')`;
    for (const columns of Object.values(rows)) await insert(sql, table, rowOf(table, columns));
    await apply(sql, parts.search);
    await expectIndexed(sql);

    for (const [name, columns] of Object.entries(rows)) {
      await t.step(name, async () => {
        const row = rowOf(table, columns);
        const before = await countOf(sql, table);
        await insert(sql, table, row);
        await sql.begin(async (transaction) => {
          await insert(transaction as unknown as postgres.Sql, table, row);
          await insert(transaction as unknown as postgres.Sql, table, row);
        });
        await copy(sql, table, row, 2);
        // In the order of the table's pages, those would be rewritten that the last step looks for.
        await sql.unsafe(
          `update public.${table} set ${
            Object.entries(row).map(([column, value]) => `${column} = ${quote(value)}`).join(", ")
          } where id in (select id from public.${table} order by id limit 2)`,
        );
        assert.equal(await countOf(sql, table), before + 5);
        await expectIndexed(sql);
      });
    }
    await t.step("each value that could not be indexed is noted with its reason", async () => {
      const noted = await sql`select distinct reason from material_search.skipped order by 1`;
      assert.deepEqual(noted.map(({ reason }) => reason), REASONS[table]);
    });
    await t.step("in bulk", async () => {
      const columns = rowOf(table, Object.values(rows)[0]!);
      await copy(sql, table, columns, 1_000);
      await sql.unsafe(`update public.${table} set created_at = now()`);
      await expectIndexed(sql);
    });
    await t.step("deleting every row works", async () => {
      await sql.unsafe(`delete from public.${table}`);
      await sql`select public.material_search_refresh_documents()`;
    });
  });
}

async function countOf(sql: postgres.Sql, table: string): Promise<number> {
  const [row] = await sql`select count(*)::int as count from ${sql(table)}`;
  return row!.count;
}
