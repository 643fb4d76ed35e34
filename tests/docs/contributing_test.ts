import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

const read = (name: string) => Deno.readTextFile(`${projectDirectory}/${name}`);

Deno.test("CONTRIBUTING.md lists every task", async () => {
  const { tasks } = JSON.parse(await read("deno.json"));
  const text = await read("CONTRIBUTING.md");
  const listed = new Set([...text.matchAll(/\btask ([a-z:]+)/g)].map(([, task]) => task));
  assert.deepEqual(Object.keys(tasks).filter((task) => !listed.has(task)), []);
});
