import assert from "node:assert/strict";
import {
  parsePlatform,
  parsePublishableKey,
} from "../../../../../supabase/functions/_shared/platform/settings/platform-variables.ts";

const URL_AND_LEGACY_KEY = {
  SUPABASE_URL: "https://abc.supabase.co",
  SUPABASE_SERVICE_ROLE_KEY: "legacy",
};

Deno.test("parsePlatform() reads named keys, the legacy key and the signing keys", () => {
  assert.deepEqual(
    parsePlatform({
      ...URL_AND_LEGACY_KEY,
      SUPABASE_SECRET_KEYS: '{"jobs":"sb_secret_jobs","default":"sb_secret_default"}',
      SUPABASE_JWKS: '{"keys":[{"kty":"EC","kid":"a"}]}',
    }),
    {
      supabaseUrl: "https://abc.supabase.co",
      databaseKey: "sb_secret_default",
      secretKeys: {
        jobs: "sb_secret_jobs",
        default: "sb_secret_default",
        service_role: "legacy",
      },
      jwks: { keys: [{ kty: "EC", kid: "a" }] },
    },
  );
});

Deno.test("parsePlatform() takes any named key for the database when none is called default", () => {
  const platform = parsePlatform({
    ...URL_AND_LEGACY_KEY,
    SUPABASE_SECRET_KEYS: '{"jobs":"sb_secret_jobs"}',
  });
  assert.equal(platform?.databaseKey, "sb_secret_jobs");
});

Deno.test("parsePlatform() gets by with the legacy key and asks the project for signing keys", () => {
  assert.deepEqual(parsePlatform(URL_AND_LEGACY_KEY), {
    supabaseUrl: "https://abc.supabase.co",
    databaseKey: "legacy",
    secretKeys: { service_role: "legacy" },
    jwks: new URL("https://abc.supabase.co/auth/v1/.well-known/jwks.json"),
  });
});

Deno.test("parsePlatform() gets by with new keys alone", () => {
  const platform = parsePlatform({
    SUPABASE_URL: "https://abc.supabase.co",
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_default"}',
  });
  assert.deepEqual(platform?.secretKeys, { default: "sb_secret_default" });
});

Deno.test("parsePlatform() takes signing keys as a bare array", () => {
  const platform = parsePlatform({ ...URL_AND_LEGACY_KEY, SUPABASE_JWKS: '[{"kid":"a"}]' });
  assert.deepEqual(platform?.jwks, { keys: [{ kid: "a" }] });
});

Deno.test("parsePlatform() asks the project for signing keys when it can't read those given", () => {
  for (const SUPABASE_JWKS of ["", "{", "null", '"text"', "{}", '{"keys":{}}', '{"keys":[1]}']) {
    const platform = parsePlatform({ ...URL_AND_LEGACY_KEY, SUPABASE_JWKS });
    assert.ok(platform?.jwks instanceof URL, SUPABASE_JWKS);
  }
});

Deno.test("parsePlatform() ignores named keys that it can't read", () => {
  for (const SUPABASE_SECRET_KEYS of ["", "{", "null", "[]", '{"a":1}', '"text"']) {
    const platform = parsePlatform({ ...URL_AND_LEGACY_KEY, SUPABASE_SECRET_KEYS });
    assert.deepEqual(platform?.secretKeys, { service_role: "legacy" }, SUPABASE_SECRET_KEYS);
    assert.equal(platform.databaseKey, "legacy");
  }
});

Deno.test("parsePlatform() ignores named keys that are empty", () => {
  const SUPABASE_SECRET_KEYS = '{"default":"","jobs":"sb_secret_jobs"}';
  const platform = parsePlatform({ ...URL_AND_LEGACY_KEY, SUPABASE_SECRET_KEYS });
  assert.equal(platform?.databaseKey, "sb_secret_jobs");
  assert.ok(!Object.values(platform.secretKeys).includes(""));
});

Deno.test("parsePlatform() gives null without a URL or without any key", () => {
  const { SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY } = URL_AND_LEGACY_KEY;
  assert.equal(parsePlatform({}), null);
  assert.equal(parsePlatform({ SUPABASE_URL }), null);
  assert.equal(parsePlatform({ SUPABASE_SERVICE_ROLE_KEY }), null);
  assert.equal(parsePlatform({ SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY: "" }), null);
  assert.equal(parsePlatform({ SUPABASE_URL: "", SUPABASE_SERVICE_ROLE_KEY }), null);
  assert.equal(parsePlatform({ SUPABASE_URL, SUPABASE_SECRET_KEYS: "{}" }), null);
});

Deno.test("parsePlatform() gives null for a URL that is none", () => {
  assert.equal(parsePlatform({ ...URL_AND_LEGACY_KEY, SUPABASE_URL: "abc.supabase.co" }), null);
});

Deno.test("parsePlatform() takes no key from a prototype", () => {
  const platform = parsePlatform({
    ...URL_AND_LEGACY_KEY,
    SUPABASE_SECRET_KEYS: '{"__proto__":{"default":"polluted"}}',
  });
  assert.equal(platform?.databaseKey, "legacy");
  assert.equal(({} as Record<string, unknown>)["default"], undefined);
});

Deno.test("parsePublishableKey() prefers the named keys and gets by with the legacy one", () => {
  const keys = '{"web":"sb_publishable_web","default":"sb_publishable_default"}';
  const both = { SUPABASE_PUBLISHABLE_KEYS: keys, SUPABASE_ANON_KEY: "anon" };
  assert.equal(parsePublishableKey(both), "sb_publishable_default");
  assert.equal(parsePublishableKey({ SUPABASE_ANON_KEY: "anon" }), "anon");
  assert.equal(
    parsePublishableKey({ SUPABASE_PUBLISHABLE_KEYS: '{"web":"sb_publishable_web"}' }),
    "sb_publishable_web",
  );
  assert.equal(parsePublishableKey({}), null);
});
