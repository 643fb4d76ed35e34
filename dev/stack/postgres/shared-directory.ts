/** A folder of root's that every account can reach, for what Postgres needs under root. */

const path = "/var/tmp/local-supabase-stack";

/**
 * Makes the folder where it is missing.
 *
 * @throws {Error} when it belongs to another account, which could then replace the programs in it
 */
export async function sharedDirectory(): Promise<string> {
  await Deno.mkdir(path, { mode: 0o755 }).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const { uid, mode, isDirectory } = await Deno.lstat(path);
  const othersMayWrite = 0o022;
  if (!isDirectory || uid !== Deno.uid() || ((mode ?? 0) & othersMayWrite) !== 0) {
    throw new Error(`"${path}" must be a folder only you can write to, remove it`);
  }
  return path;
}
