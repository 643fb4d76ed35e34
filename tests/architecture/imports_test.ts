/** The import directions of docs/architecture.md, checked against the module graph. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { readSources, type Source } from "./sources.ts";

const FUNCTIONS = "supabase/functions";
const SHARED = `${FUNCTIONS}/_shared`;

/** Every TypeScript file of the project. */
const sources = await readSources(["supabase", "dev", "tests", "bench"]);
const byPath = new Map(sources.map((source) => [source.path, source]));

const isBelow = (path: string, folder: string) => path.startsWith(`${folder}/`);

/** `semantic-analysis` for a file of that function, null for the shared ones. */
function functionOf(path: string): string | null {
  if (!isBelow(path, FUNCTIONS) || isBelow(path, SHARED)) return null;
  return path.split("/")[2]!;
}

/** Everything a file imports from this project, directly or not. */
function reach(path: string, seen = new Set<string>()): Set<string> {
  for (const imported of byPath.get(path)?.localImports ?? []) {
    if (seen.has(imported)) continue;
    seen.add(imported);
    reach(imported, seen);
  }
  return seen;
}

/** The rank of a file: it may import its own rank or a higher one. */
function rankOf(path: string): number {
  const isOfFunction = functionOf(path) !== null;
  const isAtTop = path.split("/").length === 4;
  if (isOfFunction && isAtTop && path.endsWith("/index.ts")) return 0;
  if (isOfFunction && isAtTop && path.endsWith("/handler.ts")) return 1;
  if (isOfFunction) return 2;
  return isBelow(path, `${SHARED}/platform`) ? 3 : 4;
}

/** What each room of semantic-analysis may import of the others: anything, or types alone. */
const ROOMS: Record<string, Record<string, "all" | "types">> = {
  routes: {
    request: "all",
    answer: "all",
    model: "all",
    calibration: "all",
    dependencies: "all",
    settings: "all",
  },
  request: {},
  answer: { model: "all", calibration: "all", request: "types", settings: "types" },
  model: { request: "types" },
  calibration: { model: "types" },
};

/** `answer` of `supabase/functions/semantic-analysis/answer/…`. */
function roomOf(path: string): string | null {
  const folder = `${FUNCTIONS}/semantic-analysis/`;
  return path.startsWith(folder)
    ? path.slice(folder.length).split("/")[0]!.replace(".ts", "")
    : null;
}

function violations(isForbidden: (source: Source, imported: string) => boolean): string[] {
  return sources.flatMap((source) =>
    source.localImports
      .filter((imported) => isForbidden(source, imported))
      .map((imported) => `${source.path} imports ${imported}`)
  );
}

Deno.test("every relative import leads to a file of the project", () => {
  // Style sheets and JSON are imported too, and are no sources.
  const missing = sources.flatMap(({ path, localImports }) =>
    localImports.filter((imported) => !existsSync(join(projectDirectory, imported)))
      .map((imported) => `${path} imports ${imported}`)
  );
  assert.deepEqual(missing, []);
  assert.ok(sources.length > 40, "the sources were not found");
});

Deno.test("no file imports itself by way of others, types included", () => {
  const onCircles = [...byPath.keys()].filter((path) => reach(path).has(path));
  assert.deepEqual(onCircles, []);
});

Deno.test("imports go from index to handler to rooms to platform to client, never back", () => {
  assert.deepEqual(
    violations((source, imported) =>
      isBelow(source.path, FUNCTIONS) && isBelow(imported, FUNCTIONS) &&
      rankOf(imported) < rankOf(source.path)
    ),
    [],
  );
});

Deno.test("the rooms of semantic-analysis import each other in one direction", () => {
  assert.deepEqual(
    violations((source, imported) => {
      const [from, to] = [roomOf(source.path), roomOf(imported)];
      if (from === null || to === null || from === to || !(from in ROOMS)) return false;
      const allowed = ROOMS[from]![to];
      return allowed === undefined ||
        allowed === "types" && source.valueImports.includes(imported);
    }),
    [],
  );
});

Deno.test("no folder of the functions holds more than twelve source files", () => {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (isBelow(path, FUNCTIONS)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  assert.deepEqual([...counts].filter(([, count]) => count > 12), []);
});

Deno.test("the Together client imports nothing of the project but itself", () => {
  assert.deepEqual(
    violations((source, imported) =>
      isBelow(source.path, `${SHARED}/together-ai`) && !isBelow(imported, `${SHARED}/together-ai`)
    ),
    [],
  );
});

Deno.test("functions don't import each other", () => {
  assert.deepEqual(
    violations((source, imported) =>
      functionOf(source.path) !== null && functionOf(imported) !== null &&
      functionOf(source.path) !== functionOf(imported)
    ),
    [],
  );
});

Deno.test("only semantic-analysis reaches the Together client", () => {
  const others = sources.filter(({ path }) =>
    isBelow(path, `${SHARED}/client`) ||
    functionOf(path) !== null && functionOf(path) !== "semantic-analysis"
  );
  for (const { path } of others) {
    const reached = [...reach(path)].filter((to) => isBelow(to, `${SHARED}/together-ai`));
    assert.deepEqual(reached, [], `${path} reaches the client`);
  }
});

Deno.test("tests and bench import dev, dev imports supabase, never back", () => {
  const layers = ["supabase", "dev", "tests"];
  const layerOf = (path: string) =>
    layers.indexOf(path.startsWith("bench/") ? "tests" : path.split("/")[0]!);
  assert.deepEqual(
    violations((source, imported) => layerOf(imported) > layerOf(source.path)),
    [],
  );
});

Deno.test("only index.ts of a function touches Deno", () => {
  const offenders = sources.filter(({ path, text }) =>
    isBelow(path, FUNCTIONS) && !path.endsWith("/index.ts") && /\bDeno\./.test(text)
  );
  assert.deepEqual(offenders.map(({ path }) => path), []);
});

Deno.test("the client and the contract know no runtime and no platform", () => {
  const offenders = sources.filter(({ path, packages }) =>
    (isBelow(path, `${SHARED}/together-ai`) || isBelow(path, `${SHARED}/client`)) &&
    packages.some((name) => name.startsWith("node:") || name.startsWith("@supabase/"))
  );
  assert.deepEqual(offenders.map(({ path }) => path), []);
});

Deno.test("the caller's side stands alone, for frontends to copy", () => {
  assert.deepEqual(
    violations((source, imported) =>
      isBelow(source.path, `${SHARED}/client`) &&
      !isBelow(imported, `${SHARED}/client`)
    ),
    [],
  );
});

Deno.test("packages are imported by their name in import_map.json", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(`${projectDirectory}/import_map.json`));
  const isMapped = (specifier: string) =>
    specifier.startsWith("node:") ||
    Object.keys(imports).some((key) =>
      key.endsWith("/") ? specifier.startsWith(key) : specifier === key
    );
  const unmapped = sources.flatMap(({ path, packages }) =>
    packages.filter((name) => !isMapped(name)).map((name) => `${path} imports ${name}`)
  );
  assert.deepEqual(unmapped, []);
});

Deno.test("tests take fast-check from tests/support/fast-check.ts, which gives it its seed", () => {
  const importers = sources.filter(({ packages }) => packages.includes("fast-check"));
  assert.deepEqual([...new Set(importers.map(({ path }) => path))], [
    "tests/support/fast-check.ts",
  ]);
});
