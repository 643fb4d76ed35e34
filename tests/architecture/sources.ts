/** The project's own TypeScript, read as text. */

import { dirname, join, relative } from "node:path";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

export interface Source {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
  /** Paths of the files it imports, as `path`. */
  localImports: string[];
  /** What it imports from elsewhere, as written. */
  packages: string[];
}

export async function readSources(folders: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const folder of folders) {
    for await (const path of walk(join(projectDirectory, folder))) {
      if (path.endsWith(".ts")) sources.push(await readSource(path));
    }
  }
  return sources;
}

async function readSource(file: string): Promise<Source> {
  const text = await Deno.readTextFile(file);
  const specifiers = toSpecifiers(text);
  const isLocal = (specifier: string) => /^\.{1,2}\//.test(specifier);
  return {
    path: relative(projectDirectory, file),
    text,
    localImports: specifiers.filter(isLocal)
      .map((specifier) => relative(projectDirectory, join(dirname(file), specifier))),
    packages: specifiers.filter((specifier) => !isLocal(specifier)),
  };
}

/** Static and dynamic imports, and re-exports. */
function toSpecifiers(text: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s+)?"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2]!);
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
