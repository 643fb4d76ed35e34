/** What a server that didn't stop properly leaves in its data folder. */
import { pause } from "../../../supabase/functions/_shared/platform/http/pause.ts";
import { isProcessAlive, readCommandLine } from "../process/process-list.ts";

const patienceMs = 5_000;

/**
 * Makes a data folder free to be served: a server still running on it (its stack was killed) is
 * stopped; a `postmaster.pid` whose process is gone, or is another program by now, is deleted. Call
 * it only when no living stack can own the folder.
 *
 * @throws {Error} when the old server can't be stopped
 */
export async function clearStaleLock(dataDirectory: string): Promise<void> {
  const file = `${dataDirectory}/postmaster.pid`;
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const pid = Number(text.split("\n")[0]);
  // Process ids are reused, and Postgres itself only asks whether one is in use.
  if (pid > 0 && (await readCommandLine(pid)).includes(`-D ${dataDirectory}`)) {
    await stopServer(pid);
  }
  await Deno.remove(file).catch(() => {});
}

async function stopServer(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    Deno.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 50) {
      if (!isProcessAlive(pid)) return;
      await pause(50);
    }
  }
  throw new Error(`A Postgres server left over from an earlier run (pid ${pid}) doesn't stop`);
}
