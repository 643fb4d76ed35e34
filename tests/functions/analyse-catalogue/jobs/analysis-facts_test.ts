import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createReadAnalysisFacts } from "../../../../supabase/functions/analyse-catalogue/jobs/analysis-facts.ts";

const LIMITS = {
  minute: { limit: 600 },
  project_month: { limit_usd: 20, spent_usd: 7.5 },
  analysis: {
    ceiling_usd: 0.05,
    estimated_usd: 0.01,
    prompt_version: "p1",
    text_tokens: 400,
    max_picture_tokens: null,
    input_usd_per_million: 0.18,
    output_usd_per_million: 0.3,
  },
};

function createReader(answer: () => Response, secretKey = "sb_secret_x") {
  const requests: Request[] = [];
  const read = createReadAnalysisFacts({
    supabaseUrl: "http://localhost",
    secretKey,
    fetch: (input, init) => {
      requests.push(new Request(input as URL, init));
      return Promise.resolve(answer());
    },
  });
  return { read, requests };
}

Deno.test("the facts of an analysis are told in billionths of a dollar, a token's price too", async () => {
  const { read, requests } = createReader(() => Response.json(LIMITS));
  assert.deepEqual(await read(), {
    ceilingNanoUsd: 50_000_000,
    estimatedNanoUsd: 10_000_000,
    promptVersion: "p1",
    textTokens: 400,
    maxPictureTokens: null,
    inputNanoUsd: 180,
    outputNanoUsd: 300,
    projectLeftNanoUsd: 12_500_000_000,
    perMinute: 600,
  });
  assert.equal(requests[0]!.headers.get("apikey"), "sb_secret_x");
  assert.equal(requests[0]!.headers.get("authorization"), null);
});

Deno.test("the facts of an analysis: a legacy key travels as a token too", async () => {
  const { read, requests } = createReader(() => Response.json(LIMITS), "eyJ.legacy.key");
  await read();
  assert.equal(requests[0]!.headers.get("authorization"), "Bearer eyJ.legacy.key");
});

Deno.test("the facts of an analysis: without a bound nothing is left to count; spent beyond it is none", async () => {
  const withMonth = (limit_usd: number | null) => ({
    ...LIMITS,
    project_month: { limit_usd, spent_usd: 7.5 },
  });
  const unbounded = createReader(() => Response.json(withMonth(null)));
  assert.equal((await unbounded.read()).projectLeftNanoUsd, null);
  const spent = createReader(() => Response.json(withMonth(5)));
  assert.equal((await spent.read()).projectLeftNanoUsd, 0);
});

Deno.test("the facts of an analysis: an answer that is none is UPSTREAM_UNAVAILABLE", async () => {
  for (const answer of [() => Response.json({ error: {} }), () => new Response("<html>")]) {
    await assert.rejects(
      createReader(answer).read(),
      (error) => error instanceof ApiError && error.code === "UPSTREAM_UNAVAILABLE",
    );
  }
});
