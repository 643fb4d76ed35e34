import assert from "node:assert/strict";
import type { RequestContext } from "../../../../supabase/functions/_shared/platform/http/endpoint.ts";
import type { Ready } from "../../../../supabase/functions/analyse-catalogue/dependencies.ts";
import type { Progress } from "../../../../supabase/functions/analyse-catalogue/jobs/jobs.ts";
import { showProgress } from "../../../../supabase/functions/analyse-catalogue/routes/progress.ts";
import { assertRejected } from "../../../support/api-errors.ts";
import { progressOf } from "../../../support/fake-jobs.ts";

const RUN = "0f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e";

/** Asks with this query. The month's budget is 10 dollars. */
async function show(
  query = "",
  progress: Partial<Progress> = {},
  nanoUsdPerMonth: number | null = 1e10,
) {
  const asked: unknown[] = [];
  const response = await showProgress(
    new Request(`http://localhost/analyse-catalogue${query}`),
    { requestId: "request-1" } as RequestContext,
    {
      settings: { nanoUsdPerMonth },
      jobs: {
        readProgress: (options: unknown) => {
          asked.push(options);
          return Promise.resolve(progressOf(progress));
        },
      },
    } as unknown as Ready,
  );
  return { asked, body: await response.json() };
}

Deno.test("progress: money is told in dollars, and the time left by the last ten minutes", async () => {
  const { body } = await show("", {
    waiting: 20,
    running: 4,
    stranded: 1,
    ended_last_10_min: 30,
    cost_nano: 2_500_000_000,
    month_spent_nano: 1_250_000_000,
    run: { limit_nano: 4e9, spent_nano: 5e8, jobs_left: 7 },
  });
  assert.deepEqual([body.per_minute, body.left_seconds], [3, 500]);
  assert.equal(body.cost_usd, 2.5);
  assert.deepEqual(body.month, { spent_usd: 1.25, limit_usd: 10 });
  assert.deepEqual(body.run, { budget_usd: 4, spent_usd: 0.5, jobs_left: 7 });
  assert.equal(body.request_id, "request-1");
  // What a quote is made of is not for callers.
  for (const name of ["usual", "ledger", "cost_nano"]) assert.ok(!(name in body), name);
});

Deno.test("progress: a time left is rounded up, and is null while nothing ends", async () => {
  const left = async (progress: Partial<Progress>) => (await show("", progress)).body.left_seconds;
  assert.equal(await left({ waiting: 1, ended_last_10_min: 7 }), 86);
  assert.equal(await left({ waiting: 2, ended_last_10_min: 1 }), 1_200);
  assert.equal(await left({ ended_last_10_min: 7 }), 0);
  assert.equal(await left({ waiting: 1 }), null);
});

Deno.test("progress: without a budget or a run they are null", async () => {
  const { asked, body } = await show("", {}, null);
  assert.deepEqual([body.month.limit_usd, body.run], [null, null]);
  assert.deepEqual(asked, [{ run: null, failures: 0 }]);
});

Deno.test("progress: a run is told by its id, and failures from 0 to 1000", async () => {
  assert.deepEqual((await show(`?run=${RUN}&failures=1000`)).asked, [{ run: RUN, failures: 1000 }]);
  assert.deepEqual((await show("?failures=0")).asked, [{ run: null, failures: 0 }]);
  assert.deepEqual((await show("?run=&failures=")).asked, [{ run: null, failures: 0 }]);
  for (const query of ["failures=-1", "failures=1001", "failures=1.5", "failures=all"]) {
    const { details } = await assertRejected(show(`?${query}`), "INVALID_REQUEST");
    assert.deepEqual(Object.keys(details ?? {}), ["failures"], query);
  }
  for (
    const run of [
      RUN.slice(1),
      `${RUN}0`,
      RUN.replace("0", "g"),
      "-".repeat(36),
      "0".repeat(36),
    ]
  ) {
    const { details } = await assertRejected(show(`?run=${run}`), "INVALID_REQUEST");
    assert.deepEqual(Object.keys(details ?? {}), ["run"], run);
  }
});
