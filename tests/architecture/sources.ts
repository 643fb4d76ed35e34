/** The project's own TypeScript, pages included, read as text. */

import { dirname, join, relative } from "node:path";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** A file of TypeScript and what it imports. */
export interface Source {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
  /** Paths of the files it imports, as `path`. */
  localImports: string[];
  /** Those of them of which it imports more than types. */
  valueImports: string[];
  /** What it imports from elsewhere, as written. */
  packages: string[];
}

/** Reads every `.ts` and `.tsx` file below some folders, which are named from the project's root. */
export async function readSources(folders: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const folder of folders) {
    for await (const path of walk(join(projectDirectory, folder))) {
      if (/\.tsx?$/.test(path)) sources.push(await readSource(path));
    }
  }
  return sources;
}

async function readSource(file: string): Promise<Source> {
  const text = await Deno.readTextFile(file);
  const imports = toImports(text);
  const isLocal = ({ specifier }: Import) => /^\.{1,2}\//.test(specifier);
  const toPath = ({ specifier }: Import) =>
    relative(projectDirectory, join(dirname(file), specifier));
  return {
    path: relative(projectDirectory, file),
    text,
    localImports: imports.filter(isLocal).map(toPath),
    valueImports: imports.filter((each) => isLocal(each) && !each.isTypeOnly).map(toPath),
    packages: imports.filter((each) => !isLocal(each)).map(({ specifier }) => specifier),
  };
}

interface Import {
  specifier: string;
  isTypeOnly: boolean;
}

/** Static and dynamic imports, and re-exports. */
function toImports(text: string): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s([^"';]*?\sfrom\s+)?"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"/g;
  return [...text.matchAll(pattern)].map(([, names = "", specifier, dynamic]) => ({
    specifier: specifier ?? dynamic!,
    isTypeOnly: /^\s*type\s/.test(names) || isListOfTypes(names),
  }));
}

/** `{ type A, type B } from`. */
function isListOfTypes(names: string): boolean {
  const list = /^\s*\{([^}]*)\}\s*from\s*$/.exec(names)?.[1];
  const entries = list?.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  return entries !== undefined && entries.length > 0 &&
    entries.every((entry) => entry.startsWith("type "));
}

async function* walk(folder: string): AsyncGenerator<string> {
  let entries;
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* walk(path);
    else yield path;
  }
}
