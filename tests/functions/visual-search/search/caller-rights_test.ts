import assert from "node:assert/strict";
import type { Caller } from "../../../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { toCallerRights } from "../../../../supabase/functions/visual-search/search/caller-rights.ts";

const SECRETS = ["sb_secret_a", "legacy"];

const user: Caller = { subject: "user:u", kind: "user", userId: "u", hasSecret: false };
const service: Caller = { subject: "service:a", kind: "service", userId: null, hasSecret: true };

const rightsOf = (caller: Caller, headers: Record<string, string>) =>
  toCallerRights(caller, new Headers(headers), SECRETS);

Deno.test("toCallerRights() gives a user the rights of the token", () => {
  const expected = { kind: "user", userId: "u", token: "t" };
  assert.deepEqual(rightsOf(user, { authorization: "Bearer t" }), expected);
  const beside = { authorization: "Bearer t", apikey: "sb_secret_a", "x-user-id": "u" };
  assert.deepEqual(rightsOf({ ...user, hasSecret: true }, beside), expected);
});

Deno.test("toCallerRights() refuses a user who is only named", () => {
  const named = { ...user, hasSecret: true };
  for (
    const headers of [
      { apikey: "sb_secret_a", "x-user-id": "u" },
      { apikey: "sb_secret_a", authorization: "Bearer sb_secret_a", "x-user-id": "u" },
      { authorization: "Bearer legacy", "x-user-id": "u" },
    ]
  ) {
    assert.throws(() => rightsOf(named, headers), { code: "FORBIDDEN" });
  }
});

Deno.test("toCallerRights() gives a service the rights of its own secret", () => {
  const withSecret = (secret: string) => ({ kind: "service", name: "a", secret });
  assert.deepEqual(rightsOf(service, { apikey: "sb_secret_a" }), withSecret("sb_secret_a"));
  assert.deepEqual(rightsOf(service, { authorization: "Bearer legacy" }), withSecret("legacy"));
  const both = { apikey: "publishable", authorization: "Bearer legacy" };
  assert.deepEqual(rightsOf(service, both), withSecret("legacy"));
});
