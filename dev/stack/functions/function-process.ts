/** One edge function in a process of its own, with the hosted runtime's permissions and no more. */
import { stripVTControlCharacters } from "node:util";
import { type ChildProcess, startChildProcess } from "../process/child-process.ts";
import { loopback } from "../process/ports.ts";
import type { FunctionSource } from "./functions.ts";

/** How to run a function. */
export interface FunctionProcessOptions extends FunctionSource {
  /** All the environment it gets, but for what Deno itself needs. */
  environment: Record<string, string>;
  /** Default: the Deno that runs this. */
  denoBinary?: string;
  /** Permissions beyond those, as Deno's arguments. */
  morePermissions?: readonly string[];
  /** Restart when a file changes; a mistake in the code then waits for the next change. */
  watch?: boolean;
  onLine?: (line: string) => void;
}

/** A running function. */
export interface FunctionProcess {
  /** Where it listens; undefined while it restarts, and once it has ended. */
  url(): string | undefined;
  readonly process: ChildProcess<true>;
}

// Where Deno keeps its cache, how it reaches the npm registry the first time, whom it trusts.
const variablesOfDeno = [
  "HOME",
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "NPM_CONFIG_REGISTRY",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
];

/**
 * Starts a function and waits until it listens.
 *
 * `--no-lock`: the platform knows no lock file either, an older Deno can't read this project's, and with the
 * function's own configuration Deno would write another beside it.
 *
 * @throws {Error} with what it printed when it doesn't start
 */
export async function startFunction(options: FunctionProcessOptions): Promise<FunctionProcess> {
  const { name, folder, importMap } = options;
  let url: string | undefined;
  const process = startChildProcess({
    name,
    command: options.denoBinary ?? Deno.execPath(),
    args: [
      ...["serve", "--no-prompt", "--no-lock", "--allow-net", "--allow-env"],
      ...options.morePermissions ?? [],
      ...(importMap ? ["--no-config", "--import-map", importMap] : await findConfig(folder)),
      ...(options.watch ? ["--watch", "--no-clear-screen"] : []),
      ...["--host", loopback, "--port", "0", `${folder}/index.ts`],
    ],
    cwd: folder,
    clearEnv: true,
    env: {
      // A company's own certificate authority is known to the system, and Deno 2.1 asks only itself.
      DENO_TLS_CA_STORE: "mozilla,system",
      ...inheritedVariables(),
      DENO_NO_UPDATE_CHECK: "1",
      ...options.environment,
    },
    // Deno's watcher takes SIGTERM for the end of the function, not of itself.
    stopSignal: options.watch ? "SIGKILL" : "SIGTERM",
    onLine: (line) => {
      const event = parseDenoLine(line);
      if (event === undefined) return options.onLine?.(line);
      // With a new port at each restart nothing else can have taken it in between.
      url = event.url;
      if (event.message) options.onLine?.(event.message);
    },
    readyWhen: (line) => parseDenoLine(line)?.isSettled || undefined,
  });
  try {
    await process.ready;
  } catch (error) {
    await process.stop();
    throw error;
  }
  process.exited.then(() => url = undefined);
  return { url: () => url, process };
}

interface DenoEvent {
  /** Where the function listens from now on. */
  url: string | undefined;
  /** It listens, or nothing will happen until a file changes. */
  isSettled: boolean;
  /** Worth a line in the log. */
  message?: string;
}

/** What Deno itself says; undefined for lines of the function. */
function parseDenoLine(coloured: string): DenoEvent | undefined {
  const line = stripVTControlCharacters(coloured);
  const listening = /^deno serve: Listening on (http:\S+?)\/?$/.exec(line)?.[1];
  if (listening) return { url: listening, isSettled: true };
  const watcher = /^Watcher (.*)$/.exec(line)?.[1];
  if (watcher === undefined) return undefined;
  if (watcher === "Process started.") return { url: undefined, isSettled: false };
  return { url: undefined, isSettled: watcher.startsWith("Process failed"), message: watcher };
}

async function findConfig(folder: string): Promise<string[]> {
  const path = `${folder}/deno.json`;
  const exists = await Deno.stat(path).then(() => true, () => false);
  return exists ? ["--config", path] : ["--no-config"];
}

function inheritedVariables(): Record<string, string> {
  const pairs = variablesOfDeno.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}
