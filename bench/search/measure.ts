/** How long each kind of search takes, and how near its first page is to an exact ranking. */
import type postgres from "postgres";
import { readScheduledMs } from "../process-usage.ts";
import { mean, quantile, toText } from "../table.ts";
import { type Found, measureOverlap } from "./exact.ts";
import { KINDS, type Parameters } from "./kinds.ts";
import { asUser } from "./user.ts";

/** How often each search is timed. */
export const ROUNDS = 10;

/** Of the table that `measureAll` makes the rows of. */
export const HEADER = [
  ...["materials", "search", "found", "p50", "p95", "CPU p50", "CPU p95"],
  ...["overlap@20", "at least"],
];

/**
 * A row of the table for each kind; `size` is its first cell.
 *
 * @param isByExact whether the first pages of a kind are held to the exact ranking as well
 */
export async function measureAll(
  sql: postgres.Sql,
  size: string,
  isByExact: (kind: string) => boolean,
): Promise<string[][]> {
  const rows: string[][] = [await measureReference(sql, size)];
  const pid = await readBackendPid(sql);
  for (const [kind, searches] of Object.entries(KINDS)) {
    const [times, cpuTimes]: [number[], number[]] = [[], []];
    const totals: number[] = [];
    const overlaps: number[] = [];
    for (const parameters of searches) {
      const { found } = await search(sql, parameters);
      totals.push(found.total_results);
      if (isByExact(kind)) overlaps.push(await measureOverlap(sql, parameters, found));
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const parameters of searches) {
        const usedBefore = await readScheduledMs(pid);
        times.push((await search(sql, parameters)).ms);
        cpuTimes.push(await readScheduledMs(pid) - usedBefore);
      }
    }
    rows.push([
      size,
      kind,
      Math.max(...totals).toLocaleString("en"),
      toText(quantile(times, 0.5)),
      toText(quantile(times, 0.95)),
      toText(quantile(cpuTimes, 0.5)),
      toText(quantile(cpuTimes, 0.95)),
      ...(overlaps.length > 0
        ? [mean(overlaps), Math.min(...overlaps)].map((overlap) => toText(overlap, 2))
        : ["", ""]),
    ]);
  }
  return rows;
}

/**
 * Work that no change of the search touches: how busy the machine is with other things.
 */
async function measureReference(sql: postgres.Sql, size: string): Promise<string[]> {
  const pid = await readBackendPid(sql);
  const [times, cpuTimes]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const [startedAt, usedBefore] = [performance.now(), await readScheduledMs(pid)];
    await sql`select count(md5(n::text)) from generate_series(1, 100000) n`;
    times.push(performance.now() - startedAt);
    cpuTimes.push(await readScheduledMs(pid) - usedBefore);
  }
  const figures = [times, cpuTimes].flatMap((some) =>
    [0.5, 0.95].map((share) => toText(quantile(some, share)))
  );
  return [size, "(reference: 100,000 md5)", "", ...figures, "", ""];
}

async function readBackendPid(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select pg_backend_pid() as pid`;
  return row!.pid;
}

async function search(sql: postgres.Sql, parameters: Parameters) {
  const names = Object.keys(parameters);
  const call = names.map((name, index) => `p_${name} => $${index + 1}`).join(", ");
  return await asUser(sql, async (transaction) => {
    const startedAt = performance.now();
    const [row] = await transaction.unsafe(
      `select public.material_search_find_materials(${call}) as found`,
      names.map((name) => parameters[name]) as never[],
    );
    return { ms: performance.now() - startedAt, found: row!.found as Found };
  });
}
