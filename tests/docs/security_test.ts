/** Each line of docs/security.md names a test that is there. */
import assert from "node:assert/strict";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

const markdown = await Deno.readTextFile(`${projectDirectory}/docs/security.md`);

/** The lists of what a caller can do, each with its lines joined. */
const lines = [...markdown.matchAll(/^- ([^]*?)(?=\n- |\n\n)/gm)]
  .map(([, text]) => text!.replace(/\s+/g, " "));

const notes = new Map(
  [...markdown.matchAll(/^\[\^([\w-]+)\]:\s+([^]*?)(?=\n\[\^|\n*$(?![^]))/gm)]
    .map(([, name, text]) => [name!, text!.replace(/\s+/g, " ").trim()]),
);

const namesIn = (text: string) =>
  [...text.matchAll(/\[\^([\w-]+)\](?!:)/g)].map(([, name]) => name!);

Deno.test("docs/security.md: every line names a test, and every test is named by a line", () => {
  assert.ok(lines.length > 20);
  for (const line of lines) {
    const names = namesIn(line);
    assert.ok(names.length > 0, line);
    for (const name of names) assert.ok(notes.has(name), name);
  }
  const named = new Set(namesIn(markdown));
  assert.deepEqual([...notes.keys()].filter((name) => !named.has(name)), []);
});

Deno.test("docs/security.md: the tests that it names are there", async () => {
  for (const [name, text] of notes) {
    const [, path, title] = /^`(tests\/[\w/.-]+_test\.ts)`: (.+)$/.exec(text) ??
      assert.fail(`${name}: ${text}`);
    const source = await Deno.readTextFile(`${projectDirectory}/${path}`)
      .catch(() => assert.fail(`${name}: no file ${path}`));
    const titles = [...source.matchAll(/(?:Deno\.test\(|t\.step\(|name:)\s*(["`])([^]*?)\1,/g)]
      .map((match) => match[2]!);
    assert.ok(
      titles.some((each) => each.includes(title!)),
      `${name}: no test "${title}" in ${path}`,
    );
  }
});
