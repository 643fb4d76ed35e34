/** What a process has used, as the Linux kernel counts it: https://man7.org/linux/man-pages/man5/proc.5.html */

/** The kernel reports in hundredths of a second, whatever its own tick is. */
const TICK_MS = 10;

/** CPU time of all threads since the start, in user and kernel mode; to 10 ms. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name before, in parentheses, may hold blanks; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory, now and at its highest since the last reset, in MiB. */
export async function readMemory(pid: number): Promise<{ nowMib: number; peakMib: number }> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const read = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { nowMib: read("VmRSS"), peakMib: read("VmHWM") };
}

/** Makes the present memory the highest. */
export async function resetPeakMemory(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** Time on a core of a process' first thread since its start, to the microsecond. */
export async function readScheduledMs(pid: number): Promise<number> {
  const [nanoseconds] = (await Deno.readTextFile(`/proc/${pid}/schedstat`)).split(" ");
  return Number(nanoseconds) / 1e6;
}
