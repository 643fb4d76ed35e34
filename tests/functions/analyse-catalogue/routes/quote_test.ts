import assert from "node:assert/strict";
import type { AnalysisFacts } from "../../../../supabase/functions/analyse-catalogue/jobs/analysis-facts.ts";
import type { Progress } from "../../../../supabase/functions/analyse-catalogue/jobs/jobs.ts";
import { createRandom } from "../../../../dev/random.ts";
import { toQuote } from "../../../../supabase/functions/analyse-catalogue/routes/quote.ts";

const FACTS: AnalysisFacts = {
  ceilingNanoUsd: 20_000_000,
  estimatedNanoUsd: 8_000_000,
  promptVersion: "p",
  textTokens: 500,
  maxPictureTokens: null,
  inputNanoUsd: 170,
  outputNanoUsd: 250,
  projectLeftNanoUsd: 5e9,
  perMinute: 600,
};
const ALL = { limit: null, moreJobs: 0, sample: null };
const progressOf = (
  usual: Partial<Progress["usual"]>,
  ledger: Partial<Progress["ledger"]> = {},
  waiting = 1_000,
) =>
  ({
    waiting,
    running: 0,
    stranded: 0,
    ledger: {
      analyses: 0,
      mean_nano: null,
      deviation_nano: null,
      completion_tokens: null,
      ...ledger,
    },
    usual: { analyses: 0, mean_nano: null, deviation_nano: null, known_share: null, ...usual },
  }) as Progress;

Deno.test("quote: without experience by list prices, and never more than the ceilings", () => {
  assert.deepEqual(toQuote(progressOf({}), FACTS, ALL, 4), {
    jobs: 1_000,
    expected_known: 0,
    expected_usd: 8,
    expected_between_usd: null,
    worst_usd: 20,
    basis: "list_prices",
    expected_seconds: 1_000,
    project_left_usd: 5,
  });
});

Deno.test("quote: with experience by what the last analyses cost, with an interval", () => {
  const usual = { analyses: 400, mean_nano: 2_000_000, deviation_nano: 400_000, known_share: 0.25 };
  const quote = toQuote(progressOf(usual), FACTS, ALL, 4);
  assert.deepEqual([quote.basis, quote.expected_usd, quote.expected_known], [
    "experience",
    1.5,
    250,
  ]);
  const [low, high] = quote.expected_between_usd!;
  assert.ok(low > 1.4 && low < 1.5 && high > 1.5 && high < 1.6, `${low} to ${high}`);
});

Deno.test("quote: what analyses cost by a model of quite other prices is no experience with the present one", () => {
  const usual = { analyses: 400, mean_nano: 2_000_000, deviation_nano: 400_000, known_share: 0.25 };
  const ledger = { analyses: 400, mean_nano: 2_000_000, deviation_nano: 400_000 };
  const dearer = { ...FACTS, inputNanoUsd: 1_700, outputNanoUsd: 2_500, ceilingNanoUsd: 2e8 };
  const cheaper = { ...FACTS, inputNanoUsd: 17, outputNanoUsd: 25, ceilingNanoUsd: 1_900_000 };
  for (const facts of [dearer, cheaper]) {
    const { basis } = toQuote(progressOf(usual, ledger), facts, ALL, 4);
    assert.equal(basis, "list_prices");
  }
});

Deno.test("quote: a new catalogue learns from what all users' analyses cost", () => {
  const ledger = { analyses: 100, mean_nano: 3_000_000, deviation_nano: 0 };
  const quote = toQuote(progressOf({}, ledger), FACTS, ALL, 4);
  assert.deepEqual([quote.basis, quote.expected_usd], ["ledger", 3]);
});

Deno.test("quote: a limit bounds all of it; no bound of the project is told as none", () => {
  const facts = { ...FACTS, projectLeftNanoUsd: null };
  const quote = toQuote(progressOf({}), facts, { ...ALL, limit: 10, moreJobs: 5 }, 4);
  assert.deepEqual([quote.jobs, quote.worst_usd, quote.project_left_usd], [10, 0.2, null]);
});

Deno.test("quote: a thousand pictures of a mix cost what 500 of it foretold, and never more than the worst", () => {
  const random = createRandom(1);
  // Phone, web and tiny pictures, by the tokens that their tiles take; descriptions of some length.
  const draw = () => {
    const tiles = [4, 4, 2, 1, 1][Math.floor(random() * 5)]!;
    return Math.round((tiles * 1_601 + 400) * 170 + (120 + random() * 200) * 250);
  };
  const seen = Array.from({ length: 500 }, draw);
  const mean = seen.reduce((sum, cost) => sum + cost, 0) / seen.length;
  const variance = seen.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / (seen.length - 1);
  const usual = {
    analyses: 500,
    mean_nano: mean,
    deviation_nano: Math.sqrt(variance),
    known_share: 0,
  };
  const quote = toQuote(progressOf(usual), FACTS, ALL, 4);
  const spent = Array.from({ length: 1_000 }, draw).reduce((sum, cost) => sum + cost, 0) / 1e9;
  const [low, high] = quote.expected_between_usd!;
  assert.ok(Math.abs(spent / quote.expected_usd - 1) < 0.05, `${spent} of ${quote.expected_usd}`);
  assert.ok(spent > low && spent < high && spent < quote.worst_usd, `${low} ${spent} ${high}`);
});

Deno.test("quote: a new catalogue's is from the sizes of a sample, by its strata", () => {
  const sample = {
    known: 100,
    strata: [
      { pictures: 300, tokens: [6_404, 6_404] },
      { pictures: 500, tokens: [1_601, 3_202, 1_601, 3_202] },
      { pictures: 100, tokens: [1_601, null] },
    ],
  };
  const quote = toQuote(progressOf({}), FACTS, { ...ALL, sample }, 4);
  const fixed = 500 * 170 + 220 * 250;
  const expected = 300 * (4 * 1_601 * 170 + fixed) + 500 * (1.5 * 1_601 * 170 + fixed) +
    50 * (1_601 * 170 + fixed);
  assert.deepEqual([quote.basis, quote.expected_known], ["sizes", 100]);
  assert.ok(Math.abs(quote.expected_usd * 1e9 - expected) < 1, `${quote.expected_usd}`);
  const [low, high] = quote.expected_between_usd!;
  assert.ok(low < quote.expected_usd && quote.expected_usd < high && high < quote.worst_usd);
});

Deno.test("quote: experience says more than sizes, sizes more than other catalogues' costs", () => {
  const sample = { known: 0, strata: [{ pictures: 1, tokens: [1_601] }] };
  const seen = { analyses: 100, mean_nano: 3_000_000, deviation_nano: 0 };
  const basisOf = (progress: Progress) => toQuote(progress, FACTS, { ...ALL, sample }, 4).basis;
  assert.equal(basisOf(progressOf({ ...seen, known_share: 0 })), "experience");
  assert.equal(basisOf(progressOf({}, seen)), "sizes");
  const unread = { known: 0, strata: [{ pictures: 1_000, tokens: [] }] };
  const quote = toQuote(progressOf({}, seen), FACTS, { ...ALL, sample: unread }, 4);
  assert.equal(quote.basis, "ledger");
});
