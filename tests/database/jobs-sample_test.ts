import assert from "node:assert/strict";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { addMaterials, enqueue } from "./jobs.ts";

interface Sample {
  known: number;
  strata: { pictures: number; sources: string[] }[];
}

const countOf = ({ strata }: Sample) => ({
  pictures: strata.reduce((sum, { pictures }) => sum + pictures, 0),
  sources: strata.reduce((sum, { sources }) => sum + sources.length, 0),
});

Deno.test("sample of pictures: at most 200, from twenty strata of length and one of unknown ones, the same each time", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await addMaterials(sql, 300);
  await sql`insert into storage.buckets (id, name) values ('photos', 'photos')`;
  // A length of its own for each; the last hundred have the bytes of the first.
  await sql`
    insert into storage.objects (bucket_id, name, version, metadata)
    select 'photos', number || '.jpg', 'v', jsonb_build_object(
      'size', (number - 1) % 900 * 1000 + 500, 'eTag', md5(((number - 1) % 900)::text))
    from generate_series(1, 1000) as number`;
  await sql`
    insert into public.materials_catalog (name, category, thumbnail_url)
    select number::text, 'wood', 'storage://photos/' || number || '.jpg'
    from generate_series(1, 1000) as number`;
  const read = async () => {
    const [row] = await sql`select public.semantic_analysis_sample_pictures() as sample`;
    return row!.sample as Sample;
  };
  const sample = await read();
  assert.equal(sample.known, 100);
  assert.equal(sample.strata.length, 21);
  const { pictures, sources } = countOf(sample);
  assert.equal(pictures, 1_200);
  assert.ok(sources > 170 && sources <= 200, `${sources}`);
  assert.ok(sample.strata.every((stratum) => stratum.sources.length >= 2));
  assert.deepEqual(await read(), sample);
  // What is enqueued is sampled as what would be.
  await enqueue(sql);
  assert.deepEqual(await read(), sample);
});

Deno.test("sample of pictures: of few pictures all are looked at, of those that are chosen alone", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  const ids = await addMaterials(sql, 30);
  const read = async (list: string[] | null, limit: number | null) => {
    const [row] = await sql`
      select public.semantic_analysis_sample_pictures(${list}::uuid[], null, null, ${limit}) as sample`;
    return countOf(row!.sample as Sample);
  };
  assert.deepEqual(await read(null, null), { pictures: 30, sources: 30 });
  assert.deepEqual(await read(null, 7), { pictures: 7, sources: 7 });
  assert.deepEqual(await read(ids.slice(0, 3), null), { pictures: 3, sources: 3 });
  assert.deepEqual(await read([], null), { pictures: 0, sources: 0 });
});
