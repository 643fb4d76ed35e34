/** The processes of one stack, watched: one that ends unasked ends the stack. */
import type { ChildProcess } from "./process/child-process.ts";

/** A process, whatever its readiness was. */
export type AnyProcess = ChildProcess<unknown>;

/** A process that ended unasked. */
export interface ProcessCrash {
  name: string;
  status: Deno.CommandStatus;
  /** The last it printed. */
  lastLines: string[];
}

/** The processes of a stack by name. */
export interface StackProcesses {
  /** Starts one; the function is kept for {@linkcode restart}. */
  start<P extends { process: AnyProcess }>(name: string, start: () => Promise<P>): Promise<P>;
  names(): string[];
  process(name: string): AnyProcess;
  /** Ends one and leaves the others running. */
  stop(name: string): Promise<void>;
  /** Ends one at once, with whatever it is doing, and leaves the others running. */
  kill(name: string): Promise<void>;
  /** Starts one anew, ending it first where it runs. */
  restart(name: string): Promise<void>;
  /** Ends all at once, but `last` only when the others are gone. */
  stopAll(last: string): Promise<void>;
}

/** Makes an empty set of processes; `onCrash` is told of the first that ends unasked. */
export function createStackProcesses(onCrash: (crash: ProcessCrash) => void): StackProcesses {
  const starters = new Map<string, () => Promise<{ process: AnyProcess }>>();
  const running = new Map<string, AnyProcess>();
  let isStopping = false;

  const watch = async (name: string, process: AnyProcess) => {
    running.set(name, process);
    const status = await process.exited;
    if (running.get(name) !== process) return;
    running.delete(name);
    if (!isStopping) onCrash({ name, status, lastLines: process.lastLines() });
  };
  const find = (name: string) => {
    const process = running.get(name);
    if (process) return process;
    const known = [...running.keys()].join(", ");
    throw new Error(`There is no running process "${name}", only ${known}`);
  };
  const stop = async (name: string) => {
    const process = find(name);
    running.delete(name);
    await process.stop();
  };

  return {
    async start(name, start) {
      const started = await start();
      if (isStopping) {
        await started.process.stop();
        throw new Error(`"${name}" was started while the stack stops`);
      }
      starters.set(name, start);
      watch(name, started.process);
      return started;
    },
    names: () => [...running.keys()],
    process: find,
    stop,
    async kill(name) {
      const process = find(name);
      running.delete(name);
      process.kill("SIGKILL");
      await process.exited;
    },
    async restart(name) {
      const start = starters.get(name);
      if (!start) throw new Error(`There is no process "${name}"`);
      if (running.has(name)) await stop(name);
      watch(name, (await start()).process);
    },
    async stopAll(last) {
      isStopping = true;
      const others = [...running].filter(([name]) => name !== last);
      await Promise.all(others.map(([, process]) => process.stop()));
      await running.get(last)?.stop();
    },
  };
}
