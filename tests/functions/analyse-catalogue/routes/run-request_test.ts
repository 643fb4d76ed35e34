import assert from "node:assert/strict";
import {
  parseQuoteRequest,
  parseRunRequest,
} from "../../../../supabase/functions/analyse-catalogue/routes/run-request.ts";
import { assertRejected } from "../../../support/api-errors.ts";

const RUN = "0f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e";

const post = (body?: unknown) =>
  new Request("http://localhost/", {
    method: "POST",
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    }),
  });

Deno.test("parseRunRequest(): an empty body and nulls mean a run of a hundred jobs on the month's budget", async () => {
  for (const body of [undefined, {}, { run: null, limit: null }]) {
    assert.deepEqual(await parseRunRequest(post(body)), { run: null, limit: 100 });
  }
  assert.deepEqual(await parseRunRequest(post({ run: RUN, limit: 1 })), { run: RUN, limit: 1 });
  assert.equal((await parseRunRequest(post({ limit: 100 }))).limit, 100);
});

Deno.test("parseRunRequest() refuses other limits than 1 to 100, and names the field", async () => {
  for (const limit of [0, 101, 1.5, "1"]) {
    const { details } = await assertRejected(parseRunRequest(post({ limit })), "INVALID_REQUEST");
    assert.deepEqual(details, { limit: "must be a whole number from 1 to 100" });
  }
  await assertRejected(parseRunRequest(post({ run: "latest" })), "INVALID_REQUEST");
});

Deno.test("parseQuoteRequest(): an empty body and nulls ask for all, and accept nothing", async () => {
  const all = { moreJobs: 0, isAccepted: false, budgetUsd: null, limit: null, sample: null };
  const nulls = { more_jobs: null, accept: null, budget_usd: null, limit: null, sample: null };
  for (const body of [undefined, {}, nulls]) {
    assert.deepEqual(await parseQuoteRequest(post(body)), all);
  }
});

Deno.test("parseQuoteRequest() takes each number up to its bounds, and nothing beyond", async () => {
  const stratum = { pictures: 1, tokens: [0, null] };
  for (
    const taken of [
      { more_jobs: 0, limit: 1, budget_usd: 1e6 },
      { more_jobs: 10_000_000 },
      { budget_usd: 0.000001 },
      { sample: { known: 0, strata: new Array(100).fill(stratum) } },
      { sample: { known: 0, strata: [{ pictures: 1, tokens: new Array(1_000).fill(1) }] } },
    ]
  ) await parseQuoteRequest(post(taken));
  for (
    const refused of [
      { more_jobs: -1 },
      { more_jobs: 10_000_001 },
      { sample: { known: 0, strata: null } },
      { limit: 0 },
      { budget_usd: 0 },
      { budget_usd: 1_000_000.01 },
      { accept: "yes" },
      { sample: { known: -1, strata: [] } },
      { sample: { known: 0, strata: new Array(101).fill(stratum) } },
      { sample: { known: 0, strata: [{ pictures: 0, tokens: [] }] } },
      { sample: { known: 0, strata: [{ pictures: 1, tokens: [-1] }] } },
      { sample: { known: 0, strata: [{ pictures: 1, tokens: new Array(1_001).fill(1) }] } },
    ]
  ) {
    const { details } = await assertRejected(parseQuoteRequest(post(refused)), "INVALID_REQUEST");
    assert.equal(Object.keys(details ?? {}).length, 1);
  }
});
