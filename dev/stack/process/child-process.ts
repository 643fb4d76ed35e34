/**
 * Child processes that never outlive this one. Each runs in its own process group, so a terminal's
 * Ctrl-C reaches only this process, which stops the others in order; a small shell beside it holds the
 * read end of a pipe and ends the group when this process is killed (SIGKILL).
 */
import { readLines } from "./read-lines.ts";

/** How to run a program and what to do with what it prints. */
export interface ChildProcessOptions<Ready = void> {
  /** What messages call it. */
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** Start from an empty environment instead of this process's. */
  clearEnv?: boolean;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Asks it to end; SIGKILL follows after two seconds. Default SIGTERM. */
  stopSignal?: Deno.Signal;
  onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Returns what {@linkcode ChildProcess.ready} resolves to, from the line that tells it. */
  readyWhen?: (line: string) => Ready | undefined;
}

/** A running program. */
export interface ChildProcess<Ready = void> {
  readonly name: string;
  readonly pid: number;
  /** Settles with the first line `readyWhen` accepts; rejects if the process ends before. */
  readonly ready: Promise<Ready>;
  /** Resolves once the process has ended and its output is read to the end. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** The last lines it printed, oldest first. */
  lastLines(): string[];
  kill(signal: Deno.Signal): void;
  /** Ends it by the stop signal, then by SIGKILL. Idempotent; resolves when it is gone. */
  stop(): Promise<void>;
}

const keptLines = 20;
const stopTimeoutMs = 2_000;

// $1 is the process group, $2 the stop signal. `read` returns when the pipe's other end is gone.
const watchdogScript = `trap '' INT TERM HUP
read -r _
kill -s "$2" -- "-$1" 2>/dev/null || exit 0
i=0
while kill -0 "$1" 2>/dev/null && [ "$i" -lt 20 ]; do sleep 0.1; i=$((i + 1)); done
kill -s KILL -- "-$1" 2>/dev/null`;

/**
 * Starts a program that ends with this process.
 *
 * @throws {Error} when the program can't be started
 */
export function startChildProcess<Ready = void>(
  options: ChildProcessOptions<Ready>,
): ChildProcess<Ready> {
  const { name, stopSignal = "SIGTERM", onLine, readyWhen } = options;
  const child = new Deno.Command(options.command, {
    args: options.args,
    ...(options.env && { env: options.env }),
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
    clearEnv: options.clearEnv ?? false,
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const watchdog = new Deno.Command("/bin/sh", {
    args: ["-c", watchdogScript, "watchdog", String(child.pid), stopSignal.slice("SIG".length)],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();

  const lines: string[] = [];
  const ready = Promise.withResolvers<Ready>();
  ready.promise.catch(() => {}); // a caller may wait for `exited` alone
  const handleLine = (stream: "stdout" | "stderr") => (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    onLine?.(line, stream);
    const value = readyWhen?.(line);
    if (value !== undefined) ready.resolve(value);
  };

  const exited = (async () => {
    const [status] = await Promise.all([
      child.status,
      readLines(child.stdout, handleLine("stdout")),
      readLines(child.stderr, handleLine("stderr")),
    ]);
    kill(watchdog, "SIGKILL");
    await Promise.all([watchdog.status, watchdog.stdin.close().catch(() => {})]);
    const ending = `"${name}" ended before it was ready (${describeStatus(status)})`;
    ready.reject(new Error([ending, ...lines].join("\n")));
    return status;
  })();

  let stopping: Promise<void> | undefined;
  return {
    name,
    pid: child.pid,
    ready: ready.promise,
    exited,
    lastLines: () => [...lines],
    kill: (signal) => kill(child, signal),
    stop: () => stopping ??= stopProcess(child, stopSignal, exited),
  };
}

/** Says how a process ended: `"exit code 1"` or `"signal SIGKILL"`. */
export function describeStatus(status: Deno.CommandStatus): string {
  return status.signal ? `signal ${status.signal}` : `exit code ${status.code}`;
}

async function stopProcess(
  child: Deno.ChildProcess,
  stopSignal: Deno.Signal,
  exited: Promise<unknown>,
): Promise<void> {
  kill(child, stopSignal);
  const timer = setTimeout(() => killGroup(child.pid), stopTimeoutMs);
  await exited;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // A process that has already ended is what was wanted.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
