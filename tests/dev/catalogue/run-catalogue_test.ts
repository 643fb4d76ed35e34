import assert from "node:assert/strict";
import type { CatalogueProgress } from "../../../dev/catalogue/catalogue-progress.ts";
import { CatalogueError } from "../../../dev/catalogue/project-address.ts";
import type { AcceptedQuote, CatalogueProject } from "../../../dev/catalogue/project.ts";
import {
  describeProgress,
  describeQuote,
  describeResult,
  toFailureTable,
  toRunBar,
} from "../../../dev/catalogue/print.ts";
import { runCatalogue, type RunOptions } from "../../../dev/catalogue/run-catalogue.ts";
import type { WorkDone } from "../../../supabase/functions/analyse-catalogue/jobs/run.ts";

const QUOTE: AcceptedQuote = {
  jobs: 10,
  expected_known: 0,
  expected_usd: 0.05,
  expected_between_usd: null,
  worst_usd: 0.2,
  basis: "list_prices",
  expected_seconds: 10,
  project_left_usd: null,
  run: "r",
  budget_usd: 0.1,
};

const progressOf = (waiting: number): CatalogueProgress => ({
  waiting,
  due: waiting,
  running: 0,
  stranded: 0,
  done: 10 - waiting,
  failed: 0,
  is_paused: false,
  paused_until: null,
  last_run_at: null,
  stopped_by: null,
  enqueues_materials: false,
  upload_buckets: [],
  per_minute: 12,
  left_seconds: 300,
  cost_usd: 0.02,
  month: { spent_usd: 0, limit_usd: 10 },
  run: { spent_usd: 0.02, budget_usd: 0.1, jobs_left: null },
  failures: [],
});

const doneOf = (done: Partial<WorkDone>): WorkDone => ({
  ended: "time",
  analysed: 5,
  known: 1,
  failed: 0,
  put_back: 0,
  cost_usd: 0.01,
  retry_after_ms: null,
  reason: null,
  ...done,
});

/** A run against a project whose calls of the function come to these ends, each with what is left then. */
async function run(
  steps: ([Partial<WorkDone>, number] | Error)[],
  options: Partial<RunOptions> & { jobs?: number } = {},
) {
  const calls: string[] = [];
  const pauses: number[] = [];
  let left = options.jobs ?? 10;
  const project: CatalogueProject = {
    readProgress: () => Promise.resolve(progressOf(left)),
    enqueue: (_choice, { isDry } = {}) => {
      calls.push(isDry ? "count" : "enqueue");
      return Promise.resolve({ enqueued: left, without_picture: 0 });
    },
    readPromptVersion: () => Promise.resolve("present"),
    measurePictures: () => Promise.resolve({ known: 0, strata: [] }),
    quote: () => Promise.resolve({ ...QUOTE, jobs: left }),
    acceptQuote: ({ budgetUsd }) => {
      calls.push(`accept ${budgetUsd}`);
      return Promise.resolve(QUOTE);
    },
    work: () => {
      calls.push("work");
      const step = steps.shift()!;
      if (step instanceof Error) return Promise.reject(step);
      const [done, leftThen] = step;
      left = leftThen;
      return Promise.resolve(doneOf(done));
    },
    pause: () => Promise.resolve(),
    retryFailed: () => Promise.resolve(0),
  };
  const result = await runCatalogue({
    project,
    choice: {},
    accept: () => true,
    onProgress: () => {},
    signal: new AbortController().signal,
    pause: (ms, signal) => {
      // The one that watches waits a second; it is let go on only when it is stopped.
      if (ms === 1_000) {
        if (signal!.aborted) return Promise.resolve();
        return new Promise((resolve) => signal!.addEventListener("abort", () => resolve()));
      }
      pauses.push(ms);
      return Promise.resolve();
    },
    ...options,
  });
  return { result, calls, pauses };
}

Deno.test("catalogue run: quotes before it enqueues, and works until nothing is left", async () => {
  const { result, calls } = await run([[{}, 5], [{}, 0]], { budgetUsd: 5 });
  assert.deepEqual(calls, ["count", "enqueue", "accept 5", "work", "work"]);
  assert.deepEqual([result.ended, result.analysed, result.known, result.left], ["done", 10, 2, 0]);
});

Deno.test("catalogue run: declined, or with nothing to do, it changes nothing", async () => {
  const declined = await run([], { accept: () => false });
  assert.deepEqual([declined.result.ended, declined.calls], ["declined", ["count"]]);
  const nothing = await run([], { jobs: 0 });
  assert.deepEqual([nothing.result.ended, nothing.calls], ["nothing", ["count"]]);
});

Deno.test("catalogue run: a budget that is used up ends it, with what is left", async () => {
  const { result } = await run([[{ ended: "budget" }, 4]]);
  assert.deepEqual([result.ended, result.left], ["budget", 4]);
});

Deno.test("catalogue run: it waits as it is told, and for jobs that are not due", async () => {
  const { pauses } = await run([
    [{ ended: "stopped", retry_after_ms: 7_000 }, 10],
    [{ ended: "paused" }, 10],
    [{ ended: "idle" }, 1],
    [{}, 0],
  ]);
  assert.deepEqual(pauses, [7_000, 15_000, 10_000]);
});

Deno.test("catalogue run: interrupted, it tells what is left for the next", async () => {
  const interrupted = new AbortController();
  const { result } = await run([[{}, 6], [{}, 0]], {
    signal: interrupted.signal,
    onProgress: (progress) => {
      if (progress.waiting === 6) interrupted.abort();
    },
  });
  assert.deepEqual([result.ended, result.left], ["interrupted", 6]);
  assert.match(
    describeResult(result, 0)[0]!,
    /^Interrupted.*6 left for the next run, at most \$0\.0200 spent$/,
  );
});

Deno.test("catalogue run: a worker that is ended, or a gateway that fails, does not end it; five in a row do", async () => {
  const passing = new CatalogueError("answered 546", { isPassing: true });
  const steps = [passing, passing, [{}, 5], passing, passing, passing, passing, [{}, 0]];
  const { result, pauses } = await run(steps as Parameters<typeof run>[0]);
  assert.deepEqual([result.ended, result.analysed], ["done", 10]);
  assert.deepEqual(pauses, Array(6).fill(5_000));
  await assert.rejects(run(Array(5).fill(passing)), passing);
  const refused = new CatalogueError("answered 401");
  await assert.rejects(run([refused]), refused);
});

Deno.test("catalogue run: interrupted while it is quoted, nothing is enqueued and nothing asked", async () => {
  const interrupted = new AbortController();
  interrupted.abort();
  const { result, calls } = await run([], {
    signal: interrupted.signal,
    accept: () => Promise.reject(new Error("asked")),
  });
  assert.deepEqual([result.ended, result.run, calls], ["interrupted", null, ["count"]]);
});

Deno.test("catalogue run: stopped again and again, it is given up after an hour, and says by what", async () => {
  const reason = { code: "UPSTREAM_UNAVAILABLE", message: "No model answers" } as const;
  const stopped: [Partial<WorkDone>, number] = [
    { ended: "stopped", analysed: 0, retry_after_ms: 30_000, reason },
    10,
  ];
  const paused: [Partial<WorkDone>, number] = [
    { ended: "paused", analysed: 0, retry_after_ms: 960_000 },
    10,
  ];
  const { result, pauses } = await run([
    stopped,
    paused,
    [{}, 10],
    paused,
    stopped,
    paused,
    paused,
    paused,
  ]);
  assert.deepEqual([result.ended, result.reason], ["stopped", reason]);
  assert.deepEqual(pauses, [30_000, 960_000, 960_000, 30_000, 960_000, 960_000]);
  assert.match(describeResult(result, 0)[0]!, /^Given up .* \(No model answers\): 5 analysed/);
  const operators: [Partial<WorkDone>, number] = [{ ended: "paused", analysed: 0 }, 10];
  const { result: resumed } = await run([...Array(300).fill(operators), [{}, 0]]);
  assert.equal(resumed.ended, "done");
});

Deno.test("catalogue run: the project's own limit ends it in its own words", async () => {
  const reason = { code: "RATE_LIMITED", message: "The project may spend no more" } as const;
  const { result } = await run([[{ ended: "budget", reason }, 4]]);
  assert.match(describeResult(result, 0)[0]!, /^The project may spend no more: /);
});

Deno.test("catalogue run: another prompt than the present one is refused, for each run would pay for all again", async () => {
  const { calls } = await run([[{}, 0]], { choice: { olderThanPrompt: "present" } });
  assert.ok(calls.includes("work"));
  await assert.rejects(run([], { choice: { olderThanPrompt: "past" } }), {
    message: '--only is "prompt=past", but the present prompt is "present"',
  });
});

Deno.test("catalogue output: what has failed before is told, also where nothing is left to analyse", async () => {
  const { result } = await run([], { jobs: 0 });
  assert.equal(describeResult(result, 0).length, 1);
  assert.match(describeResult(result, 3)[1]!, /^failed in all: 3; .*retry-failed$/);
});

Deno.test("catalogue output: the bar says so where all that is left waits for a later moment", () => {
  const progress = { ...progressOf(5), due: 0 };
  assert.ok(toRunBar(progress, QUOTE).endsWith("  none is due yet"));
  assert.ok(!toRunBar({ ...progress, running: 1 }, QUOTE).includes("due"));
});

Deno.test("catalogue output: what stopped the last run is on the bar and in the status", () => {
  const progress = {
    ...progressOf(5),
    stopped_by: "DISABLED",
    paused_until: "2026-11-27T12:00:00Z",
  };
  assert.ok(toRunBar(progress, QUOTE).endsWith("  stopped by DISABLED"));
  assert.ok(
    describeProgress(progress).includes(
      "stopped by DISABLED; nothing is begun before 2026-11-27T12:00:00Z",
    ),
  );
});

Deno.test("catalogue output: the bar has rate, time and dollars, failures have their reasons", () => {
  assert.equal(
    toRunBar(progressOf(5), QUOTE),
    "[############------------]  5/10  12.0/min  5 min left  $0.0200 of $0.1000",
  );
  assert.deepEqual(
    describeQuote({ quote: QUOTE, withoutPicture: 2, alreadyEnqueued: 7 })
      .filter((line) => /left out|before/.test(line)),
    [
      "enqueued before, whatever was chosen, and first in turn: 7",
      "left out, for thumbnail_url is no https URL or storage://<bucket>/<path>: 2",
    ],
  );
  const failure = {
    id: 1,
    material_id: null,
    source: "https://a.example/1.jpg",
    code: "INVALID_IMAGE",
    error: "The JPEG is cut off",
    ended_at: "",
  };
  assert.deepEqual(toFailureTable([failure]), [
    "code           picture                  reason",
    "INVALID_IMAGE  https://a.example/1.jpg  The JPEG is cut off",
  ]);
});
