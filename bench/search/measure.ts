/** How long each kind of search takes, and how near its first page is to an exact ranking. */
import type postgres from "postgres";
import { readScheduledMs } from "../process-usage.ts";
import { mean, quantile, toText } from "../table.ts";
import { KINDS, type Parameters } from "./kinds.ts";

export const ROUNDS = 10;

const USER = "aaaaaaaa-0000-4000-8000-000000000000";

export const HEADER = [
  ...["materials", "search", "found", "p50", "p95", "CPU p50", "CPU p95"],
  ...["overlap@20", "at least"],
];

/** A row of the table for each kind; `size` is its first cell. */
export async function measureAll(sql: postgres.Sql, size: string): Promise<string[][]> {
  const rows: string[][] = [await measureReference(sql, size)];
  const pid = await readBackendPid(sql);
  for (const [kind, searches] of Object.entries(KINDS)) {
    const [times, cpuTimes]: [number[], number[]] = [[], []];
    const totals: number[] = [];
    const overlaps: number[] = [];
    for (const parameters of searches) {
      const { found } = await search(sql, parameters);
      totals.push(found.total_results);
      overlaps.push(await measureOverlap(sql, parameters, found));
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
      toText(mean(overlaps), 2),
      toText(Math.min(...overlaps), 2),
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

// deno-lint-ignore no-explicit-any
type Found = any;

async function asUser<T>(
  sql: postgres.Sql,
  run: (transaction: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return await sql.begin(async (transaction) => {
    const claims = JSON.stringify({ role: "authenticated", sub: USER });
    await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
    await transaction`set local role authenticated`;
    return await run(transaction);
  }) as T;
}

export async function search(sql: postgres.Sql, parameters: Parameters) {
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

/** Share of the exact first 20, of which a score within 1 % of the 20th's is as right. */
async function measureOverlap(
  sql: postgres.Sql,
  parameters: Parameters,
  found: Found,
): Promise<number> {
  const { query_text, picture_text = null, ...rest } = parameters;
  const corrected = Object.entries(found.corrections as Record<string, string>)
    .reduce((text, [wrong, right]) => text.replaceAll(wrong, right), String(query_text ?? ""));
  const search = { ...rest, has_query: Boolean(corrected || picture_text), min_similarity: 0.5 };
  const rows = await asUser(sql, (transaction) =>
    transaction`
      with search as materialized (
        select jsonb_populate_record(
          null::material_search.search,
          ${transaction.json(search as never)} || jsonb_build_object(
            'query', text.query, 'query_parts', text.parts, 'query_scales', text.scales,
            'picture_query', picture.query, 'picture_query_parts', picture.parts,
            'picture_query_scales', picture.scales
          )
        ) as search
        from material_search.to_text_query(${corrected}) text,
          material_search.to_text_query(${picture_text as string | null}) picture
      )
      select r.combined
      from search, material_search.rank_readable(
        search.search, material_search.find_readable(search.search, 100000000)
      ) r
      order by r.combined desc limit 20`);
  if (rows.length === 0) return 1;
  const least = rows.at(-1)!.combined * 0.99;
  return found.results.filter((result: Found) => result.combined >= least).length / rows.length;
}
