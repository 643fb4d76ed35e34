/** What a stack keeps: the database's files, Storage's and the project's keys. */
import { type ApiKeys, createApiKeys, readOrCreateApiKeys } from "./api/api-keys.ts";
import { findDataDirectory, makeTemporaryDataDirectory } from "./postgres/data-directory.ts";
import { localDirectory } from "./process/project-paths.ts";
import { acquireStackLock } from "./stack-lock.ts";
import type { StackOptions } from "./stack-options.ts";
import { findUnprivilegedAccount } from "./postgres/unprivileged-account.ts";

/** Disposing it frees what is kept for the next start and deletes what is temporary. */
export interface StackState extends AsyncDisposable {
  keys: ApiKeys;
  /** Postgres's files; undefined when another server is used. */
  dataDirectory: string | undefined;
  /** The files of objects in Storage; made when there are some. */
  storageDirectory: string;
}

/**
 * Finds or makes a stack's state.
 *
 * @throws {StackRunningError} when what is kept is in use
 */
export async function openStackState(options: StackOptions): Promise<StackState> {
  const keyOptions = options.secretKeys ? { secretNames: options.secretKeys } : {};
  const ownDatabase = !options.postgres;
  if (!options.keepData) {
    const folder = await makeTemporaryDataDirectory(await findUnprivilegedAccount());
    return {
      keys: await createApiKeys(keyOptions),
      dataDirectory: ownDatabase ? `${folder}/data` : undefined,
      storageDirectory: `${folder}/storage`,
      async [Symbol.asyncDispose]() {
        await Deno.remove(folder, { recursive: true }).catch(() => {});
      },
    };
  }
  const lock = await acquireStackLock();
  const keysFile = `${localDirectory()}/keys.json`;
  const dataDirectory = await findDataDirectory(await findUnprivilegedAccount());
  const storageDirectory = `${localDirectory()}/storage`;
  if (options.reset) {
    for (const path of [dataDirectory, storageDirectory, keysFile]) {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  }
  return {
    keys: await readOrCreateApiKeys(keysFile, keyOptions),
    dataDirectory: ownDatabase ? dataDirectory : undefined,
    storageDirectory,
    [Symbol.asyncDispose]: () => Promise.resolve(lock[Symbol.dispose]()),
  };
}
