import assert from "node:assert/strict";
import type { RequestContext } from "../../../supabase/functions/_shared/platform/http/endpoint.ts";
import { createTimings } from "../../../supabase/functions/_shared/platform/http/timings.ts";
import type { Dependencies } from "../../../supabase/functions/analyse-catalogue/dependencies.ts";
import { createHandler } from "../../../supabase/functions/analyse-catalogue/handler.ts";
import { assertRejected } from "../../support/api-errors.ts";
import { progressOf } from "../../support/fake-jobs.ts";
import { SERVICE, USER } from "../../support/function.ts";

/** Asks the handler, and notes what it asks of the jobs. */
function createAsk(caller = SERVICE) {
  const asked: string[] = [];
  const handle = createHandler({
    settings: { concurrency: 1, nanoUsdPerMonth: null },
    problems: [],
    authenticate: () => Promise.resolve(caller),
    jobs: {
      readProgress: () => (asked.push("progress"), Promise.resolve(progressOf())),
      claim: () => (asked.push("claim"), Promise.resolve({ outcome: "claimed", jobs: [] })),
      renew: () => Promise.resolve(),
    },
    client: {},
    analyse: () => Promise.reject(new Error("There is no job")),
    readAnalysisFacts: () => Promise.resolve({ ceilingNanoUsd: 1, promptVersion: "p" }),
    now: () => 0,
  } as unknown as Dependencies);
  const ask = (method: string, path = "") => {
    const context = {
      requestId: "request-1",
      responseHeaders: new Map(),
      timings: createTimings(() => 0),
      note: () => {},
    } as unknown as RequestContext;
    const request = new Request(`http://localhost/analyse-catalogue${path}`, { method });
    return handle(request, context);
  };
  return { ask, asked };
}

Deno.test("analyse-catalogue: GET and HEAD tell the progress, and POST works", async () => {
  for (const [method, expected] of [["GET", "progress"], ["HEAD", "progress"], ["POST", "claim"]]) {
    const { ask, asked } = createAsk();
    assert.equal((await ask(method!)).status, 200);
    assert.deepEqual([...new Set(asked)], [expected]);
  }
});

Deno.test("analyse-catalogue: another method or path is refused, and asks nothing of the jobs", async () => {
  const { ask, asked } = createAsk();
  for (
    const [method, path] of [["PUT", ""], ["DELETE", ""], ["GET", "/quote"], ["POST", "/health"]]
  ) {
    await assertRejected(ask(method!, path), "METHOD_NOT_ALLOWED");
  }
  await assertRejected(ask("GET", "/else"), "NOT_FOUND");
  assert.deepEqual(asked, []);
});

Deno.test("analyse-catalogue: who is no service with a project secret is refused, whatever is asked", async () => {
  for (const caller of [USER, { ...USER, hasSecret: true }, { ...SERVICE, hasSecret: false }]) {
    const { ask, asked } = createAsk(caller);
    for (const [method, path] of [["GET", ""], ["POST", ""], ["POST", "/quote"]]) {
      await assertRejected(ask(method!, path), "FORBIDDEN");
    }
    assert.deepEqual(asked, []);
  }
});
