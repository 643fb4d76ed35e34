/** What a stack can be started with. */
import type { FunctionSource } from "./functions/functions.ts";
import type { DatabaseHost } from "./postgres/databases.ts";
import { requireFreePort } from "./process/ports.ts";

/** A line that a process of the stack, or its auth server, printed. */
export interface LogLine {
  /** `postgres`, `postgrest`, `auth`, `storage`, `together`, or a function's name. */
  source: string;
  line: string;
}

/** Takes the lines that a source prints. */
export type StackLog = (source: string) => { onLine: (line: string) => void };

/** Where the gateway and the database listen. */
export interface StackPorts {
  gateway: number;
  database: number;
}

/** Options of a stack; all have defaults that suit a test. */
export interface StackOptions {
  /**
   * `"free"` (default) picks unused ports; `"fixed"` takes `DEV_GATEWAY_PORT` (54321) and
   * `DEV_DATABASE_PORT` (54322) and fails when one is taken.
   */
  ports?: "free" | "fixed";
  /** Keep database and keys in `.local/` for the next start; default false: all is temporary. */
  keepData?: boolean;
  /** With `keepData`: delete what was kept and start afresh. */
  reset?: boolean;
  /** A server to use instead of an own one; it needs `databaseName`, bootstrapped and migrated. */
  postgres?: DatabaseHost;
  /** Default `postgres`. */
  databaseName?: string;
  /** Default `supabase/functions`; each function needs its own folder there. */
  functionsDirectory?: string;
  /** The functions, in place of those of a directory. */
  functions?: readonly FunctionSource[];
  /** The functions' own settings; they win over the ones set here, but not over the platform's. */
  functionEnvironment?: Record<string, string>;
  /** Further names in `SUPABASE_SECRET_KEYS` beside `default`. */
  secretKeys?: readonly string[];
  /** Start the Together stand-in and point the functions at it; default true. */
  standIn?: boolean;
  /** The Deno the functions run on; default this one. */
  denoBinary?: string;
  /** Restart a function when its code changes; default false. */
  watch?: boolean;
  /** Gives up starting; a stack that has started is ended by `stop()`. */
  signal?: AbortSignal;
  /** Told what is going on, a sentence at a time. */
  onProgress?: (message: string) => void;
  /** Told every line that is printed. */
  onLog?: (log: LogLine) => void;
}

/**
 * The ports of the option; 0 means any.
 *
 * @throws {Error} when a variable isn't a port number
 * @throws {PortTakenError} when a fixed port is taken
 */
export function resolvePorts(ports: StackOptions["ports"] = "free"): StackPorts {
  if (ports === "free") return { gateway: 0, database: 0 };
  const gateway = parsePort("DEV_GATEWAY_PORT", Deno.env.get("DEV_GATEWAY_PORT") || "54321");
  const database = parsePort("DEV_DATABASE_PORT", Deno.env.get("DEV_DATABASE_PORT") || "54322");
  requireFreePort(gateway, "gateway", "DEV_GATEWAY_PORT");
  requireFreePort(database, "database", "DEV_DATABASE_PORT");
  return { gateway, database };
}

/**
 * A port from the environment.
 *
 * @throws {Error} when it isn't a port number
 */
export function parsePort(variable: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${variable} is "${text}", not a port number from 1 to 65535`);
  }
  return port;
}
