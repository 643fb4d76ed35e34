import assert from "node:assert/strict";
import { createServiceDatabase } from "../../../supabase/functions/_shared/database.ts";
import { ApiError } from "../../../supabase/functions/_shared/http/api-error.ts";
import {
  createRateLimiter,
  toRateLimitedError,
} from "../../../supabase/functions/_shared/rate-limiter.ts";

const LIMITS = { perMinute: 20, burst: 5, perDay: 200 };

const ROW = {
  allowed: true,
  limited_by: null,
  retry_after_ms: null,
  minute_remaining: 4,
  minute_reset_ms: 3_000,
  day_remaining: 199,
  day_reset_ms: 40_000_000,
};

/** The real supabase-js on a fetch of ours. */
function createLimiter(fetch: typeof globalThis.fetch, signal?: AbortSignal) {
  return createRateLimiter({
    database: createServiceDatabase("http://localhost:1", "sb_secret_x", fetch),
    ...(signal && { createTimeoutSignal: () => signal }),
  });
}

const isApiError = (code: string) => (error: unknown) =>
  error instanceof ApiError && error.code === code;

Deno.test("reserve() calls the RPC once with the subject and its limits", async () => {
  const requests: Request[] = [];
  const limiter = createLimiter((input, init) => {
    requests.push(new Request(input, init));
    return Promise.resolve(Response.json(ROW));
  });
  const decision = await limiter.reserve("user:u", LIMITS);
  assert.equal(requests.length, 1);
  assert.equal(new URL(requests[0]!.url).pathname, "/rest/v1/rpc/semantic_analysis_reserve");
  assert.deepEqual(await requests[0]!.json(), {
    p_subject: "user:u",
    p_per_minute: 20,
    p_burst: 5,
    p_per_day: 200,
  });
  assert.deepEqual(decision, {
    isAllowed: true,
    limitedBy: null,
    retryAfterMs: 0,
    minute: { limit: 20, remaining: 4, resetMs: 3_000 },
    day: { limit: 200, remaining: 199, resetMs: 40_000_000 },
  });
});

Deno.test("reserve() fails closed, without a retry, on whatever the database does", async () => {
  const failures: (() => Response)[] = [
    () => Response.json({ code: "57014", message: "canceling statement" }, { status: 500 }),
    () => Response.json({ code: "PGRST003", message: "no connection" }, { status: 504 }),
    () => new Response("<html>", { status: 502 }),
    () => new Response("garbage"),
    () => Response.json(null),
    () => Response.json([ROW]),
    () => Response.json({ ...ROW, allowed: "yes" }),
    () => {
      throw new TypeError("connection refused");
    },
  ];
  for (const failure of failures) {
    let calls = 0;
    const limiter = createLimiter(() => {
      calls++;
      return Promise.resolve().then(failure);
    });
    await assert.rejects(limiter.reserve("user:u", LIMITS), isApiError("RATE_LIMITER_UNAVAILABLE"));
    assert.equal(calls, 1, String(failure));
  }
});

Deno.test("reserve() gives up on a database that does not answer in time", async () => {
  const timeout = new AbortController();
  const limiter = createLimiter((_input, init) =>
    new Promise((_, reject) => {
      init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason));
      timeout.abort(new DOMException("Signal timed out", "TimeoutError"));
    }), timeout.signal);
  await assert.rejects(limiter.reserve("user:u", LIMITS), isApiError("RATE_LIMITER_UNAVAILABLE"));
});

Deno.test("reserve() knows a missing migration from a failing database", async () => {
  const limiter = createLimiter(() =>
    Promise.resolve(Response.json({ code: "PGRST202", message: "not found" }, { status: 404 }))
  );
  await assert.rejects(limiter.reserve("user:u", LIMITS), isApiError("NOT_CONFIGURED"));
});

Deno.test("a refusal's Retry-After is whole seconds, rounded up, at least one", () => {
  const refusal = (retryAfterMs: number) =>
    toRateLimitedError({
      isAllowed: false,
      limitedBy: "minute",
      retryAfterMs,
      minute: { limit: 20, remaining: 0, resetMs: 1 },
      day: { limit: 200, remaining: 1, resetMs: 1 },
    }).headers["Retry-After"];
  assert.deepEqual([1, 1_000, 1_001, 59_999].map(refusal), ["1", "1", "2", "60"]);
});
