import assert from "node:assert/strict";
import { createPostgrest } from "../../../../../supabase/functions/_shared/platform/database/postgrest.ts";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import {
  createRateLimiter,
  type ReserveRequest,
} from "../../../../../supabase/functions/_shared/platform/limits/rate-limiter.ts";
import { findUnauthorizedReason } from "../../../../../supabase/functions/_shared/platform/auth/unauthorized.ts";
import type {
  Anonymity,
  Limits,
  RateLimitState,
} from "../../../../../supabase/functions/_shared/platform/limits/rate-limits.ts";
import {
  type StartTimer,
  startTimer,
} from "../../../../../supabase/functions/_shared/platform/http/time-limit.ts";
import { STATE_ROW } from "./state-row.ts";

const LIMITS: Limits = {
  perMinute: 20,
  burst: 5,
  perDay: 200,
  concurrent: 4,
  nanoUsdPerMonth: 5_000_000_000,
};

const REQUEST: ReserveRequest = {
  subject: "user:u",
  id: "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11",
  limits: LIMITS,
  anonymity: { kind: "signed_in" },
  ceilingNanoUsd: 7_000_000,
  cacheKey: "ab".repeat(32),
};

const ROW = { ...STATE_ROW, outcome: "leader" };

const STATE: RateLimitState = {
  minute: { limit: 20, burst: 5, remaining: 4, resetMs: 3_000 },
  day: { limit: 200, remaining: 199, resetMs: 40_000_000 },
  concurrent: { limit: 4, used: 1 },
  month: { limitNanoUsd: 5_000_000_000, spentNanoUsd: 7_000_000, resetMs: 80_000_000 },
};

/** The real supabase-js on a fetch of ours. */
function createLimiter(fetch: typeof globalThis.fetch, options: { startTimer?: StartTimer } = {}) {
  return createRateLimiter({
    database: createPostgrest("http://localhost:1", "sb_secret_x", fetch),
    ...options,
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
  const decision = await limiter.reserve(REQUEST);
  assert.equal(requests.length, 1);
  assert.equal(new URL(requests[0]!.url).pathname, "/rest/v1/rpc/semantic_analysis_reserve");
  assert.deepEqual(await requests[0]!.json(), {
    p_subject: "user:u",
    p_id: REQUEST.id,
    p_per_minute: 20,
    p_burst: 5,
    p_per_day: 200,
    p_concurrent: 4,
    p_nano_per_month: 5_000_000_000,
    p_ceiling_nano: 7_000_000,
    p_key: REQUEST.cacheKey,
  });
  assert.deepEqual(decision, { outcome: "leader", state: STATE });
});

/** What one call sends, and what it makes of the answer. */
async function call<T>(
  row: unknown,
  run: (limiter: ReturnType<typeof createLimiter>) => Promise<T>,
): Promise<{ result: T; path: string; parameters: Record<string, unknown> }> {
  const requests: Request[] = [];
  const limiter = createLimiter((input, init) => {
    requests.push(new Request(input, init));
    return Promise.resolve(Response.json(row));
  });
  const result = await run(limiter);
  const [request] = requests as [Request];
  const path = new URL(request.url).pathname.replace("/rest/v1/rpc/semantic_analysis_", "");
  return { result, path, parameters: await request.json() };
}

Deno.test("reserve() tells a hit, a follower and a denial apart", async () => {
  const reserve = async (row: object) =>
    (await call({ ...STATE_ROW, ...row }, (limiter) => limiter.reserve(REQUEST))).result;
  assert.deepEqual(await reserve({ outcome: "hit", answer: "{}", age_ms: 5 }), {
    outcome: "hit",
    state: STATE,
    answer: "{}",
    ageMs: 5,
  });
  const holder = crypto.randomUUID();
  assert.deepEqual(await reserve({ outcome: "follower", holder }), {
    outcome: "follower",
    state: STATE,
    holder,
  });
  assert.deepEqual(
    await reserve({ outcome: "denied", limited_by: "project_month", retry_after_ms: 9 }),
    { outcome: "denied", state: STATE, limitedBy: "project_month", retryAfterMs: 9 },
  );
});

Deno.test("reserve() sends no key and no ceiling of the project where there is none", async () => {
  const { parameters } = await call(ROW, (limiter) =>
    limiter.reserve({
      ...REQUEST,
      cacheKey: null,
      limits: { ...LIMITS, nanoUsdPerMonth: null },
    }));
  for (const name of ["p_key", "p_nano_per_month", "p_project_nano_per_month"]) {
    assert.ok(!(name in parameters), name);
  }
});

Deno.test("reserve() takes from the anonymous users' budget for them and for who may be one", async () => {
  const anonymousLimits = { ...LIMITS, perMinute: 5 };
  const sentFor = async (anonymity: Anonymity) => {
    const requests: Request[] = [];
    const limiter = createRateLimiter({
      database: createPostgrest("http://localhost:1", "sb_secret_x", (input, init) => {
        requests.push(new Request(input, init));
        return Promise.resolve(Response.json(ROW));
      }),
      anonymousNanoUsdPerDay: 1_000_000_000,
    });
    await limiter.reserve({ ...REQUEST, anonymity });
    const { p_is_anonymous, p_anonymous_nano_per_day, p_anonymous_limits } = await requests[0]!
      .json();
    return [p_is_anonymous, p_anonymous_nano_per_day, p_anonymous_limits];
  };
  assert.deepEqual(await sentFor({ kind: "signed_in" }), [undefined, undefined, undefined]);
  assert.deepEqual(await sentFor({ kind: "anonymous" }), [true, 1_000_000_000, undefined]);
  assert.deepEqual(await sentFor({ kind: "unknown", anonymousLimits }), [
    undefined,
    1_000_000_000,
    { per_minute: 5, burst: 5, per_day: 200, concurrent: 4, nano_per_month: 5_000_000_000 },
  ]);
});

Deno.test("every call of a user who was deleted is UNAUTHORIZED, with that reason", async () => {
  const deleted = { outcome: "deleted" };
  const isDeleted = (error: unknown) => findUnauthorizedReason(error) === "deleted";
  const known = { kind: "signed_in" } as const;
  await assert.rejects(call(deleted, (limiter) => limiter.reserve(REQUEST)), isDeleted);
  await assert.rejects(call(deleted, (limiter) => limiter.read("u", LIMITS, known)), isDeleted);
  await assert.rejects(
    call(deleted, (limiter) => limiter.takeMinute("u", LIMITS, known)),
    isDeleted,
  );
});

Deno.test("takeMinute() sets nothing aside", async () => {
  const { result, path, parameters } = await call(
    { ...STATE_ROW, outcome: "minute" },
    (limiter) => limiter.takeMinute("service:mivaa", LIMITS, { kind: "signed_in" }),
  );
  assert.equal(path, "reserve");
  assert.ok(!("p_ceiling_nano" in parameters));
  assert.deepEqual(result, { outcome: "minute", state: STATE });
});

Deno.test("settle() sends what there is to say, and tells whether the request was held", async () => {
  const { result, path, parameters } = await call(true, (limiter) =>
    limiter.settle({
      subject: "user:u",
      id: REQUEST.id,
      actualNanoUsd: 0,
      givesBackDay: true,
      cacheKey: REQUEST.cacheKey,
      answer: { body: "{}", ttlSeconds: 60 },
      entry: { outcome: "ok" },
    }));
  assert.equal(path, "settle");
  assert.equal(result, true);
  assert.deepEqual(parameters, {
    p_subject: "user:u",
    p_id: REQUEST.id,
    p_actual_nano: 0,
    p_gives_back_day: true,
    p_key: REQUEST.cacheKey,
    p_max_answers: 100_000,
    p_answer: "{}",
    p_ttl_s: 60,
    p_entry: { outcome: "ok" },
  });
});

Deno.test("settleStored() sends which object the answer is about, and tells whether it is unchanged", async () => {
  const changed = { code: "IMAGE_CHANGED", message: "It may have changed" } as const;
  const object = { place: { bucket: "b", path: "a.jpg" }, id: "o", version: "v" };
  for (const ownerId of [null, "u"]) {
    const { result, path, parameters } = await call(false, (limiter) =>
      limiter.settleStored(
        { subject: "user:u", id: REQUEST.id, actualNanoUsd: 7, entry: { outcome: "ok" } },
        { ...object, ownerId, isUnchanged: true },
        changed,
      ));
    assert.equal(path, "settle_stored");
    assert.equal(result, false);
    assert.deepEqual(parameters, {
      p_subject: "user:u",
      p_id: REQUEST.id,
      p_actual_nano: 7,
      p_entry: { outcome: "ok" },
      p_object: {
        bucket: "b",
        path: "a.jpg",
        id: "o",
        version: "v",
        ...(ownerId && { owner_id: ownerId }),
      },
      p_is_unchanged: true,
      p_warning: changed,
    });
  }
});

Deno.test("reserve() fails closed, without a retry, on whatever the database does", async () => {
  const failures: (() => Response)[] = [
    () => Response.json({ code: "57014", message: "canceling statement" }, { status: 500 }),
    () => Response.json({ code: "PGRST003", message: "no connection" }, { status: 504 }),
    () => new Response("<html>", { status: 502 }),
    () => new Response("garbage"),
    () => Response.json(null),
    () => Response.json([ROW]),
    () => Response.json({ ...ROW, outcome: "yes" }),
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
    await assert.rejects(limiter.reserve(REQUEST), isApiError("RATE_LIMITER_UNAVAILABLE"));
    assert.equal(calls, 1, String(failure));
  }
});

Deno.test("reserve() gives up on a database that does not answer in time", async () => {
  const limiter = createLimiter((_input, init) =>
    new Promise((_, reject) => {
      init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason));
    }), { startTimer: (_ms, end) => startTimer(0, end) });
  await assert.rejects(limiter.reserve(REQUEST), isApiError("RATE_LIMITER_UNAVAILABLE"));
});

Deno.test("reserve() knows a missing migration from a failing database", async () => {
  const limiter = createLimiter(() =>
    Promise.resolve(Response.json({ code: "PGRST202", message: "not found" }, { status: 404 }))
  );
  await assert.rejects(limiter.reserve(REQUEST), isApiError("NOT_CONFIGURED"));
});
