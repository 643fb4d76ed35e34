/** What the system knows of processes that this one didn't start. */

/** Whether a process with this id exists. */
export function isProcessAlive(pid: number): boolean {
  try {
    // SIGCONT does nothing to a running process; Deno has no signal 0.
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}

/** The command line of a process, empty when there is no such process. */
export async function readCommandLine(pid: number): Promise<string> {
  try {
    return (await Deno.readTextFile(`/proc/${pid}/cmdline`)).replaceAll("\0", " ");
  } catch {
    // No /proc, as on a Mac.
    const ps = new Deno.Command("ps", { args: ["-o", "command=", "-p", String(pid)] });
    try {
      return new TextDecoder().decode((await ps.output()).stdout).trim();
    } catch {
      return "";
    }
  }
}
