/** Where Postgres keeps its files. */
import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isProcessAlive } from "../process/process-list.ts";
import { localDirectory } from "../process/project-paths.ts";
import { sharedDirectory } from "./shared-directory.ts";
import { type Account, isReachableByAll } from "./unprivileged-account.ts";

const temporaryPrefix = "local-supabase-stack-";
const memoryFolder = "/dev/shm";

/**
 * The folder for the files that stay between runs: in `.local/`, or elsewhere with a link to it in
 * `.local/` where the account of Postgres can't enter the home of this process's account.
 */
export async function findDataDirectory(account: Account | undefined): Promise<string> {
  const local = localDirectory();
  await Deno.mkdir(local, { recursive: true });
  const own = `${local}/postgres`;
  if (!account || await isReachableByAll(local)) return own;
  const key = createHash("sha256").update(local).digest("hex").slice(0, 12);
  const elsewhere = `${await sharedDirectory()}/postgres-${key}`;
  await Deno.remove(own, { recursive: true }).catch(() => {});
  await Deno.symlink(elsewhere, own);
  return elsewhere;
}

/**
 * A new folder for files that are deleted afterwards, in memory if asked for and possible; also
 * deletes what killed runs left behind.
 */
export async function makeTemporaryDataDirectory(
  account: Account | undefined,
  options: { inMemory?: boolean } = {},
): Promise<string> {
  const parent = options.inMemory && await isRoomy(memoryFolder)
    ? memoryFolder
    : !account || await isReachableByAll(tmpdir())
    ? tmpdir()
    : await sharedDirectory();
  await removeLeftovers(parent);
  const folder = await Deno.makeTempDir({ dir: parent, prefix: `${temporaryPrefix}${Deno.pid}-` });
  await Deno.chmod(folder, 0o711);
  return folder;
}

async function removeLeftovers(parent: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const owner = Number(name.slice(temporaryPrefix.length).split("-")[0]);
    if (Number.isNaN(owner) || isProcessAlive(owner)) continue;
    await Deno.remove(`${parent}/${name}`, { recursive: true }).catch(() => {});
  }
}

/** Whether the folder is a file system in memory with space for a test run. */
async function isRoomy(folder: string): Promise<boolean> {
  const tmpfs = 0x01021994; // statfs(2)
  const wantedBytes = 2 ** 31;
  try {
    const { type, bavail, bsize } = await statfs(folder);
    return type === tmpfs && bavail * bsize >= wantedBytes;
  } catch {
    return false; // only Linux has it
  }
}
