/** docs/api.md tells every field that the OpenAPI document has. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

const read = (name: string) => Deno.readTextFile(`${projectDirectory}/docs/${name}`);

/** Names of all properties of all schemas, however deep. */
function findProperties(node: unknown, names = new Set<string>()): Set<string> {
  if (typeof node !== "object" || node === null) return names;
  const { properties } = node as { properties?: unknown };
  if (typeof properties === "object" && properties !== null && !Array.isArray(node)) {
    for (const name of Object.keys(properties)) names.add(name);
  }
  for (const child of Object.values(node)) findProperties(child, names);
  return names;
}

Deno.test("docs/api.md names every field of docs/openapi.json", async () => {
  const names = findProperties(JSON.parse(await read("openapi.json")));
  assert.ok(names.size > 100, String(names.size));
  const words = new Set((await read("api.md")).match(/\w+/g));
  assert.deepEqual([...names].filter((name) => !words.has(name)).toSorted(), []);
});
