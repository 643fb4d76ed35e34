/** Servers to compare, each in a process of its own, with the environment that a hosted one has. */
import { type FunctionProcess, startFunction } from "../dev/stack/functions/function-process.ts";
import { projectDirectory } from "../dev/stack/process/project-paths.ts";
import type { Stack } from "../dev/stack/stack.ts";

/** A running server. */
export interface Served extends AsyncDisposable {
  url: string;
  pid: number;
}

const OUR_NAMES = ["semantic-analysis", "mivaa-gateway", "visual-search"] as const;

/** What is served: a function of the project, or one of `bench/servers`. */
export type ServerName =
  | (typeof OUR_NAMES)[number]
  | "floor"
  | "hosted"
  | "naive"
  | "passthrough"
  | "supabase-js"
  | "sdk"
  | "sdk-with-limit"
  | "ai-sdk";

/** Where a server gets what it needs. */
export interface ServeOptions {
  stack: Stack;
  /** `TOGETHER_BASE_URL`. */
  upstreamUrl: string;
  denoBinary: string;
}

/** Starts a server and waits until it listens. */
export async function serve(name: ServerName, options: ServeOptions): Promise<Served> {
  const { stack, upstreamUrl, denoBinary } = options;
  const isOurs = OUR_NAMES.some((ourName) => ourName === name);
  const lines: string[] = [];
  const served: FunctionProcess = await startFunction({
    name,
    folder: `${projectDirectory}/${isOurs ? "supabase/functions" : "bench/servers"}/${name}`,
    denoBinary,
    onLine: (line) => void lines.push(line),
    // @vercel/oidc, which it brings, wants to know the machine's name.
    ...(name === "ai-sdk" && { morePermissions: ["--allow-sys=hostname"] }),
    ...(!isOurs && { importMap: `${projectDirectory}/import_map.json` }),
    environment: {
      ...createServerEnvironment(stack, upstreamUrl),
      ...(name === "hosted" && toHostedEnvironment(stack, upstreamUrl)),
    },
  });
  return {
    url: served.url()!,
    pid: served.process.pid,
    [Symbol.asyncDispose]: () => served.process.stop(),
  };
}

/** The environment of a server. */
export function createServerEnvironment(
  stack: Stack,
  upstreamUrl: string,
): Record<string, string> {
  return {
    SUPABASE_URL: stack.apiUrl,
    SUPABASE_SECRET_KEYS: JSON.stringify(stack.secretKeys),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: stack.publishableKey }),
    SUPABASE_JWKS: JSON.stringify(stack.jwks),
    UPSTREAM_URL: `${upstreamUrl}/chat/completions`,
    TOGETHER_BASE_URL: upstreamUrl,
    TOGETHER_API_KEY: "bench",
    // Nothing here is about limits.
    RATE_LIMIT_PER_MINUTE: "60000",
    RATE_LIMIT_CONCURRENT: "10000",
    RATE_LIMIT_PER_DAY: "100000000",
    PROJECT_USD_PER_MONTH: "none",
    ANONYMOUS_USD_PER_DAY: "none",
  };
}

/** The addresses of a hosted project and of Together, and where its calls go in their place. */
function toHostedEnvironment(stack: Stack, upstreamUrl: string): Record<string, string> {
  const [projectUrl, togetherUrl] = ["https://bench.supabase.co", "https://api.together.xyz/v1"];
  return {
    SUPABASE_URL: projectUrl,
    TOGETHER_BASE_URL: togetherUrl,
    BENCH_ADDRESSES: JSON.stringify([[projectUrl, stack.apiUrl], [togetherUrl, upstreamUrl]]),
  };
}
