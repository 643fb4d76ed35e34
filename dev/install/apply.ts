/** Makes the changes of a plan. */
import { dirname, join, relative } from "node:path";
import type { Plan } from "./plan.ts";
import { installedFolder } from "./project.ts";

/**
 * Writes and removes what the plan says. An interrupted run is finished by the next one.
 *
 * @param folder of the owner's project
 */
export async function applyPlan(folder: string, plan: Plan): Promise<void> {
  for (const { path, text } of plan.writes) {
    const file = join(folder, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  for (const path of plan.removals) {
    await Deno.remove(join(folder, path));
    if (path.startsWith(`${installedFolder}/`)) await removeEmptyFolders(folder, dirname(path));
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
