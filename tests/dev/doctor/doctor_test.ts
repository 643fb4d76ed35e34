/** What `deno task doctor` asks and prints, without a project. */
import assert from "node:assert/strict";
import { describeState, plot } from "../../../dev/doctor/print.ts";
import { type Days, DoctorError, readProjectState } from "../../../dev/doctor/read-state.ts";

const day = {
  requests: 0,
  answered: 0,
  denied: 0,
  cost_usd: 0,
  known: 0,
  lookups: 0,
  p50_ms: null,
  p95_ms: null,
};

const report: Days = {
  days: [
    { ...day, day: "2026-11-25" },
    {
      ...day,
      day: "2026-11-26",
      requests: 8,
      denied: 2,
      cost_usd: 0.5,
      known: 1,
      lookups: 4,
      p50_ms: 900,
      p95_ms: 2_400,
    },
  ],
  models: [{ model: "a/first", day: "2026-11-26", requests: 6, cost_usd: 0.5 }],
  denials: [{ limited_by: "day", requests: 2, subjects: 1 }],
  outcomes: [{ outcome: "UPSTREAM_TIMEOUT", requests: 1 }],
  spenders: [{ subject: "service:default", requests: 8, cost_usd: 0.5 }],
};

const project = { url: "https://project.example", secretKey: "sb_secret_test" };

/** Answers by path; what is not there is 404. */
function createFetch(answers: Record<string, [status: number, body: unknown]>) {
  const asked: Request[] = [];
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(request);
    const { pathname } = new URL(request.url);
    const [status, body] = answers[pathname] ?? [404, { message: "nothing" }];
    return Promise.resolve(Response.json(body, { status }));
  };
  return { fetch: fetch as typeof globalThis.fetch, asked };
}

const HEALTH = "/functions/v1/semantic-analysis/health";
const DAYS = "/rest/v1/rpc/semantic_analysis_read_days";
const SPACES = "/rest/v1/rpc/material_search_read_spaces";

Deno.test("doctor: findings and days are read with the secret, and printed as tables", async () => {
  const checks = [
    { name: "database", status: "ok", message: "The rate limit answers" },
    { name: "chain", status: "warning", message: "the cache has never hit", action: "see the TTL" },
  ];
  const { fetch, asked } = createFetch({
    [HEALTH]: [200, { status: "ok", version: "0.2.0", checks }],
    [DAYS]: [200, report],
  });
  const lines = describeState(await readProjectState(project, 2, fetch), 80);
  const text = lines.join("\n");
  assert.match(text, /semantic-analysis {2}ok, version 0\.2\.0/);
  assert.match(text, /! {7}chain {5}the cache has never hit\n +→ see the TTL/);
  assert.match(text, /analyse-catalogue {2}not deployed/);
  assert.match(text, /spent +▁█ +\$0\.5000 +\$0\.5000/);
  assert.match(text, /known by the cache +█ +25 % +25 %/);
  assert.match(text, /half within +█ +900 ms/);
  assert.match(text, /a\/first +▁█ +█{20} +6 +\$0\.5000/);
  assert.match(text, /day +2 +1/);
  assert.match(text, /UPSTREAM_TIMEOUT +1/);
  assert.ok(lines.every((line) => line.length <= 80), "a line is too wide");
  assert.ok(asked.every(({ headers }) => headers.get("apikey") === project.secretKey));
  assert.ok(asked.every(({ headers }) => !headers.has("authorization")));
});

Deno.test("doctor: embedding spaces are listed where the search is installed, and left out where it is not", async () => {
  const space = { dimensions: 512, metric: "cosine", is_searched: false, has_index: true };
  const spaces = [
    {
      ...space,
      name: "clip",
      model: "ViT-B/32",
      cut_off: 0.8125,
      vectors: 1200,
      is_searched: true,
    },
    { ...space, name: "new", model: "siglip", cut_off: null, vectors: 0, has_index: false },
  ];
  const answers = { [HEALTH]: [200, { status: "ok" }], [DAYS]: [200, report] } as const;
  const print = async (more: object) => {
    const { fetch } = createFetch({ ...answers, ...more } as never);
    return describeState(await readProjectState(project, 2, fetch), 80).join("\n");
  };
  const text = await print({ [SPACES]: [200, spaces] });
  assert.match(text, /clip +ViT-B\/32, 512 cosine +1,?200 +0\.813 +searched/);
  assert.match(text, /new +siglip, 512 cosine +0 +not learnt +no index/);
  assert.doesNotMatch(await print({}), /Embedding spaces/);
});

Deno.test("doctor: a project without the migration is told what to do", async () => {
  const { fetch } = createFetch({ [HEALTH]: [503, { status: "not_configured", checks: [] }] });
  const state = await readProjectState(project, 14, fetch);
  assert.match(describeState(state, 80).join("\n"), /not_configured[^]*supabase db push --remote/);
});

Deno.test("doctor: a function whose answer is no health is deployed and failing, with the answer told", async () => {
  const { fetch } = createFetch({ [HEALTH]: [503, { code: "BOOT_ERROR" }], [DAYS]: [200, report] });
  const { functions: [health] } = await readProjectState(project, 2, fetch);
  assert.equal(health?.status, "failed");
  assert.equal(health?.checks[0]?.status, "failed");
  assert.match(health?.checks[0]?.message ?? "", /503.*BOOT_ERROR/);
});

Deno.test("doctor: a wrong secret, and a project that can't be reached, are told in a sentence", async () => {
  const { fetch } = createFetch({ [HEALTH]: [401, {}] });
  await assert.rejects(readProjectState(project, 14, fetch), /SUPABASE_SECRET_KEY/);
  const down = () => Promise.reject(new TypeError("connection refused"));
  await assert.rejects(readProjectState(project, 14, down), DoctorError);
});

Deno.test("doctor: a plot is as high as its largest value, and blank where there is none", () => {
  assert.equal(plot([0, 5, null, 10]), "▁▅ █");
  assert.equal(plot([0, 0]), "▁▁");
});
