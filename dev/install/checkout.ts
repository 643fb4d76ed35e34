/** What this version of the project installs. */
import { join } from "node:path";
import { findFunctions } from "../stack/functions/functions.ts";
import { InstallError } from "./errors.ts";
import { listFiles } from "./text-files.ts";

/** The one that all others call; it is always installed. */
export const mainFunction = "semantic-analysis";

/** Which parts of the database a function needs, by the name of their migrations. */
const partsOfFunctions: Record<string, readonly string[]> = {
  "semantic-analysis": ["semantic_analysis"],
  "visual-search": ["material_search"],
  "mivaa-gateway": [],
  "analyse-catalogue": ["material_search", "catalogue_jobs"],
};

/** A migration of this project. */
export interface CheckoutMigration {
  /** Its file's name here, which it keeps for ever once it is released. */
  name: string;
  text: string;
}

/** Where the parts of a version are. */
export interface CheckoutOptions {
  /** The project's folder. */
  directory: string;
  /** Writes `client.js` and `client.d.ts` into a folder. */
  buildClient: (folder: string) => Promise<void>;
}

/** The version of a project's folder. */
export async function readVersion(directory: string): Promise<string> {
  const path = join(directory, "supabase", "functions", "_shared", "platform", "version.ts");
  return /VERSION = "([^"]+)"/.exec(await Deno.readTextFile(path))![1]!;
}

/**
 * The functions to install: those that are named, or those that were before and still are, or all; the
 * one that they call first.
 *
 * @throws {InstallError} when there is none of a name
 */
export async function chooseFunctions(
  directory: string,
  named?: readonly string[],
  installed?: readonly string[],
): Promise<string[]> {
  const known = await findFunctions(join(directory, "supabase", "functions"));
  const names = named ?? installed?.filter((name) => known.includes(name));
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InstallError(
      `There is no function "${unknown}" to install, only ${known.join(", ")} (or none)`,
    );
  }
  if (names?.length === 0) return [];
  const others = (names ?? known).filter((name) => name !== mainFunction);
  return [mainFunction, ...others.toSorted()];
}

/** The contents of the installed folder for these functions, by path below it. */
export async function readFiles(
  options: CheckoutOptions,
  functions: readonly string[],
): Promise<Map<string, string>> {
  if (functions.length === 0) return new Map();
  const files = new Map<string, string>();
  const folder = join(options.directory, "supabase", "functions");
  for (const name of ["_shared", ...functions]) {
    for (const path of await listFiles(join(folder, name))) {
      if (!isInstalled(path)) continue;
      files.set(
        `functions/${name}/${path}`,
        await Deno.readTextFile(join(folder, name, path)),
      );
    }
  }
  files.set("import_map.json", await formatImportMap(options.directory, files));
  for (const [name, text] of await readClient(options)) files.set(name, text);
  return files;
}

/** The migrations of the parts that these functions need, in their order. */
export async function readMigrations(
  directory: string,
  functions: readonly string[],
): Promise<CheckoutMigration[]> {
  const parts = new Set(functions.flatMap((name) => partsOfFunctions[name] ?? []));
  const folder = join(directory, "supabase", "migrations");
  const names = (await listFiles(folder)).filter((name) => {
    const part = Object.values(partsOfFunctions).flat()
      .find((part) => name.replace(/^\d+_/, "").startsWith(`${part}_`));
    return part !== undefined && parts.has(part);
  });
  return await Promise.all(
    names.map(async (name) => ({ name, text: await Deno.readTextFile(join(folder, name)) })),
  );
}

/** A function's own deno.json names the import map of this project's root. */
function isInstalled(path: string): boolean {
  const name = path.split("/").at(-1)!;
  return name !== "deno.json" && !name.startsWith(".");
}

/** The part of the import map that these files need. */
async function formatImportMap(directory: string, files: Map<string, string>): Promise<string> {
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(join(directory, "import_map.json")),
  );
  const texts = [...files.values()];
  const isUsed = (key: string) =>
    texts.some((text) => text.includes(key.endsWith("/") ? `"${key}` : `"${key}"`));
  const used = Object.entries(imports).filter(([key]) => isUsed(key));
  return `${JSON.stringify({ imports: Object.fromEntries(used) }, null, 2)}\n`;
}

/** Deno finds a module's types by a comment in it. */
const TYPES_COMMENT = `// @ts-self-types="./client.d.ts"\n`;

async function readClient({ buildClient }: CheckoutOptions): Promise<[string, string][]> {
  const folder = await Deno.makeTempDir();
  try {
    await buildClient(folder);
    const module = await Deno.readTextFile(join(folder, "client.js"));
    return [
      ["client.js", TYPES_COMMENT + module.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n")],
      ["client.d.ts", await Deno.readTextFile(join(folder, "client.d.ts"))],
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
