import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { Dependencies } from "../../../../supabase/functions/analyse-catalogue/dependencies.ts";
import type { Progress } from "../../../../supabase/functions/analyse-catalogue/jobs/jobs.ts";
import { showHealth } from "../../../../supabase/functions/analyse-catalogue/routes/health.ts";
import { progressOf } from "../../../support/fake-jobs.ts";
import { SERVICE, USER } from "../../../support/function.ts";

async function show(progress: Partial<Progress>, others: Partial<Dependencies> = {}) {
  const response = await showHealth(
    new Request("http://localhost/analyse-catalogue/health"),
    {
      problems: [],
      authenticate: () => Promise.resolve(SERVICE),
      jobs: { readProgress: () => Promise.resolve(progressOf(progress)) },
      ...others,
    } as unknown as Dependencies,
  );
  const body = await response.json();
  const checks: { name: string; status: string; message: string; action?: string }[] =
    body.checks ?? [];
  return { status: response.status, body, checks };
}

/** The status of one check, and whether it says what to do. */
async function statusOf(name: string, progress: Partial<Progress>): Promise<string> {
  const check = (await show(progress)).checks.find((each) => each.name === name)!;
  assert.equal(check.action !== undefined, check.status !== "ok");
  return check.status;
}

Deno.test("health of the catalogue: a job that is due for more than an hour is a warning, but while work is paused", async () => {
  assert.equal(await statusOf("jobs", {}), "ok");
  assert.equal(await statusOf("jobs", { due: 1, oldest_waiting_s: 3_600 }), "ok");
  assert.equal(await statusOf("jobs", { due: 1, oldest_waiting_s: 3_601 }), "warning");
  assert.equal(await statusOf("jobs", { due: 1, oldest_waiting_s: 9_999, is_paused: true }), "ok");
});

Deno.test("health of the catalogue: it tells what waits, and for how long where something is due", async () => {
  const messageOf = async (progress: Partial<Progress>) =>
    (await show(progress)).checks.find(({ name }) => name === "jobs")!.message;
  assert.equal(await messageOf({ waiting: 3 }), "3 jobs waiting, 0 due");
  assert.equal(
    await messageOf({ waiting: 1, due: 1, oldest_waiting_s: 60 }),
    "1 job waiting, 1 due, the oldest for 1 minute",
  );
  assert.equal(
    await messageOf({ waiting: 3, due: 1, oldest_waiting_s: 120, is_paused: true }),
    "3 jobs waiting, 1 due, the oldest for 2 minutes; work is paused by the operator",
  );
});

Deno.test("health of the catalogue: what stopped the last run is a warning while a job is due, with what to do", async () => {
  const stopped = { due: 1, oldest_waiting_s: 60, stopped_by: "DISABLED" };
  assert.equal(await statusOf("jobs", stopped), "warning");
  assert.equal(await statusOf("jobs", { ...stopped, due: 0 }), "ok");
  assert.equal(await statusOf("jobs", { ...stopped, is_paused: true }), "ok");
  const { message, action } = (await show({ ...stopped, oldest_waiting_s: 9_999 })).checks
    .find(({ name }) => name === "jobs")!;
  assert.match(message, /; the last run was stopped by DISABLED$/);
  assert.match(action!, /docs\/errors\.md for DISABLED/);
  const refused = (await show({ ...stopped, stopped_by: "NOT_STORED" })).checks
    .find(({ name }) => name === "jobs")!;
  assert.match(refused.action!, /material_visual_analysis.*retry-failed/);
});

Deno.test("health of the catalogue: where jobs wait for long, it tells what is spent of the month's budget", async () => {
  const progress = { due: 1, oldest_waiting_s: 9_999, month_spent_nano: 9_990_000_000 };
  const settings = { nanoUsdPerMonth: 1e10 } as Dependencies["settings"];
  const { action } = (await show(progress, { settings })).checks
    .find(({ name }) => name === "jobs")!;
  assert.match(action!, /CATALOGUE_USD_PER_MONTH is not used up \(\$9\.99 of \$10\.00\)/);
});

Deno.test("health of the catalogue: it tells when the last run began, or that none has", async () => {
  const messageOf = async (lastRunAt: string | null) =>
    (await show({ last_run_at: lastRunAt })).checks.find(({ name }) => name === "last_run")!
      .message;
  assert.equal(await messageOf(null), "No run has begun yet");
  const at = "2026-11-26T12:00:00Z";
  assert.equal(await messageOf(at), `The last run began ${at}`);
});

Deno.test("health of the catalogue: more failures than a tenth of a day's jobs are a warning", async () => {
  assert.equal(await statusOf("failures", { failed_last_day: 10, ended_last_day: 100 }), "ok");
  assert.equal(await statusOf("failures", { failed_last_day: 11, ended_last_day: 100 }), "warning");
  assert.equal(await statusOf("failures", { failed_last_day: 1, ended_last_day: 1 }), "warning");
});

Deno.test("health of the catalogue: jobs that don't answer fail it with 502 or 503, and callers without a secret see no findings", async () => {
  const broken = {
    jobs: { readProgress: () => Promise.reject(new Error("No database")) },
  } as unknown as Partial<Dependencies>;
  const failing = await show({}, broken);
  assert.equal(failing.body.status, "failing");
  assert.ok(failing.status >= 500);
  assert.equal(failing.checks.find(({ name }) => name === "jobs")!.message, "No database");
  for (
    const authenticate of [
      () => Promise.resolve(USER),
      () => Promise.reject(new Error("A bad token")),
    ]
  ) {
    const { status, body } = await show({}, { ...broken, authenticate });
    assert.deepEqual([status, body.status, body.checks], [200, "ok", undefined]);
  }
});

Deno.test("health of the catalogue: the migration is asked for where it is missing, and not where the database is down", async () => {
  const actionOf = async (error: Error) => {
    const jobs = { readProgress: () => Promise.reject(error) };
    const { checks } = await show({}, { jobs } as unknown as Partial<Dependencies>);
    return checks.find(({ name }) => name === "jobs")!.action!;
  };
  assert.match(await actionOf(new ApiError("NOT_CONFIGURED", "missing")), /db push/);
  assert.match(await actionOf(new ApiError("UPSTREAM_UNAVAILABLE", "down")), /database is running/);
});

Deno.test("health of the catalogue: wrong settings are named to a project secret", async () => {
  const problems = [{ variable: "CATALOGUE_CONCURRENCY", value: "0", wanted: "a whole number" }];
  const { status, body, checks } = await show({}, {
    settings: null,
    problems,
  } as unknown as Partial<Dependencies>);
  assert.deepEqual([status, body.status], [503, "not_configured"]);
  assert.equal(checks[0]!.message, 'CATALOGUE_CONCURRENCY is "0"; it must be a whole number');
  assert.equal(checks[0]!.action, "Run: supabase secrets set CATALOGUE_CONCURRENCY=…");
});
