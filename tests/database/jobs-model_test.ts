/** Every interleaving of claims, renewals, crashes, expiries and ends, in a model and in SQL. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { openTestDatabase } from "../../dev/stack/testing/test-database.ts";
import { act, type Action, actionsIn, canonical, type Job } from "./job-model.ts";
import { START, workerId } from "./jobs.ts";

interface Step {
  before: Job[];
  action: Action;
  expected: Job[];
}

/** Each step from each state that can be reached, by breadth; workers that are alike are one. */
function* explore(jobCount: number, mostLostLeases: number): Generator<Step> {
  const start = Array.from({ length: jobCount }, (): Job => ({ state: "waiting", lostLeases: 0 }));
  const seen = new Set([canonical(start)]);
  let frontier = [start];
  while (frontier.length > 0) {
    const next: Job[][] = [];
    for (const before of frontier) {
      for (const action of actionsIn(before)) {
        const expected = act(before, action);
        if (expected.some((job) => "lostLeases" in job && job.lostLeases > mostLostLeases)) {
          continue;
        }
        yield { before, action, expected };
        const key = canonical(expected);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(expected);
      }
    }
    frontier = next;
  }
}

const hasEnded = (job: Job) => job.state === "done" || job.state === "failed";
const isAlive = (job: Job) => job.state === "running" && !job.isExpired;
const isSuspect = (job: Job) => isAlive(job) && "lostLeases" in job && job.lostLeases > 0;

Deno.test("jobs, model: with 3 workers and 4 jobs none is done twice, stolen or stranded", () => {
  let steps = 0;
  for (const { before, action, expected } of explore(4, 2)) {
    steps++;
    before.forEach((job, index) => {
      if (hasEnded(job)) assert.deepEqual(expected[index], job, "an end is final");
      // A lease that lasts is taken by no claim.
      if (action.kind.startsWith("claim") && isAlive(job)) assert.deepEqual(expected[index], job);
    });
    if (action.kind !== "claim_suspect") continue;
    assert.ok(expected.filter(isSuspect).length <= 1 || before.filter(isSuspect).length > 1);
    // Once no lease lasts, the two claims take what is left.
    const canBeClaimed = !before.some(isAlive) && !before.every(hasEnded);
    const claimed = act(expected, { ...action, kind: "claim" });
    if (canBeClaimed) assert.notDeepEqual(claimed, before);
  }
  assert.ok(steps > 1_000_000, String(steps));
});

Deno.test("jobs, SQL: every step of 3 workers and 2 jobs is the model's", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await createStepper(sql);
  await compare(sql, [...explore(2, 5)]);
});

Deno.test("jobs, SQL: each 97th step of 3 workers and 4 jobs is the model's", async () => {
  await using database = await openTestDatabase();
  const sql = database.connect();
  await createStepper(sql);
  await compare(sql, [...explore(4, 1)].filter((_, index) => index % 97 === 0));
});

/** A crash happens outside of the database: its worker is one that never comes back. */
async function compare(sql: postgres.Sql, steps: Step[]): Promise<void> {
  const asked = steps.filter(({ action }) => action.kind !== "crash" && action.kind !== "expire");
  for (let from = 0; from < asked.length; from += 100) {
    const chunk = asked.slice(from, from + 100);
    const [row] = await sql`
      select run_steps(${
      sql.json(chunk.map(({ before, action }) => ({
        jobs: before.map(toRow),
        action: { ...action, worker: "worker" in action ? workerId(action.worker) : null },
      })))
    }, ${START}) as results`;
    chunk.forEach((step, index) => {
      assert.deepEqual(row!.results[index], step.expected.map(toRow), JSON.stringify(step));
    });
  }
}

function toRow(job: Job) {
  if (job.state === "waiting") return { state: job.state, lost_leases: job.lostLeases };
  if (job.state !== "running") return { state: job.state };
  const { state, holder, isExpired, lostLeases } = job;
  return {
    state,
    holder: workerId(holder === "dead" ? 9 : holder),
    is_expired: isExpired,
    lost_leases: lostLeases,
  };
}

/** Loads a state, takes a step and reads the state, many in one statement. */
async function createStepper(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create function run_steps(p_steps jsonb, p_now timestamptz) returns jsonb language plpgsql as $$
    declare
      v_step jsonb;
      v_results jsonb := '[]';
      v_worker uuid;
    begin
      truncate catalogue_jobs.jobs; -- dead rows of earlier steps would slow it down
      for v_step in select * from jsonb_array_elements(p_steps) loop
        delete from catalogue_jobs.jobs;
        insert into catalogue_jobs.jobs (id, source, state, not_before, holder, lease_until,
          lost_leases, created_at)
        overriding system value
        select place, 'https://pictures.example/' || place, job ->> 'state', p_now,
          (job ->> 'holder')::uuid,
          case job ->> 'is_expired' when 'true' then p_now when 'false' then p_now + interval '1 s' end,
          coalesce((job ->> 'lost_leases')::int, 0), p_now
        from jsonb_array_elements(v_step -> 'jobs') with ordinality as jobs (job, place);
        v_worker := v_step #>> '{action,worker}';
        case v_step #>> '{action,kind}'
          when 'claim' then
            perform catalogue_jobs.claim_jobs_at(v_worker, 1, 0, null, null, 120, false, p_now);
          when 'claim_suspect' then
            perform catalogue_jobs.claim_jobs_at(v_worker, 1, 0, null, null, 120, true, p_now);
          when 'lose' then
            perform catalogue_jobs.put_back_job_at((v_step #>> '{action,job}')::int + 1, v_worker,
              0, 0, 'PLATFORM_ERROR', 'worker', p_now);
          when 'renew' then
            perform catalogue_jobs.renew_jobs_at(v_worker, 120, p_now);
          when 'finish' then
            perform catalogue_jobs.finish_job_at((v_step #>> '{action,job}')::int + 1, v_worker, 0,
              '{}', '{}', p_now);
        end case;
        v_results := v_results || jsonb_build_array((
          select jsonb_agg(case state
            when 'running' then jsonb_build_object('state', state, 'holder', holder,
              'is_expired', lease_until <= p_now, 'lost_leases', lost_leases)
            when 'waiting' then jsonb_build_object('state', state, 'lost_leases', lost_leases)
            else jsonb_build_object('state', state)
          end order by id) from catalogue_jobs.jobs
        ));
      end loop;
      return v_results;
    end $$;
  `);
}
