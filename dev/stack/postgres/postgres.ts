/** A native Postgres server on 127.0.0.1. */
import { platform } from "node:os";
import { createRoles } from "./bootstrap.ts";
import { type ChildProcess, startChildProcess } from "../process/child-process.ts";
import { makeTemporaryDataDirectory } from "./data-directory.ts";
import { findFreePort, loopback } from "../process/ports.ts";
import {
  findPostgresBinaries,
  newestMajor,
  type PostgresBinaries,
  type PostgresMajor,
} from "./postgres-binaries.ts";
import { clearStaleLock } from "./postgres-lock.ts";
import { runCommand } from "../process/run-command.ts";
import { type Account, findUnprivilegedAccount } from "./unprivileged-account.ts";

/** Every role of a local server has this password, as in Supabase's own local stack. */
const localPassword = "postgres";

/** The superuser; migrations and applications use others. */
const superuser = "supabase_admin";

/** How to start a server. */
export interface PostgresOptions {
  /** The version; default 17. */
  major?: PostgresMajor;
  /** Default: a free one. */
  port?: number;
  /** Where its files are; default a new folder that is deleted when the server stops. */
  dataDirectory?: string;
  /** Without `dataDirectory`: keep the files in memory where there is room. Default false. */
  inMemory?: boolean;
  /** Server settings (`postgresql.conf` names). */
  settings?: Record<string, string>;
  onLine?: (line: string) => void;
  onProgress?: (message: string) => void;
}

/** A running server. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  readonly process: ChildProcess<true>;
  /** A connection string; defaults: database `postgres`, role `supabase_admin`, the superuser. */
  url(database?: string, role?: string): string;
  stop(): Promise<void>;
}

/**
 * Starts a server, creating its files first where there are none.
 *
 * @throws {Error} with the server's last words when it doesn't start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const account = await findUnprivilegedAccount();
  const { major = newestMajor } = options;
  const binaries = await findPostgresBinaries(account, major, options.onProgress);
  const temporary = options.dataDirectory
    ? undefined
    : await makeTemporaryDataDirectory(account, { inMemory: options.inMemory ?? false });
  const dataDirectory = options.dataDirectory ?? `${temporary}/data`;
  const port = options.port ?? findFreePort();

  await createFiles(binaries, dataDirectory, account, options.onProgress);
  await clearStaleLock(dataDirectory);
  const settings = {
    listen_addresses: loopback,
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    timezone: "UTC",
    ...options.settings,
  };
  const process = startChildProcess({
    name: "postgres",
    command: binaries.postgres,
    args: [
      ...["-D", dataDirectory],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    ...runAs(account),
    stopSignal: "SIGINT", // disconnects the clients; SIGTERM would wait for them
    ...(options.onLine && { onLine: options.onLine }),
    readyWhen: (line) => line.includes("ready to accept connections") || undefined,
  });
  const stop = async () => {
    await process.stop();
    if (temporary) await Deno.remove(temporary, { recursive: true }).catch(() => {});
  };
  const { url } = localServer(port);
  try {
    await process.ready;
    await createRoles(url());
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    process,
    url,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Connection strings of a server on this machine; defaults: database `postgres`, the superuser. */
export function localServer(port: number): Pick<PostgresServer, "url"> {
  return {
    url: (database = "postgres", role = superuser) =>
      `postgresql://${role}:${localPassword}@${loopback}:${port}/${database}`,
  };
}

async function createFiles(
  binaries: PostgresBinaries,
  dataDirectory: string,
  account: Account | undefined,
  onProgress: PostgresOptions["onProgress"],
): Promise<void> {
  if (await Deno.stat(`${dataDirectory}/PG_VERSION`).then(() => true, () => false)) return;
  onProgress?.("Creating the database files");
  // An interrupted initdb must not be taken for a database: they are made aside and renamed.
  const unfinished = `${dataDirectory}.unfinished`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  await Deno.mkdir(unfinished, { recursive: true, mode: 0o700 });
  if (account) await Deno.chown(unfinished, account.uid, account.gid);
  const passwordFile = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(passwordFile, localPassword);
    if (account) await Deno.chown(passwordFile, account.uid, account.gid);
    await runCommand({
      name: "initdb",
      command: binaries.initdb,
      args: [
        ...["-D", unfinished, "-U", superuser, "--pwfile", passwordFile, "--auth=scram-sha-256"],
        ...["--encoding=UTF8", "--locale=C", `--lc-ctype=${caseFoldingLocale()}`],
        ...["--no-sync", "--no-instructions"],
      ],
      ...runAs(account),
    });
  } finally {
    await Deno.remove(passwordFile);
  }
  await Deno.rename(unfinished, dataDirectory);
}

/**
 * Full-text search folds case by `lc_ctype`: with `C` alone, "Ö" in a text is not found by "ö". Hosted
 * databases have `C.UTF-8`, which macOS doesn't know.
 */
function caseFoldingLocale(): string {
  return platform() === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
}

/** A fixed environment, for what a shell exports (PGDATA, PGPORT, LANG) changes a server. */
function runAs(account: Account | undefined) {
  return { clearEnv: true, env: { LC_ALL: "C", PATH: "/usr/bin:/bin" }, cwd: "/", ...account };
}
