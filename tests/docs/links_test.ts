/** Whatever a page points to is there. */
import assert from "node:assert/strict";
import { posix } from "node:path";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { readPages } from "./pages.ts";

const pages = await readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));

const isExternal = (link: string) => /^[a-z]+:/.test(link);

function exists(path: string): boolean {
  try {
    Deno.statSync(`${projectDirectory}/${path}`);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with a relative link of a page; null where nothing is. */
function findProblem(from: string, link: string): string | null {
  const [file, anchor] = link.split("#") as [string, string | undefined];
  const path = file === "" ? from : posix.join(posix.dirname(from), file);
  if (!exists(path)) return `${from}: no file ${link}`;
  if (anchor === undefined) return null;
  const target = byPath.get(path);
  return target?.anchors.has(anchor) ? null : `${from}: no heading ${link}`;
}

Deno.test("every relative link of a page leads to a file, and to a heading of it", () => {
  const links = pages.flatMap(({ path, links }) =>
    links.filter((link) => !isExternal(link)).map((link) => findProblem(path, link))
  );
  assert.ok(links.length > 50, String(links.length));
  assert.deepEqual(links.filter((problem) => problem !== null), []);
});

Deno.test("a link to no file, and one to no heading, are found", () => {
  assert.match(findProblem("docs/README.md", "nothing.md")!, /no file/);
  assert.match(findProblem("docs/README.md", "api.md#nothing")!, /no heading/);
  assert.equal(findProblem("docs/README.md", "api.md#visual-search"), null);
});

Deno.test("every external link is in the list of those that were looked at", async () => {
  const list = (await Deno.readTextFile(new URL("external-links.txt", import.meta.url))).trim();
  const links = pages.flatMap(({ links }) => links).filter(isExternal);
  assert.deepEqual([...new Set(links)].toSorted(), list.split("\n"));
});

Deno.test("docs/README.md leads to every page of docs/, and llms.txt to no other", async () => {
  const of = (links: string[]) =>
    new Set(links.filter((link) => !isExternal(link)).map((link) => link.split("#")[0]!));
  const landing = of(byPath.get("docs/README.md")!.links);
  const guides = [...byPath.keys()].filter((path) => /^docs\/[^/]+\.md$/.test(path))
    .map((path) => path.slice("docs/".length)).filter((name) => name !== "README.md");
  assert.deepEqual(guides.filter((name) => !landing.has(name)), []);
  const text = await Deno.readTextFile(`${projectDirectory}/docs/llms.txt`);
  const named = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
  assert.ok(named.length > 10);
  assert.deepEqual(named.filter((name) => !exists(`docs/${name}`)), []);
});
