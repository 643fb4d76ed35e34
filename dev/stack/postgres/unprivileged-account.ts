/**
 * Postgres doesn't run as root: where this process is root, Postgres runs as another account, which
 * must reach all files that Postgres uses.
 */
import { dirname } from "node:path";

/** A system account by its numbers. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account Postgres runs under: `postgres` or else `nobody` when this process is root, undefined
 * (meaning: this process's own) when it isn't.
 */
export async function findUnprivilegedAccount(): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const accounts = (await Deno.readTextFile("/etc/passwd")).split("\n")
    .map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const [, , uid, gid] = accounts.find(([name]) => name === wanted) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`Running as root, and neither "postgres" nor "nobody" is in "/etc/passwd"`);
}

/** Whether any account can enter the folder and every one above it. */
export async function isReachableByAll(folder: string): Promise<boolean> {
  const othersMayEnter = 0o001;
  for (let path = await Deno.realPath(folder); path !== "/"; path = dirname(path)) {
    const { mode } = await Deno.stat(path);
    if (mode !== null && (mode & othersMayEnter) === 0) return false;
  }
  return true;
}
