/** Makes the changes of a plan. */
import { dirname, join, relative } from "node:path";
import { InstallError } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { installedFolder, recordPath } from "./project.ts";

/**
 * Writes and removes what the plan says, the record last: an interrupted run is finished by the next
 * one, which knows from the record what is left of the old.
 *
 * @param folder of the owner's project
 * @throws {InstallError} where the disk is full, or a file may not be changed
 */
export async function applyPlan(folder: string, plan: Plan): Promise<void> {
  const isRecord = (path: string) => path === recordPath;
  for (const path of plan.removals.filter((path) => !isRecord(path))) await remove(folder, path);
  for (const { path, text } of plan.writes.filter(({ path }) => !isRecord(path))) {
    await write(folder, path, text);
  }
  for (const path of plan.removals.filter(isRecord)) await remove(folder, path);
  for (const { path, text } of plan.writes.filter(({ path }) => isRecord(path))) {
    await write(folder, path, text);
  }
}

const write = (folder: string, path: string, text: string) =>
  attempt(path, () => replace(folder, path, text));

const remove = (folder: string, path: string) =>
  attempt(path, async () => {
    await Deno.remove(join(folder, path));
    if (path.startsWith(`${installedFolder}/`)) await removeEmptyFolders(folder, dirname(path));
  });

/** Whatever a file system refuses is told with the file, and with what to do. */
async function attempt(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = (error as Error).message;
    throw new InstallError(
      `${path} could not be changed: ${reason}; the same command again goes on from here`,
      { cause: error },
    );
  }
}

/** Puts a whole file in the place of the old one: cut off halfway, on a full disk say, it would be neither. */
async function replace(folder: string, path: string, text: string): Promise<void> {
  const named = join(folder, path);
  await Deno.mkdir(dirname(named), { recursive: true });
  const old = await Deno.stat(named).catch(() => undefined);
  // What a link names is replaced, not the link.
  const file = old === undefined ? named : await Deno.realPath(named);
  const draft = `${file}.installing`;
  try {
    await Deno.writeTextFile(draft, text);
    if (old?.mode) await Deno.chmod(draft, old.mode & 0o777);
    await Deno.rename(draft, file);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
}

/** From a folder upwards, to the installed one. */
async function removeEmptyFolders(project: string, path: string): Promise<void> {
  const root = join(project, installedFolder);
  for (
    let folder = join(project, path);
    !relative(root, folder).startsWith("..");
    folder = dirname(folder)
  ) {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    if (entries.length > 0) return;
    await Deno.remove(folder);
  }
}
