/** The inner functions of jobs, with a clock of the test's, and a catalogue to use them on. */
import type postgres from "postgres";

/** Workers by number. */
export const workerId = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** The moment at which a test begins. */
export const START = new Date("2025-11-26T12:00:00Z");

/** Seconds after it. */
export const after = (seconds: number) => new Date(START.getTime() + seconds * 1000);

/** Who claims what; by default the first worker one job, without a bound. */
export interface ClaimOptions {
  worker?: number;
  count?: number;
  ceilingNano?: number;
  run?: string | null;
  nanoPerMonth?: number | null;
  now?: Date;
  /** One that lost a worker, in place of those that did not. */
  suspects?: boolean;
}

/** What a claim came to. */
export interface Claim {
  outcome: "claimed" | "budget" | "paused";
  jobs: { id: number; material_id: string | null; source: string; owner_id: string | null }[];
  left_nano: number | null;
  wait_ms?: number | null;
}

/** Claims jobs, at `START` by default. */
export async function claim(sql: postgres.Sql, options: ClaimOptions = {}): Promise<Claim> {
  const { worker = 1, count = 1, ceilingNano = 100, run = null, nanoPerMonth = null } = options;
  const { now = START, suspects = false } = options;
  const [row] = await sql`
    select catalogue_jobs.claim_jobs_at(${workerId(worker)}, ${count}, ${ceilingNano}, ${run},
      ${nanoPerMonth}, 120, ${suspects}, ${now}) as claim`;
  return row!.claim;
}

/** Finishes a job with an analysis of oak. @returns what became of it */
export async function finish(
  sql: postgres.Sql,
  options: { id: number; worker?: number; costNano?: number; row?: object; now?: Date },
): Promise<string> {
  const { id, worker = 1, costNano = 40, now = START } = options;
  const analysis = { material_type: "oak", source_image_hash: "a", ...options.row };
  const [row] = await sql`
    select catalogue_jobs.finish_job_at(${id}, ${workerId(worker)}, ${costNano},
      ${sql.json(analysis)}, ${sql.json({ analysis: "Oak." })}, ${now}) as outcome`;
  return row!.outcome;
}

/** Fails a job. @returns what became of it */
export async function fail(
  sql: postgres.Sql,
  options: { id: number; worker?: number; isFinal?: boolean; now?: Date },
): Promise<string> {
  const { id, worker = 1, isFinal = false, now = START } = options;
  const [row] = await sql`
    select catalogue_jobs.fail_job_at(${id}, ${
    workerId(worker)
  }, 10, 'UPSTREAM_TIMEOUT', 'Too slow',
      ${isFinal}, ${now}) as outcome`;
  return row!.outcome;
}

/** Puts a job back. @returns what became of it */
export async function putBack(
  sql: postgres.Sql,
  options: {
    id: number;
    worker?: number;
    scope: "job" | "owner" | "all" | "worker" | "outage";
    waitMs: number;
    now?: Date;
  },
): Promise<string> {
  const { id, worker = 1, scope, waitMs, now = START } = options;
  const [row] = await sql`
    select catalogue_jobs.put_back_job_at(${id}, ${workerId(worker)}, 0, ${waitMs}, 'RATE_LIMITED',
      ${scope}, ${now}) as outcome`;
  return row!.outcome;
}

/** Makes materials with a picture each and returns their ids, in order. */
export async function addMaterials(sql: postgres.Sql, count: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into public.materials_catalog (id, name, category, thumbnail_url)
    select ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'Oak ' || n,
      case n % 2 when 0 then 'wood' else 'stone' end, 'https://pictures.example/' || n || '.jpg'
    from generate_series(1, ${count}) n returning id`;
  return rows.map(({ id }) => id).sort();
}

/** Enqueues what lacks an analysis, at the beginning. */
export async function enqueue(
  sql: postgres.Sql,
  options: { ids?: string[]; category?: string; olderThan?: string; limit?: number } = {},
): Promise<{ enqueued: number; without_picture: number }> {
  const { ids = null, category = null, olderThan = null, limit = null } = options;
  const [row] = await sql`
    select catalogue_jobs.enqueue_at(${ids}, ${category}, ${olderThan}, ${limit}, false, ${START}) as result`;
  return row!.result;
}

/** What is stored of a job. */
export async function readJob(sql: postgres.Sql, id: number) {
  const [row] = await sql`
    select state, attempts, lost_leases, is_stale, last_code, cost_nano::float8 as cost_nano,
      not_before from catalogue_jobs.jobs where id = ${id}`;
  return row ? { ...row } : undefined;
}

/** What is taken from the only budget. */
export async function readSpent(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`
    select sum(spent_nano)::float8 as spent from catalogue_jobs.budgets`;
  return row!.spent;
}
