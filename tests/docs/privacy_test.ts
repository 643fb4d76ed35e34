/** docs/privacy.md tells of every table that may hold something of a person. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

const read = (name: string) => Deno.readTextFile(`${projectDirectory}/${name}`);

/** Settings, sums and words of an operator. */
const OF_NO_PERSON = [
  "catalogue_jobs.budgets",
  "catalogue_jobs.settings",
  "material_search.embedding_spaces",
  "material_search.settings",
  "material_search.synonym_stems",
  "material_search.synonyms",
  "semantic_analysis.budgets",
];

Deno.test("docs/privacy.md has a row for each table but those of settings, sums and words", async () => {
  const listing = await read("supabase/schema.txt");
  const tables = [...listing.matchAll(/^table (\S+)$/gm)].map(([, name]) => name!);
  assert.ok(tables.length > 20, String(tables.length));
  const rows = (await read("docs/privacy.md")).split("\n").filter((line) => line.startsWith("| `"));
  const told = rows.flatMap((row) => {
    const names = [...row.split("|")[1]!.matchAll(/`([a-z_]*)\.([a-z_]+)`/g)];
    return names.map(([, schema, table]) => `${schema || names[0]![1]}.${table}`);
  });
  const untold = tables.filter((name) => !told.includes(name));
  assert.deepEqual(untold.toSorted(), OF_NO_PERSON);
});
