/** The owner's project as an installation finds it. */
import { basename, join, resolve } from "node:path";
import { supabaseCliVersion } from "../stack/schema/supabase-cli.ts";
import { readConfigFile } from "./config-file.ts";
import type { ConfigFile } from "./function-settings.ts";
import { InstallError } from "./errors.ts";
import { type InstallRecord, parseRecord } from "./record.ts";
import { listFiles, readIfThere } from "./text-files.ts";

/** Where the installation is, below the project's folder. */
export const installedFolder = "supabase/semantic-analysis";

/** Of the owner's migrations. */
export const migrationsFolder = "supabase/migrations";

/** Of the owner's functions. */
const functionsFolder = "supabase/functions";

/** The record's, below the project's folder. */
export const recordPath = `${installedFolder}/installed.json`;

/** What is there. */
export interface Project {
  /** Absolute. */
  folder: string;
  configText: string;
  config: ConfigFile;
  /** Names of functions that the owner has, by folder or by configuration. */
  ownFunctions: string[];
  /** Names of all files in `supabase/migrations/`. */
  migrations: string[];
  /** Contents of the installed folder by path below it; undefined for what is no text. */
  installed: Map<string, string>;
  /** What is installed; undefined before the first time. */
  record: InstallRecord | undefined;
}

/**
 * Reads a project.
 *
 * @throws {InstallError} when the folder is none, or what is in it can't be read
 */
export async function readProject(folderName: string): Promise<Project> {
  const folder = resolve(folderName);
  const file = await readConfigFile(folder);
  if (file === undefined) throw await explainNoProject(folder);
  const { config, text: configText } = file;
  for (const path of [installedFolder, migrationsFolder, functionsFolder]) {
    await checkFolder(join(folder, path));
  }
  const installed = new Map<string, string>();
  for (const path of await listFiles(join(folder, installedFolder))) {
    const text = await readOwn(join(folder, installedFolder, path));
    if (text !== undefined) installed.set(path, text);
  }
  const recordText = installed.get("installed.json");
  return {
    folder,
    configText,
    config,
    ownFunctions: [...config.functions, ...await findOwnFunctions(folder)],
    // The CLI doesn't look into folders.
    migrations: (await listFiles(join(folder, migrationsFolder)))
      .filter((path) => !path.includes("/")),
    installed,
    record: recordText === undefined ? undefined : parseRecord(recordText),
  };
}

/** A file in the installed folder; undefined for a link to a folder or to nothing, which is the owner's. */
async function readOwn(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory) {
      return undefined;
    }
    throw error;
  }
}

/** Every folder, or link to one: what the file in it is called, only the owner's configuration says. */
async function findOwnFunctions(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(join(folder, functionsFolder)));
    return entries.filter(({ isDirectory, isSymlink }) => isDirectory || isSymlink).map((
      { name },
    ) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function checkFolder(path: string): Promise<void> {
  const isThere = await Deno.lstat(path).then(() => true, () => false);
  const isFolder = await Deno.stat(path).then((file) => file.isDirectory, () => false);
  if (isThere && !isFolder) {
    throw new InstallError(
      `"${path}" is a file or a link to nothing, and a folder is wanted there: rename it`,
    );
  }
}

async function explainNoProject(folder: string): Promise<InstallError> {
  // Much that is not Supabase's is called config.json.
  const names = basename(folder) === "supabase"
    ? ["config.toml", "config.json", "config.jsonc"]
    : ["config.toml"];
  const texts = await Promise.all(names.map((name) => readIfThere(join(folder, name))));
  if (texts.some((text) => text !== undefined)) {
    return new InstallError(`"${folder}" is inside a Supabase project, name the folder above it`);
  }
  return new InstallError(
    `"${folder}" is no Supabase project: it has no supabase/config.toml ("npx supabase@${supabaseCliVersion} init" makes one)`,
  );
}
