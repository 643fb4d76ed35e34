import { type FunctionProcess, startFunction } from "./functions/function-process.ts";
import type { FunctionSource } from "./functions/functions.ts";
import { standInApiKey, startStandIn } from "./functions/stand-in.ts";
import type { StackLog, StackOptions } from "./stack-options.ts";
import type { StackProcesses } from "./stack-processes.ts";

/** Which functions run, and with what. */
export interface StartFunctionsOptions
  extends Pick<StackOptions, "standIn" | "functionEnvironment" | "denoBinary" | "watch"> {
  sources: readonly FunctionSource[];
  /** The variables that the hosted runtime sets. */
  hostedEnvironment: Record<string, string>;
  processes: StackProcesses;
  log: StackLog;
}

/** Functions that run. */
export interface RunningFunctions {
  /** Base URL of a function; `"unknown"` when there is none of that name, undefined while it is down. */
  url(name: string): string | "unknown" | undefined;
  /** The stand-in's `TOGETHER_BASE_URL`; undefined where none was started. */
  standInUrl: string | undefined;
}

/** Starts the stand-in for Together, unless it is not wanted, and all functions at once. */
export async function startFunctions(options: StartFunctionsOptions): Promise<RunningFunctions> {
  const { sources, processes, log } = options;
  const standInUrl = options.standIn ?? true
    ? (await processes.start("together", () => startStandIn(log("together")))).url
    : undefined;
  const environment = {
    ...(standInUrl && { TOGETHER_BASE_URL: standInUrl, TOGETHER_API_KEY: standInApiKey }),
    ...options.functionEnvironment,
    ...options.hostedEnvironment,
  };
  const functions = new Map<string, FunctionProcess>();
  await Promise.all(sources.map((source) =>
    processes.start(source.name, async () => {
      const process = await startFunction({
        ...source,
        environment,
        ...(options.denoBinary && { denoBinary: options.denoBinary }),
        ...(options.watch && { watch: true }),
        ...log(source.name),
      });
      functions.set(source.name, process);
      return process;
    })
  ));
  const names = sources.map(({ name }) => name);
  return {
    url: (name) => names.includes(name) ? functions.get(name)?.url() : "unknown",
    standInUrl,
  };
}
