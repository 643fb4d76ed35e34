import assert from "node:assert/strict";
import type { Caller } from "../../../../../supabase/functions/_shared/platform/auth/authenticate.ts";
import {
  ApiError,
  type ApiErrorCode,
} from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { createBadRequests } from "../../../../../supabase/functions/_shared/platform/limits/bad-requests.ts";

const caller = (id: string, overrides: Partial<Caller> = {}): Caller => ({
  subject: `user:${id}`,
  kind: "user",
  userId: id,
  hasSecret: false,
  ...overrides,
});

/** A guard on a clock of its own, and requests that end with a code. */
function createGuard() {
  let nowMs = 0;
  let served = 0;
  const badRequests = createBadRequests(() => nowMs);
  const send = async (
    code: ApiErrorCode | null,
    by = caller("a"),
    headers: Record<string, string> = {},
  ): Promise<ApiErrorCode | ApiError | null> => {
    const request = new Request("http://localhost/", { headers });
    try {
      await badRequests.guard(by, request, () => {
        served++;
        return code === null ? Promise.resolve() : Promise.reject(new ApiError(code, "No"));
      });
      return null;
    } catch (error) {
      assert.ok(error instanceof ApiError);
      return error.code === "RATE_LIMITED" ? error : error.code;
    }
  };
  const times = async (count: number, code: ApiErrorCode | null, by?: Caller, headers = {}) => {
    for (let i = 0; i < count; i++) await send(code, by, headers);
  };
  return { send, times, served: () => served, pass: (ms: number) => void (nowMs += ms) };
}

Deno.test("guard(): after ten bad requests in a minute the next is denied before it is served", async () => {
  const { send, times, served, pass } = createGuard();
  pass(1_000);
  await times(10, "INVALID_REQUEST");
  pass(20_000);
  const denied = await send(null);
  assert.ok(denied instanceof ApiError);
  assert.equal(denied.code, "RATE_LIMITED");
  assert.deepEqual(denied.details, { limit: "bad_requests", retry_after_ms: 40_000 });
  assert.equal(denied.headers["Retry-After"], "40");
  assert.equal(served(), 10);
  pass(40_000);
  assert.equal(await send(null), null);
});

Deno.test("guard(): bad is what took nothing from a limit, and nothing else", async () => {
  const bad: ApiErrorCode[] = [
    "INVALID_REQUEST",
    "INVALID_IMAGE",
    "UNSUPPORTED_IMAGE_TYPE",
    "FORBIDDEN",
    "IMAGE_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
  ];
  for (const code of bad) {
    const { send, times } = createGuard();
    await times(10, code);
    assert.ok(await send(code) instanceof ApiError, code);
  }
  for (const code of ["UPSTREAM_REJECTED", "OVERLOADED", "NOT_FOUND", "INTERNAL", null] as const) {
    const { send, times } = createGuard();
    await times(100, code);
    assert.equal(await send(code), code);
  }
});

Deno.test("guard(): one caller's bad requests deny no other caller", async () => {
  const { send, times } = createGuard();
  await times(20, "INVALID_REQUEST", caller("a"));
  assert.equal(await send(null, caller("b")), null);
});

Deno.test("guard(): holders of one static key are told apart by their address", async () => {
  const key = caller("mivaa", { subject: "service:mivaa", kind: "service", userId: null });
  const { send, times } = createGuard();
  await times(20, "INVALID_REQUEST", key, { "x-forwarded-for": "192.0.2.1" });
  assert.ok(await send(null, key, { "x-forwarded-for": "192.0.2.1" }) instanceof ApiError);
  assert.equal(await send(null, key, { "x-forwarded-for": "192.0.2.2" }), null);
});

Deno.test("guard(): the project's own code is not counted", async () => {
  const { send, times } = createGuard();
  const service = caller("s", { hasSecret: true });
  await times(100, "INVALID_REQUEST", service);
  assert.equal(await send(null, service), null);
});

Deno.test("guard() remembers 1,000 callers and no more", async () => {
  const { send, times } = createGuard();
  await times(10, "INVALID_REQUEST", caller("a"));
  await times(10, "INVALID_REQUEST", caller("b"));
  for (let i = 2; i < 1_000; i++) await send("INVALID_REQUEST", caller(`${i}`));
  assert.ok(await send(null, caller("a")) instanceof ApiError);
  await send("INVALID_REQUEST", caller("c"));
  assert.equal(await send(null, caller("a")), null);
  assert.ok(await send(null, caller("b")) instanceof ApiError);
});
