/** Where Postgres keeps its files. */
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { isProcessAlive } from "./process-list.ts";
import { localDirectory } from "./project-paths.ts";
import { sharedDirectory } from "./shared-directory.ts";
import { type Account, isReachableByAll } from "./unprivileged-account.ts";

const temporaryPrefix = "local-supabase-stack-";

/**
 * The folder for the files that stay between runs: in `.local/`, or elsewhere with a link to it in
 * `.local/` when we are root in a home the account can't enter.
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

/** A new folder for files that are deleted afterwards; also deletes what killed runs left behind. */
export async function makeTemporaryDataDirectory(account: Account | undefined): Promise<string> {
  const parent = !account || await isReachableByAll(tmpdir()) ? tmpdir() : await sharedDirectory();
  for await (const { name } of Deno.readDir(parent)) {
    const owner = name.startsWith(temporaryPrefix) && name.slice(temporaryPrefix.length).split("-");
    if (owner && owner[0] && !isProcessAlive(Number(owner[0]))) {
      await Deno.remove(`${parent}/${name}`, { recursive: true }).catch(() => {});
    }
  }
  const folder = await Deno.makeTempDir({ dir: parent, prefix: `${temporaryPrefix}${Deno.pid}-` });
  await Deno.chmod(folder, 0o711);
  return folder;
}
