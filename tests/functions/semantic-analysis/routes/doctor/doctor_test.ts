import assert from "node:assert/strict";
import { STATE } from "../../../../support/fake-limiter.ts";
import { parseSettings } from "../../../../../supabase/functions/semantic-analysis/settings.ts";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { toNotConfigured } from "../../../../../supabase/functions/_shared/platform/database/not-set-up.ts";
import type { RateLimiter } from "../../../../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import type { CallOptions } from "../../../../../supabase/functions/_shared/together-ai/client.ts";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherTimeoutError,
} from "../../../../../supabase/functions/_shared/together-ai/errors.ts";
import type { Check } from "../../../../../supabase/functions/semantic-analysis/routes/doctor/check.ts";
import {
  createDoctor,
  type DoctorOptions,
} from "../../../../../supabase/functions/semantic-analysis/routes/doctor/doctor.ts";

const { settings: SETTINGS } = parseSettings({
  TOGETHER_API_KEY: "key",
  TOGETHER_MODEL: "vendor/first",
  TOGETHER_FALLBACK_MODELS: "vendor/second",
});

/** It can read and nothing else. */
const createRateLimiter = (read: RateLimiter["read"]) => ({ read });

const createClient = (listModels: (options: CallOptions) => Promise<string[]>) => ({
  listModels,
  readTrackRecord: () => [],
});

const runDoctor = (options: DoctorOptions) => createDoctor(options)();

const HEALTHY: DoctorOptions = {
  settings: SETTINGS,
  problems: [],
  platform: null,
  unauthorized: { read: () => ({}) },
  database: null,
  rateLimiter: createRateLimiter(() =>
    Promise.resolve({ ...STATE, projectSpentNanoUsd: 0, anonymousSpentNanoUsd: 0 })
  ),
  client: createClient(() => Promise.resolve(["vendor/first", "vendor/second", "vendor/third"])),
  storage: { isReachable: true },
};

/** The result of one check. */
async function check(name: Check["name"], options: Partial<DoctorOptions>): Promise<Check> {
  const checks = await runDoctor({ ...HEALTHY, ...options });
  const found = checks.filter((check) => check.name === name);
  assert.equal(found.length, 1);
  return found[0]!;
}

const failingClient = (error: unknown) => ({ client: createClient(() => Promise.reject(error)) });

const failingDatabase = (error: unknown) => ({
  rateLimiter: createRateLimiter(() => Promise.reject(error)),
});

Deno.test("runDoctor() finds nothing wrong with a healthy function", async () => {
  const checks = await runDoctor(HEALTHY);
  assert.deepEqual(checks.map(({ name, status }) => [name, status]), [
    ["configuration", "ok"],
    ["ceiling", "ok"],
    ["signing_keys", "skipped"],
    ["credentials", "ok"],
    ["functions", "skipped"],
    ["database", "ok"],
    ["migrations", "skipped"],
    ["search", "skipped"],
    ["chain", "skipped"],
    ["calibration", "skipped"],
    ["provider_key", "ok"],
    ["models", "ok"],
    ["attempts", "skipped"],
    ["storage", "ok"],
  ]);
  assert.ok(checks.every((check) => !("action" in check)));
});

Deno.test("runDoctor() tells of everything that doesn't work what to do about it", async () => {
  const broken: DoctorOptions[] = [
    { ...HEALTHY, settings: null, rateLimiter: null, client: null, storage: null },
    {
      ...HEALTHY,
      ...failingDatabase(new Error("down")),
      ...failingClient(new TogetherTimeoutError(1)),
    },
    { ...HEALTHY, client: createClient(() => Promise.resolve([])) },
  ];
  for (const options of broken) {
    for (const { name, status, action } of await runDoctor(options)) {
      assert.equal(action !== undefined, status === "failed" || status === "warning", name);
    }
  }
});

Deno.test("runDoctor() names each variable, its value and what is wanted", async () => {
  const { problems } = parseSettings({ TOGETHER_API_KEY: "", TOGETHER_TIMEOUT: "60000" });
  assert.deepEqual(await check("configuration", { problems: problems!, settings: null }), {
    name: "configuration",
    status: "failed",
    message: 'TOGETHER_TIMEOUT is "60000"; it must be a number of seconds from 2 to 3600. ' +
      "TOGETHER_API_KEY is missing or not usable; it must be a Together AI API key, from " +
      "https://api.together.ai/settings/api-keys",
    action: "Run: supabase secrets set TOGETHER_TIMEOUT=… TOGETHER_API_KEY=…",
  });
});

Deno.test("runDoctor() names the entries of ALLOWED_ORIGINS that allow nothing", async () => {
  const { settings } = parseSettings({
    TOGETHER_API_KEY: "k",
    ALLOWED_ORIGINS: "https://a.example.com, https://b.example.com/path, c.example.com",
  });
  const { status, message, action } = await check("configuration", { settings });
  assert.equal(status, "warning");
  assert.match(message, /"https:\/\/b\.example\.com\/path", "c\.example\.com"; it must be \*/);
  assert.equal(action, "Run: supabase secrets set ALLOWED_ORIGINS=…");
  assert.deepEqual(settings?.allowedOrigins, ["https://a.example.com"]);
});

Deno.test("runDoctor() tells a missing migration from a database that doesn't answer", async () => {
  const missing = await check(
    "database",
    failingDatabase(new ApiError("NOT_CONFIGURED", "The migration is missing")),
  );
  assert.equal(missing.status, "failed");
  assert.equal(missing.action, "Run: supabase db push --remote");

  for (const error of [new ApiError("RATE_LIMITER_UNAVAILABLE", "secret"), new Error("secret")]) {
    const failing = await check("database", failingDatabase(error));
    assert.equal(failing.status, "failed");
    assert.match(failing.message, /does not answer/);
    assert.doesNotMatch(JSON.stringify(failing), /db push|secret/);
  }
});

Deno.test("runDoctor() tells what the database says, and who may mend it", async () => {
  const cause = { code: "42501", message: "permission denied for schema public" };
  const { message, action } = await check(
    "database",
    failingDatabase(new ApiError("RATE_LIMITER_UNAVAILABLE", "x", { cause })),
  );
  assert.equal(message, "The rate limit does not answer: permission denied for schema public");
  assert.match(action!, /^Grant to service_role/);
});

Deno.test("runDoctor() tells a schema that is not exposed from a missing migration", async () => {
  const cause = { code: "PGRST106", message: "The schema must be one of the following: api" };
  const { message, action } = await check(
    "database",
    failingDatabase(toNotConfigured(cause, "The function's")),
  );
  assert.match(message, /does not expose the schema public/);
  assert.match(action!, /add public to its "Exposed schemas"/);
});

Deno.test("runDoctor() names the variables without which there is no database", async () => {
  const { status, message } = await check("database", { rateLimiter: null });
  assert.equal(status, "failed");
  assert.match(message, /SUPABASE_URL/);
});

Deno.test("runDoctor() skips the provider until the configuration is right", async () => {
  for (const options of [{ settings: null }, { client: null }]) {
    assert.equal((await check("provider_key", options)).status, "skipped");
    assert.equal((await check("models", options)).status, "skipped");
  }
});

Deno.test("runDoctor() tells a key that is refused from a provider that doesn't answer", async () => {
  const refused = failingClient(new TogetherApiError(401));
  assert.equal((await check("provider_key", refused)).message, "The provider refuses the key");
  assert.match((await check("provider_key", refused)).action!, /TOGETHER_API_KEY/);

  for (
    const error of [
      new TogetherApiError(500),
      new TogetherApiError(429),
      new TogetherTimeoutError(5_000),
      new TogetherConnectionError(new Error("refused"), { isUnreachable: true }),
    ]
  ) {
    const failing = await check("provider_key", failingClient(error));
    assert.equal(failing.status, "failed");
    assert.equal(failing.message, "The provider does not answer");
    assert.equal((await check("models", failingClient(error))).status, "skipped");
  }
});

Deno.test("runDoctor() waits for the provider no longer than an operator would", async () => {
  const timeouts: number[] = [];
  const client = createClient(({ timeoutMs }) => {
    timeouts.push(timeoutMs);
    return Promise.resolve([]);
  });
  await runDoctor({ ...HEALTHY, client });
  assert.deepEqual(timeouts, [5_000]);
});

Deno.test("runDoctor() warns of models that the provider doesn't list", async () => {
  const listing = (...ids: string[]) => ({ client: createClient(() => Promise.resolve(ids)) });
  const one = await check("models", listing("vendor/second"));
  assert.equal(one.status, "warning");
  assert.equal(
    one.message,
    'The provider does not list "vendor/first"; the rest of the chain stands in',
  );
  const all = await check("models", listing("vendor/third"));
  assert.equal(all.status, "warning");
  assert.equal(
    all.message,
    'The provider does not list "vendor/first", "vendor/second", which is the whole chain',
  );
});

Deno.test("runDoctor() runs the other checks when one fails", async () => {
  const checks = await runDoctor({
    ...HEALTHY,
    ...failingDatabase(new Error("down")),
    ...failingClient(new TogetherApiError(401)),
  });
  const failed = checks.filter(({ status }) => status === "failed").map(({ name }) => name);
  assert.deepEqual(failed, ["database", "provider_key"]);
});

Deno.test("runDoctor() says whether the metadata of pictures in Storage goes along", async () => {
  const passed = await check("storage", {});
  assert.match(passed.message, /signed URLs; their metadata.*STORAGE_PASS=bytes/);
  const read = await check("storage", { storage: { isReachable: false } });
  assert.match(read.message, /passed on as bytes$/);
});
