import assert from "node:assert/strict";
import { generateKeyPair, SignJWT } from "jose";
import type { Stack } from "../../dev/stack/stack.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Answer, createTestClient, invoke, request, signUp, TINY } from "./project.ts";

const BODY = JSON.stringify({ image_data: TINY, options: { cache: "off" } });

/** Asks with these credentials, and says whose limits it took from. */
async function ask(stack: Stack, headers: Record<string, string>): Promise<Answer> {
  return await request(stack, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: BODY,
  });
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

Deno.test("callers: each credential is refused, or charged to its subject", async (t) => {
  await using stack = await startTestStack({
    secretKeys: ["automation"],
    functionEnvironment: { ANALYSIS_CACHE_TTL: "0", RATE_LIMIT_CONCURRENT: "1000" },
  });
  const sql = stack.database.connect({ maxConnections: 1 });
  const ada = await signUp(stack);
  const bob = await signUp(stack);

  /** Subjects that have been charged since the last call. */
  async function takeCharges(): Promise<Record<string, number>> {
    const rows = await sql`
      delete from semantic_analysis.rate_limits where deleted_at is null
      returning subject, day_used`;
    return Object.fromEntries(rows.map(({ subject, day_used }) => [subject, day_used]));
  }
  async function assertCharged(answer: Answer, subject: string) {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(await takeCharges(), { [subject]: 1 });
  }
  async function assertRefused(answer: Answer, status: number, code: string) {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, code);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await takeCharges(), {});
  }

  await t.step("two users through supabase-js have their own limits", async () => {
    await assertCharged(await invoke(ada.supabase), `user:${ada.id}`);
    await assertCharged(await invoke(bob.supabase), `user:${bob.id}`);
  });

  await t.step("an anonymous sign-in is a user, with a quarter of the limits", async () => {
    const supabase = createTestClient(stack, stack.publishableKey);
    const { data } = await supabase.auth.signInAnonymously();
    const answer = await invoke(supabase);
    assert.match(answer.headers.get("ratelimit-policy")!, /"minute";q=5;.*"day";q=50;/);
    await assertCharged(answer, `user:${data.user!.id}`);
  });

  await t.step("an anonymous user who is only named has an anonymous user's limits", async () => {
    const supabase = createTestClient(stack, stack.publishableKey);
    const { data } = await supabase.auth.signInAnonymously();
    const headers = { apikey: stack.secretKey, "x-user-id": data.user!.id };
    const answer = await ask(stack, headers);
    assert.match(answer.headers.get("ratelimit-policy")!, /"minute";q=5;.*"day";q=50;/);
    await assertCharged(answer, `user:${data.user!.id}`);
  });

  await t.step("a deleted user's token is refused", async () => {
    const gone = await signUp(stack);
    await sql`delete from auth.users where id = ${gone.id}`;
    await assertRefused(await ask(stack, bearer(gone.token)), 401, "UNAUTHORIZED");
  });

  await t.step("a request without a credential is refused", async () => {
    await assertRefused(await ask(stack, {}), 401, "UNAUTHORIZED");
  });

  await t.step("a publishable key alone is refused, and as Bearer too", async () => {
    const key = stack.publishableKey;
    await assertRefused(await ask(stack, { apikey: key }), 401, "UNAUTHORIZED");
    await assertRefused(await ask(stack, { apikey: key, ...bearer(key) }), 401, "UNAUTHORIZED");
    await assertRefused(await ask(stack, bearer(key)), 401, "UNAUTHORIZED");
    const unsigned = createTestClient(stack, key);
    await assertRefused(await invoke(unsigned), 401, "UNAUTHORIZED");
  });

  await t.step("the legacy anon key is refused, wherever it stands", async () => {
    const key = stack.anonKey;
    await assertRefused(await ask(stack, { apikey: key }), 401, "UNAUTHORIZED");
    await assertRefused(await ask(stack, { apikey: key, ...bearer(key) }), 401, "UNAUTHORIZED");
    await assertRefused(await ask(stack, bearer(key)), 401, "UNAUTHORIZED");
  });

  await t.step("an expired token is refused", async () => {
    const past = Math.floor(Date.now() / 1000) - 10;
    const token = await stack.signUserToken({ sub: ada.id, iat: past - 3600, exp: past });
    await assertRefused(await ask(stack, bearer(token)), 401, "UNAUTHORIZED");
  });

  await t.step("a token of a role other than authenticated is refused", async () => {
    for (const role of ["anon", "service_role", "postgres", undefined]) {
      const token = await stack.signUserToken({ sub: ada.id, role });
      await assertRefused(await ask(stack, bearer(token)), 401, "UNAUTHORIZED");
    }
  });

  await t.step("a token whose subject is no UUID is refused", async () => {
    for (const sub of [undefined, "", "admin"]) {
      const token = await stack.signUserToken({ sub });
      await assertRefused(await ask(stack, bearer(token)), 401, "UNAUTHORIZED");
    }
  });

  await t.step("a forged token is refused: another user's payload, our signature", async () => {
    const [header, , signature] = ada.token.split(".");
    const [, payload] = bob.token.split(".");
    const forged = [header, payload, signature].join(".");
    await assertRefused(await ask(stack, bearer(forged)), 401, "UNAUTHORIZED");
  });

  await t.step("a token signed by another key under our key's id is refused", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const token = await new SignJWT({ role: "authenticated" })
      .setProtectedHeader({ alg: "ES256", kid: stack.jwks.keys[0]!.kid! })
      .setSubject(ada.id).setIssuedAt().setExpirationTime("1h").sign(privateKey);
    await assertRefused(await ask(stack, bearer(token)), 401, "UNAUTHORIZED");
  });

  await t.step("a token signed with our public key as a shared secret is refused", async () => {
    const publicKey = new TextEncoder().encode(JSON.stringify(stack.jwks.keys[0]));
    const token = await new SignJWT({ role: "authenticated" })
      .setProtectedHeader({ alg: "HS256", kid: stack.jwks.keys[0]!.kid! })
      .setSubject(ada.id).setIssuedAt().setExpirationTime("1h").sign(publicKey);
    await assertRefused(await ask(stack, bearer(token)), 401, "UNAUTHORIZED");
  });

  await t.step("an unsigned token is refused", async () => {
    const encode = (value: unknown) =>
      btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
    const header = encode({ alg: "none", kid: stack.jwks.keys[0]!.kid });
    const payload = encode({ sub: ada.id, role: "authenticated", exp: 9_999_999_999 });
    await assertRefused(await ask(stack, bearer(`${header}.${payload}.`)), 401, "UNAUTHORIZED");
  });

  await t.step("a project secret alone is a service, by its name", async () => {
    await assertCharged(await ask(stack, { apikey: stack.secretKey }), "service:default");
    const automation = stack.secretKeys.automation!;
    await assertCharged(await ask(stack, { apikey: automation }), "service:automation");
    const admin = createTestClient(stack, stack.secretKey);
    await assertCharged(await invoke(admin), "service:default");
  });

  await t.step("the legacy service_role key is a service too", async () => {
    const key = stack.serviceRoleKey;
    await assertCharged(await ask(stack, { apikey: key }), "service:service_role");
    await assertCharged(await ask(stack, bearer(key)), "service:service_role");
    await assertCharged(await ask(stack, { apikey: key, ...bearer(key) }), "service:service_role");
  });

  await t.step("a wrong secret is refused, with a user named or not", async () => {
    const wrong = `${stack.secretKey.slice(0, -1)}x`;
    await assertRefused(await ask(stack, { apikey: wrong }), 401, "UNAUTHORIZED");
    const headers = { apikey: wrong, "x-user-id": ada.id };
    await assertRefused(await ask(stack, headers), 401, "UNAUTHORIZED");
  });

  await t.step("a secret acts for the user it names", async () => {
    const headers = { apikey: stack.secretKey, "x-user-id": ada.id.toUpperCase() };
    await assertCharged(await ask(stack, headers), `user:${ada.id}`);
  });

  await t.step("a secret that names no UUID is bad input", async () => {
    for (const id of ["1", "ada@example.com", "'; drop table users --"]) {
      const headers = { apikey: stack.secretKey, "x-user-id": id };
      await assertRefused(await ask(stack, headers), 400, "INVALID_REQUEST");
    }
  });

  await t.step("a secret that brings the user's token acts for that user", async () => {
    const headers = { apikey: stack.secretKey, ...bearer(ada.token) };
    await assertCharged(await ask(stack, headers), `user:${ada.id}`);
    await assertCharged(await ask(stack, { ...headers, "x-user-id": ada.id }), `user:${ada.id}`);
    const admin = createTestClient(stack, stack.secretKey);
    const answer = await invoke(admin, {
      body: { image_data: TINY },
      headers: bearer(ada.token),
    });
    await assertCharged(answer, `user:${ada.id}`);
  });

  await t.step("a token and a named user must agree, even with a secret", async () => {
    const headers = { apikey: stack.secretKey, ...bearer(ada.token), "x-user-id": bob.id };
    await assertRefused(await ask(stack, headers), 403, "FORBIDDEN");
  });

  await t.step("a bad token is refused even with a good secret", async () => {
    const past = Math.floor(Date.now() / 1000) - 10;
    const expired = await stack.signUserToken({ sub: ada.id, exp: past });
    for (const token of [expired, "abc", `${ada.token}x`]) {
      const headers = { apikey: stack.secretKey, ...bearer(token) };
      await assertRefused(await ask(stack, headers), 401, "UNAUTHORIZED");
    }
  });

  await t.step("a user can't act for another", async () => {
    const headers = { apikey: stack.publishableKey, ...bearer(ada.token), "x-user-id": bob.id };
    await assertRefused(await ask(stack, headers), 403, "FORBIDDEN");
  });

  await t.step("a user can't name another without a token either", async () => {
    const headers = { apikey: stack.publishableKey, "x-user-id": bob.id };
    await assertRefused(await ask(stack, headers), 401, "UNAUTHORIZED");
  });

  await t.step("a user id in the body is a field we don't know", async () => {
    const answer = await invoke(ada.supabase, { body: { image_data: TINY, user_id: bob.id } });
    assert.equal(answer.body.warnings[0].code, "UNKNOWN_FIELD");
    await assertCharged(answer, `user:${ada.id}`);
  });
});

Deno.test("anonymous users are refused where the operator wants none", async () => {
  await using stack = await startTestStack({
    functionEnvironment: {
      ANALYSIS_CACHE_TTL: "0",
      RATE_LIMIT_CONCURRENT: "1000",
      ALLOW_ANONYMOUS: "false",
    },
  });
  const supabase = createTestClient(stack, stack.publishableKey);
  await supabase.auth.signInAnonymously();
  const refused = await invoke(supabase);
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error.code, "FORBIDDEN");
  const user = await signUp(stack);
  assert.equal((await invoke(user.supabase)).status, 200);
});
