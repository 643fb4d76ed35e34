import { createClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Stack } from "../../../dev/stack/stack.ts";
import { startTestStack } from "../../../dev/stack/testing/test-database.ts";

const functionsDirectory = fileURLToPath(new URL("./fixtures", import.meta.url));
const options = { functionsDirectory, standIn: false };

function connectClient(stack: Stack, key = stack.publishableKey) {
  return createClient(stack.apiUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
}

async function createNotes(sql: import("postgres").Sql): Promise<void> {
  await sql.unsafe(`
    create table public.notes (
      body text not null,
      owner uuid not null default auth.uid() references auth.users (id)
    );
    alter table public.notes enable row level security;
    create policy own_notes on public.notes to authenticated using (owner = (select auth.uid()));
    grant select, insert on public.notes to authenticated;
    grant select, insert on public.notes to service_role;
    create function public.who_am_i() returns jsonb language sql stable as $$
      select jsonb_build_object('user', current_user, 'role', auth.role(), 'uid', auth.uid())
    $$;
    notify pgrst, 'reload schema';
  `);
}

Deno.test("an unmodified supabase-js works with the stack", async (t) => {
  await using stack = await startTestStack(options);
  await createNotes(stack.database.connect());
  await stack.restartProcess("postgrest");

  await t.step("signs in anonymously, as a row of auth.users", async () => {
    const client = connectClient(stack);
    const { data, error } = await client.auth.signInAnonymously({ options: { data: { a: 1 } } });
    assert.equal(error, null);
    assert.equal(data.user?.is_anonymous, true);
    const [row] = await stack.database.connect()`
      select id, is_anonymous, email from auth.users`;
    assert.deepEqual({ ...row }, { id: data.user?.id, is_anonymous: true, email: null });
  });

  await t.step("reads the user and the claims of the token", async () => {
    const client = connectClient(stack);
    const { data: { user } } = await client.auth.signInAnonymously({
      options: { data: { shop: "a" } },
    });
    assert.equal((await client.auth.getUser()).data.user?.id, user?.id);
    const { data } = await client.auth.getClaims();
    const claims = data!.claims;
    assert.equal(claims.iss, `${stack.apiUrl}/auth/v1`);
    assert.equal(claims.sub, user?.id);
    assert.equal(claims.aud, "authenticated");
    assert.equal(claims.role, "authenticated");
    assert.equal(claims.aal, "aal1");
    assert.deepEqual(claims.user_metadata, { shop: "a" });
    assert.equal(claims.is_anonymous, true);
    assert.equal(data!.header.alg, "ES256");
    assert.equal(data!.header.kid, stack.jwks.keys[0]?.kid);
  });

  await t.step("signs up, signs in with the password, refuses a wrong one", async () => {
    const client = connectClient(stack);
    const credentials = { email: "Ada@example.com", password: "6chars" };
    const weak = await client.auth.signUp({ ...credentials, password: "5char" });
    assert.equal(weak.error?.code, "weak_password");
    const signedUp = await client.auth.signUp(credentials);
    assert.equal(signedUp.error, null);
    assert.equal(signedUp.data.user?.email, "ada@example.com");
    assert.equal((await client.auth.signUp(credentials)).error?.code, "user_already_exists");
    const wrong = await client.auth.signInWithPassword({ ...credentials, password: "wrong" });
    assert.equal(wrong.error?.code, "invalid_credentials");
    const right = await client.auth.signInWithPassword(credentials);
    assert.equal(right.data.user?.id, signedUp.data.user?.id);
    assert.equal(right.data.user?.is_anonymous, false);
  });

  await t.step("refreshes a session once per refresh token", async () => {
    const client = connectClient(stack);
    const { data: { session } } = await client.auth.signInAnonymously();
    const refresh_token = session!.refresh_token;
    const refreshed = await client.auth.refreshSession({ refresh_token });
    assert.equal(refreshed.error, null);
    assert.notEqual(refreshed.data.session?.refresh_token, refresh_token);
    assert.equal(refreshed.data.user?.id, session!.user.id);
    const again = await connectClient(stack).auth.refreshSession({ refresh_token });
    assert.equal(again.error?.code, "refresh_token_not_found");
  });

  await t.step("ends the session on the server when it signs out", async () => {
    const client = connectClient(stack);
    const { data: { session } } = await client.auth.signInAnonymously();
    assert.equal((await client.auth.signOut()).error, null);
    const { error } = await connectClient(stack).auth.getUser(session!.access_token);
    assert.equal(error?.name, "AuthSessionMissingError");
  });

  await t.step("refuses a token that isn't ours", async () => {
    const client = connectClient(stack);
    const expired = await stack.signUserToken({ exp: 1 });
    assert.equal((await client.auth.getUser(expired)).error?.code, "bad_jwt");
  });

  await t.step("sees only the user's own rows", async () => {
    const [ada, bob] = [connectClient(stack), connectClient(stack)];
    await ada.auth.signInAnonymously();
    await bob.auth.signInAnonymously();
    assert.equal((await ada.from("notes").insert({ body: "ada's" })).error, null);
    assert.equal((await bob.from("notes").insert({ body: "bob's" })).error, null);
    assert.deepEqual((await ada.from("notes").select("body")).data, [{ body: "ada's" }]);
    const all = await connectClient(stack, stack.secretKey).from("notes").select("body");
    assert.deepEqual(all.data?.map(({ body }) => body).sort(), ["ada's", "bob's"]);
  });

  await t.step("gives new tables no grants", async () => {
    const { error } = await connectClient(stack).from("notes").select("body");
    assert.equal(error?.code, "42501");
  });

  await t.step("invokes a function", async () => {
    const client = connectClient(stack);
    const { data: { user } } = await client.auth.signInAnonymously();
    const { data, error } = await client.functions.invoke("echo", { body: { a: 1 } });
    assert.equal(error, null);
    assert.equal(data.claims.sub, user?.id);
    assert.equal(data.headers.apikey, stack.publishableKey);
  });
});

Deno.test("the gateway translates API keys as the platform does", async (t) => {
  await using stack = await startTestStack({ ...options, secretKeys: ["worker"] });
  await createNotes(stack.database.connect());
  await stack.restartProcess("postgrest");
  const userId = crypto.randomUUID();
  const userToken = await stack.signUserToken({ sub: userId });

  const whoAmI = async (headers: Record<string, string>, query = "") => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/who_am_i${query}`, { headers });
    return { status: response.status, body: await response.json() };
  };
  const anon = { user: "anon", role: "anon", uid: null };
  const service = { user: "service_role", role: "service_role", uid: null };
  const user = { user: "authenticated", role: "authenticated", uid: userId };
  const { publishableKey, secretKey, anonKey, serviceRoleKey } = stack;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  const cases: [string, Record<string, string>, unknown][] = [
    ["publishable key", { apikey: publishableKey }, anon],
    ["publishable key in both", { apikey: publishableKey, ...bearer(publishableKey) }, anon],
    ["secret key", { apikey: secretKey }, service],
    ["secret key in both", { apikey: secretKey, ...bearer(secretKey) }, service],
    ["another secret key", { apikey: stack.secretKeys.worker! }, service],
    ["legacy anon key", { apikey: anonKey }, anon],
    ["legacy service key in both", { apikey: serviceRoleKey, ...bearer(serviceRoleKey) }, service],
    ["publishable key and a user", { apikey: publishableKey, ...bearer(userToken) }, user],
    ["secret key and a user", { apikey: secretKey, ...bearer(userToken) }, user],
  ];
  for (const [name, headers, expected] of cases) {
    await t.step(name, async () => {
      assert.deepEqual(await whoAmI(headers), { status: 200, body: expected });
    });
  }

  await t.step("the key as query parameter", async () => {
    assert.deepEqual(await whoAmI({}, `?apikey=${publishableKey}`), { status: 200, body: anon });
  });
  await t.step("no key is 401", async () => {
    const { status, body } = await whoAmI(bearer(userToken));
    assert.equal(status, 401);
    assert.equal(body.message, "No API key found in request");
  });
  await t.step("an unknown key is 401", async () => {
    const { status, body } = await whoAmI({ apikey: "sb_publishable_nobody" });
    assert.equal(status, 401);
    assert.equal(body.message, "Invalid API key");
  });
  await t.step("an expired token is 401", async () => {
    const expired = await stack.signUserToken({ exp: 1 });
    const { status } = await whoAmI({ apikey: publishableKey, ...bearer(expired) });
    assert.equal(status, 401);
  });
  await t.step("a token signed by another project is 401", async () => {
    await using other = await startTestStack(options);
    const forged = await other.signUserToken({ iss: `${stack.apiUrl}/auth/v1` });
    const { status } = await whoAmI({ apikey: publishableKey, ...bearer(forged) });
    assert.equal(status, 401);
  });
  await t.step("a browser may call from anywhere", async () => {
    const response = await fetch(`${stack.apiUrl}/rest/v1/notes`, {
      method: "OPTIONS",
      headers: {
        origin: "https://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "apikey,authorization",
      },
    });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.equal(response.headers.get("access-control-allow-headers"), "apikey,authorization");
  });
  await t.step("other paths are unknown", async () => {
    const response = await fetch(`${stack.apiUrl}/storage/v1/object`);
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });
});
