import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createFunction, SERVICE, USER } from "../../../support/function.ts";

const SECRET = { headers: { apikey: "sb_secret_x" } };

Deno.test("the doctor names the wrong setting, its value and what is wanted", async () => {
  const { call } = createFunction({ caller: SERVICE, variables: { TOGETHER_TIMEOUT: "60000" } });
  const response = await call("/semantic-analysis/health", SECRET);
  assert.equal(response.status, 503);
  const { status, checks } = await response.json();
  assert.equal(status, "not_configured");
  assert.deepEqual(checks[0], {
    name: "configuration",
    status: "failed",
    message: 'TOGETHER_TIMEOUT is "60000"; it must be a number of seconds from 2 to 3600',
    action: "Run: supabase secrets set TOGETHER_TIMEOUT=…",
  });
});

Deno.test("the health shows a stranger nothing but status and version", async () => {
  for (const caller of [USER, new ApiError("UNAUTHORIZED", "Sign in")]) {
    const { call, together } = createFunction({ caller });
    for (const headers of [{}, { Authorization: "Bearer x" }]) {
      const response = await call("/semantic-analysis/health", { headers });
      assert.equal(response.status, 200);
      assert.deepEqual(Object.keys(await response.json()), ["status", "version"]);
    }
    assert.equal(together.requests.length, 0);
  }
});

Deno.test("a health that is 503 says when to ask again", async () => {
  const unfinished = createFunction({ variables: { TOGETHER_TIMEOUT: "60000" } });
  const failing = createFunction({
    caller: SERVICE,
    answers: [() => new Response(null, { status: 500 })],
  });
  for (const { call } of [unfinished, failing]) {
    const response = await call("/semantic-analysis/health", SECRET);
    assert.equal(response.status, 503);
    assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  }
});

Deno.test("the health of a function that works or is switched off has no Retry-After", async () => {
  for (const ANALYSIS_ENABLED of ["true", "false"]) {
    const { call } = createFunction({ variables: { ANALYSIS_ENABLED } });
    const response = await call("/semantic-analysis/health");
    assert.deepEqual([response.status, response.headers.has("retry-after")], [200, false]);
  }
});

Deno.test("a monitor may ask for the health with HEAD", async () => {
  for (const [variables, status] of [[{}, 200], [{ TOGETHER_TIMEOUT: "60000" }, 503]] as const) {
    const { call } = createFunction({ variables });
    const response = await call("/semantic-analysis/health", { method: "HEAD" });
    assert.deepEqual([response.status, await response.text()], [status, ""]);
  }
});

Deno.test("the health refuses a secret that is wrong", async () => {
  const { call } = createFunction({ caller: new ApiError("UNAUTHORIZED", "Sign in") });
  const response = await call("/semantic-analysis/health", {
    headers: { apikey: "sb_secret_wrong" },
  });
  assert.equal(response.status, 401);
});
