/** The processes of one stack, watched: one that ends unasked ends the stack. */
import type { ChildProcess } from "./process/child-process.ts";

/** A process, whatever its readiness was. */
export type PartProcess = ChildProcess<unknown>;

/** A part that ended unasked. */
export interface PartCrash {
  part: string;
  status: Deno.CommandStatus;
  /** The last it printed. */
  lastLines: string[];
}

/** The parts of a stack by name. */
export interface Parts {
  /** Starts a part; the function is kept for {@linkcode restart}. */
  start<P extends { process: PartProcess }>(name: string, start: () => Promise<P>): Promise<P>;
  names(): string[];
  process(name: string): PartProcess;
  /** Ends one part and leaves the others running. */
  stop(name: string): Promise<void>;
  /** Starts a part anew, ending it first where it runs. */
  restart(name: string): Promise<void>;
  /** Ends all at once, but `last` only when the others are gone. */
  stopAll(last: string): Promise<void>;
}

/** Makes an empty set of parts; `onCrash` is told of the first that ends unasked. */
export function createParts(onCrash: (crash: PartCrash) => void): Parts {
  const starters = new Map<string, () => Promise<{ process: PartProcess }>>();
  const running = new Map<string, PartProcess>();
  let isStopping = false;

  const watch = async (name: string, process: PartProcess) => {
    running.set(name, process);
    const status = await process.exited;
    if (running.get(name) !== process) return;
    running.delete(name);
    if (!isStopping) onCrash({ part: name, status, lastLines: process.lastLines() });
  };
  const find = (name: string) => {
    const process = running.get(name);
    if (process) return process;
    const known = [...running.keys()].join(", ");
    throw new Error(`There is no running part "${name}", only ${known}`);
  };
  const stop = async (name: string) => {
    const process = find(name);
    running.delete(name);
    await process.stop();
  };

  return {
    async start(name, start) {
      const part = await start();
      if (isStopping) {
        await part.process.stop();
        throw new Error(`"${name}" was started while the stack stops`);
      }
      starters.set(name, start);
      watch(name, part.process);
      return part;
    },
    names: () => [...running.keys()],
    process: find,
    stop,
    async restart(name) {
      const start = starters.get(name);
      if (!start) throw new Error(`There is no part "${name}"`);
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
