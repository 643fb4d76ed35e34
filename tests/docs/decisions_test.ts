/** The records of docs/decisions are numbered without holes, and every reference leads to one. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

const names = (await Array.fromAsync(Deno.readDir(`${projectDirectory}/docs/decisions`)))
  .map(({ name }) => name).toSorted();

Deno.test("the decisions are numbered without holes", () => {
  assert.deepEqual(
    names.map((name) => Number(name.slice(0, 4))),
    names.map((_, index) => index + 1),
  );
});

Deno.test("every decision that a document names is there", async () => {
  const documents = ["docs", "bench"].map((folder) => `${projectDirectory}/${folder}`);
  for (const folder of documents) {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".md")) continue;
      const text = await Deno.readTextFile(`${folder}/${name}`);
      for (const [, file] of text.matchAll(/decisions\/(\d{4}-[\w-]+\.md)/g)) {
        assert.ok(names.includes(file!), `${name} names ${file}`);
      }
    }
  }
});
