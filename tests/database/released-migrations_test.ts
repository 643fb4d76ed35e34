/** Migrations that a project may have applied are never changed: what is new comes in a file of its own. */
import assert from "node:assert/strict";

const PROJECT = new URL("../../", import.meta.url);

const LIST = new URL("released-migrations.sha256", import.meta.url);

/** `20261126060000_semantic_analysis_create_limits.sql`: the part that it belongs to. */
const partOf = (file: string) =>
  /_(semantic_analysis|material_search|catalogue_jobs)_/.exec(file)![1]!;

/** The lines of `sha256sum`: a hash, two blanks, a path from the project's folder. */
async function readReleased(): Promise<Map<string, string>> {
  const lines = (await Deno.readTextFile(LIST)).trim().split("\n");
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

async function hash(path: string): Promise<string> {
  const bytes = await Deno.readFile(new URL(path, PROJECT)).catch(() => new Uint8Array());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

Deno.test("no released migration was changed, renamed or taken out", async () => {
  for (const [path, expected] of await readReleased()) {
    assert.equal(await hash(path), expected, `${path} is released: undo that, add a migration`);
  }
});

Deno.test("a migration that is not released comes after those of its part that are", async () => {
  const released = await readReleased();
  const entries = await Array.fromAsync(Deno.readDir(new URL("supabase/migrations/", PROJECT)));
  for (const { name } of entries) {
    const path = `supabase/migrations/${name}`;
    if (released.has(path)) continue;
    const later = [...released.keys()].filter((other) =>
      partOf(other) === partOf(path) && other > path
    );
    assert.deepEqual(later, [], `${path} would be refused where the later ones are applied`);
  }
});
