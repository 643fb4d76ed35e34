/** HTTP proxies are for the outside; the parts of a stack talk to each other directly. */
import { loopback } from "../process/ports.ts";

/**
 * Adds 127.0.0.1 to `NO_PROXY` where the shell names a proxy. It changes this process's environment,
 * which its `fetch` and its children read.
 */
export function exemptLoopbackFromProxies(): void {
  if (!readEither("HTTP_PROXY") && !readEither("HTTPS_PROXY") && !readEither("ALL_PROXY")) return;
  const exempt = readEither("NO_PROXY")?.split(",") ?? [];
  if (exempt.includes(loopback)) return;
  const value = [...exempt, loopback].join(",");
  for (const name of ["NO_PROXY", "no_proxy"]) Deno.env.set(name, value);
}

function readEither(name: string): string | undefined {
  return Deno.env.get(name) || Deno.env.get(name.toLowerCase());
}
