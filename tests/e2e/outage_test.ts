/** What happens when a part behind the function fails, and that it recovers by itself. */
import assert from "node:assert/strict";
import type { FaultInput } from "../../dev/together-stand-in/faults/faults.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import {
  checkOf,
  createTestClient,
  invoke,
  setFaults,
  signUp,
  takeUpstreamRequests,
  untilLogged,
} from "./project.ts";

interface UpstreamCase {
  name: string;
  faults: FaultInput[];
  status: number;
  code?: string;
  /** Requests that reached the provider. */
  requests: number;
}

const always = (fault: Record<string, unknown>) => [{ ...fault, times: "always" } as FaultInput];
const status = (status: number) => always({ kind: "status", status });

/** The chain has two models; each wait is cut short by `Retry-After`-like headers or is under 1.5 s. */
const CASES: UpstreamCase[] = [
  // Of the second model once more, without what it may not know.
  { name: "400", faults: status(400), status: 502, code: "UPSTREAM_REJECTED", requests: 3 },
  { name: "401", faults: status(401), status: 503, code: "NOT_CONFIGURED", requests: 1 },
  { name: "402", faults: status(402), status: 503, code: "UPSTREAM_UNAVAILABLE", requests: 1 },
  { name: "403", faults: status(403), status: 502, code: "UPSTREAM_REJECTED", requests: 2 },
  { name: "413", faults: status(413), status: 413, code: "IMAGE_TOO_LARGE", requests: 1 },
  { name: "422", faults: status(422), status: 502, code: "UPSTREAM_REJECTED", requests: 3 },
  {
    name: "429 with a long reset",
    faults: always({ kind: "status", status: 429, headers: { "x-ratelimit-reset": "60" } }),
    status: 503,
    code: "UPSTREAM_RATE_LIMITED",
    requests: 2,
  },
  {
    name: "503, then an answer",
    faults: [{ kind: "status", status: 503 }],
    status: 200,
    requests: 2,
  },
  { name: "500 once", faults: [{ kind: "status", status: 500 }], status: 200, requests: 2 },
  { name: "a retired default model", faults: [{ kind: "retired" }], status: 200, requests: 2 },
  {
    name: "nothing but retired models",
    faults: always({ kind: "retired" }),
    status: 503,
    code: "UPSTREAM_UNAVAILABLE",
    requests: 2,
  },
  {
    name: "a wrong URL",
    faults: always({ kind: "not_found" }),
    status: 503,
    code: "UPSTREAM_UNAVAILABLE",
    requests: 2,
  },
  { name: "a body cut off", faults: [{ kind: "cut_body" }], status: 200, requests: 2 },
  { name: "truncated JSON", faults: [{ kind: "truncated_json" }], status: 200, requests: 2 },
  { name: "garbage", faults: [{ kind: "garbage" }], status: 200, requests: 2 },
  {
    name: "HTML with status 200",
    faults: always({ kind: "html" }),
    status: 503,
    code: "UPSTREAM_UNAVAILABLE",
    requests: 3,
  },
  {
    name: "no choices",
    faults: always({ kind: "empty_choices" }),
    status: 502,
    code: "UPSTREAM_INVALID_RESPONSE",
    requests: 3,
  },
  { name: "an empty answer", faults: [{ kind: "empty_content" }], status: 200, requests: 2 },
  { name: "no usage", faults: [{ kind: "null_usage" }], status: 200, requests: 1 },
  {
    name: "a redirect",
    faults: always({ kind: "redirect" }),
    status: 503,
    code: "NOT_CONFIGURED",
    requests: 1,
  },
  {
    name: "a stall before the headers",
    faults: always({ kind: "stall_before_headers" }),
    status: 504,
    code: "UPSTREAM_TIMEOUT",
    requests: 1,
  },
  {
    name: "a stall in the body",
    faults: always({ kind: "stall_in_body" }),
    status: 504,
    code: "UPSTREAM_TIMEOUT",
    requests: 1,
  },
  {
    name: "a drip",
    faults: always({ kind: "drip", intervalMs: 100 }),
    status: 504,
    code: "UPSTREAM_TIMEOUT",
    requests: 1,
  },
];

Deno.test("every failure of the provider, over the wire", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      TOGETHER_FALLBACK_MODELS: "Qwen/Qwen3.5-9B",
      TOGETHER_TIMEOUT: "4",
      RATE_LIMIT_PER_MINUTE: "1000",
    },
  });
  const { supabase } = await signUp(stack);
  for (const fault of CASES) {
    await t.step(`${fault.name}: ${fault.status} ${fault.code ?? ""}`, async () => {
      // What a worker has learnt of a model must not answer the next case.
      await stack.restartProcess("semantic-analysis");
      await setFaults(stack, fault.faults);
      await takeUpstreamRequests(stack);
      const { status, headers, body } = await invoke(supabase);
      assert.equal(status, fault.status, JSON.stringify(body));
      if (fault.code) {
        assert.equal(body.error.code, fault.code);
        // The request id may hold any digits.
        const { request_id: _, ...error } = body.error;
        assert.doesNotMatch(JSON.stringify(error), /40[13]|127\.0\.0\.1|Bearer|<html/);
        assert.equal(headers.has("retry-after"), status === 503);
      }
      assert.equal((await takeUpstreamRequests(stack)).length, fault.requests);
      await setFaults(stack, []);
    });
  }

  await t.step("the answer of a fallback names both models", async () => {
    await stack.restartProcess("semantic-analysis");
    await setFaults(stack, [{ kind: "retired" }]);
    const { body } = await invoke(supabase);
    assert.equal(body.model_requested, "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo");
    assert.equal(body.warnings[0].code, "MODEL_FALLBACK");
    assert.match(body.warnings[0].message, /"Qwen\/Qwen3.5-9B" did/);
  });

  await t.step("a model found gone is not asked again for a while", async () => {
    await takeUpstreamRequests(stack);
    const { body } = await invoke(supabase);
    assert.equal(body.warnings[0].code, "MODEL_FALLBACK");
    const models = (await takeUpstreamRequests(stack)).map(({ model }) => model);
    assert.deepEqual(models, ["Qwen/Qwen3.5-9B"]);
  });

  await t.step("a spending limit is told at once afterwards, and raises an alarm", async () => {
    await stack.restartProcess("semantic-analysis");
    await setFaults(stack, [{ kind: "status", status: 402 }]);
    assert.equal((await invoke(supabase)).status, 503);
    await takeUpstreamRequests(stack);
    const { status, headers } = await invoke(supabase);
    assert.equal(status, 503);
    assert.ok(Number(headers.get("retry-after")) > 500);
    assert.deepEqual(await takeUpstreamRequests(stack), []);
    const line = await untilLogged(stack, "semantic-analysis", `"alarm":"The provider's spending`);
    assert.match(line, /"level":"error"/);
  });

  await t.step("a provider that isn't there at all is unavailable", async () => {
    await stack.restartProcess("semantic-analysis");
    await stack.stopProcess("together");
    const { status, body } = await invoke(supabase);
    assert.equal(status, 503);
    assert.equal(body.error.code, "UPSTREAM_UNAVAILABLE");
    const admin = createTestClient(stack, stack.secretKey);
    const doctor = await invoke(admin, { method: "GET" }, "semantic-analysis/health");
    assert.equal(doctor.status, 503);
    assert.equal(doctor.body.status, "failing");
    assert.equal(checkOf(doctor.body, "provider_key").message, "The provider does not answer");
  });
});

Deno.test("the doctor tells a refused key and a missing model", async () => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      TOGETHER_FALLBACK_MODELS: "gone/model",
    },
  });
  const admin = createTestClient(stack, stack.secretKey);
  const doctor = () => invoke(admin, { method: "GET" }, "semantic-analysis/health");
  const models = checkOf((await doctor()).body, "models");
  assert.equal(models.status, "warning");
  assert.match(models.message, /does not list "gone\/model"/);
  await setFaults(stack, [{ kind: "status", status: 401, route: "models" }]);
  const { status, body } = await doctor();
  assert.equal(status, 503);
  assert.equal(checkOf(body, "provider_key").message, "The provider refuses the key");
  assert.match(checkOf(body, "provider_key").action, /secrets set TOGETHER_API_KEY/);
});

Deno.test("without its database the function lets nothing through, and recovers", async (t) => {
  await using stack = await startTestStack({ functionEnvironment: { ANALYSIS_CACHE_TTL: "0" } });
  const { supabase } = await signUp(stack);
  const sql = stack.database.connect({ maxConnections: 1 });
  assert.equal((await invoke(supabase)).status, 200);

  const assertClosed = async () => {
    await takeUpstreamRequests(stack);
    const { status, headers, body } = await invoke(supabase);
    assert.equal(status, 503);
    assert.equal(body.error.code, "RATE_LIMITER_UNAVAILABLE");
    assert.ok(Number(headers.get("retry-after")) > 0);
    assert.deepEqual(await takeUpstreamRequests(stack), []);
  };

  await t.step("a locked row of the limits: 503 within 2 s, then it works again", async () => {
    await sql.begin(async (holder) => {
      await holder`select from semantic_analysis.rate_limits for update`;
      await assertClosed();
    });
    assert.equal((await invoke(supabase)).status, 200);
  });

  await t.step("PostgREST down: 503, then it works again without a restart", async () => {
    await stack.stopProcess("postgrest");
    await assertClosed();
    await stack.restartProcess("postgrest");
    assert.equal((await invoke(supabase)).status, 200);
  });

  await t.step(
    "the migration missing: 503 NOT_CONFIGURED, and the doctor says what to do",
    async () => {
      await sql`drop function public.semantic_analysis_reserve`;
      await sql`drop function public.semantic_analysis_read_limits`;
      await stack.restartProcess("postgrest");
      const { status, body } = await invoke(supabase);
      assert.equal(status, 503);
      assert.equal(body.error.code, "NOT_CONFIGURED");
      const admin = createTestClient(stack, stack.secretKey);
      const doctor = await invoke(admin, { method: "GET" }, "semantic-analysis/health");
      assert.equal(checkOf(doctor.body, "database").action, "Run: supabase db push --remote");
    },
  );
});
