import assert from "node:assert/strict";
import type { Platform } from "../../../../../supabase/functions/_shared/platform/settings/platform-variables.ts";
import { VERSION } from "../../../../../supabase/functions/_shared/platform/version.ts";
import {
  checkFunctions,
  checkSigningKeys,
} from "../../../../../supabase/functions/semantic-analysis/routes/doctor/project-checks.ts";

const PLATFORM: Platform = {
  supabaseUrl: "https://ref.supabase.co",
  databaseKey: "sb_secret_x",
  secretKeys: {},
  jwks: new URL("https://ref.supabase.co/auth/v1/.well-known/jwks.json"),
};

const missing = () => Response.json({ code: "NOT_FOUND" }, { status: 404 });
const healthy = (version = VERSION) => () => Response.json({ status: "ok", version });
const gateway = (version = VERSION) => () =>
  Response.json({ success: true, data: { gateway: { status: "ok", version } } });
/** The platform's, in place of a function whose tokens it checks. */
const guarded = () =>
  Response.json({ code: 401, message: "Missing authorization header" }, { status: 401 });
const page = () => new Response("<!doctype html>", { status: 502 });
const gone = () => {
  throw new TypeError("refused");
};

function fetching(routes: Record<string, () => Response>): typeof fetch {
  return (input, init) => {
    assert.equal(new Headers(init?.headers).has("apikey"), false);
    const route = Object.keys(routes).find((name) => String(input).includes(`/${name}`));
    return new Promise((resolve) => resolve(route ? routes[route]!() : missing()));
  };
}

const keysOf = (keys: unknown, platform = PLATFORM) =>
  checkSigningKeys({ platform, fetch: fetching({ auth: () => Response.json({ keys }) }) });

Deno.test("checkSigningKeys() finds keys, none, and only HS256 ones", async () => {
  assert.equal((await keysOf([{ kty: "EC" }])).status, "ok");
  const none = await keysOf([]);
  assert.equal(none.status, "failed");
  assert.match(none.message, /no signing keys/);
  assert.match(none.action!, /Signing keys/);
  const symmetric = await keysOf([{ kty: "oct" }]);
  assert.equal(symmetric.status, "failed");
  assert.match(symmetric.message, /only HS256/);
});

Deno.test("checkSigningKeys() looks at the keys that the platform gives, where it does", async () => {
  const jwks = { keys: [{ kty: "EC" }] };
  const check = await checkSigningKeys({ platform: { ...PLATFORM, jwks }, fetch: gone as never });
  assert.equal(check.status, "ok");
});

Deno.test("checkSigningKeys() tells keys that can't be read from none", async () => {
  for (const auth of [page, missing, gone]) {
    const check = await checkSigningKeys({ platform: PLATFORM, fetch: fetching({ auth }) });
    assert.equal(check.status, "failed");
    assert.match(check.message, /could not be read/);
  }
});

const functionsOf = (routes: Record<string, () => Response>) =>
  checkFunctions({ platform: PLATFORM, fetch: fetching(routes) });

Deno.test("checkFunctions() finds those that are deployed, with their version", async () => {
  const { check, deployed } = await functionsOf({
    "semantic-analysis": healthy(),
    "mivaa-gateway": gateway(),
    "analyse-catalogue": healthy(),
  });
  assert.deepEqual(check, {
    name: "functions",
    status: "ok",
    message:
      `Deployed: semantic-analysis ${VERSION}, mivaa-gateway ${VERSION}, analyse-catalogue ${VERSION}`,
  });
  assert.deepEqual(deployed, ["semantic-analysis", "mivaa-gateway", "analyse-catalogue"]);
});

Deno.test("checkFunctions() finds verify_jwt left on, by a call of itself", async () => {
  const { check } = await functionsOf({ "semantic-analysis": guarded, "visual-search": healthy() });
  assert.equal(check.status, "failed");
  assert.match(check.message, /before semantic-analysis is asked \(verify_jwt\)/);
  assert.match(check.action!, /verify_jwt = false/);
});

Deno.test("checkFunctions() only warns of verify_jwt on another function, which may be the owner's", async () => {
  const { check, deployed } = await functionsOf({
    "semantic-analysis": healthy(),
    "visual-search": guarded,
  });
  assert.equal(check.status, "warning");
  assert.match(check.message, /before visual-search is asked \(verify_jwt\)/);
  assert.match(check.action!, /of this project/);
  assert.deepEqual(deployed, ["semantic-analysis"]);
});

Deno.test("checkFunctions() wants nothing of a function of the owner's that has one of our names", async () => {
  const owners = [
    () => new Response("mine"),
    () => Response.json({ error: "no such path" }, { status: 400 }),
    () => Response.json(null),
  ];
  for (const own of owners) {
    const { check, deployed } = await functionsOf({
      "semantic-analysis": healthy(),
      "visual-search": own,
    });
    assert.deepEqual([check.status, check.message], [
      "ok",
      `Deployed: semantic-analysis ${VERSION}; not of this project: visual-search`,
    ]);
    assert.deepEqual(deployed, ["semantic-analysis"]);
  }
});

Deno.test("checkFunctions() finds a function of another version", async () => {
  const { check } = await functionsOf({
    "semantic-analysis": healthy(),
    "visual-search": healthy("0.0.9"),
    "mivaa-gateway": gateway("0.0.8"),
  });
  assert.equal(check.status, "warning");
  assert.match(check.message, /visual-search is 0\.0\.9, mivaa-gateway is 0\.0\.8/);
});

Deno.test("checkFunctions() finds a function whose own settings can't be used, the doctor's own aside", async () => {
  const unready = (body: unknown) => () => Response.json(body, { status: 503 });
  const own = { status: "not_configured", version: VERSION };
  const { check } = await functionsOf({
    "semantic-analysis": unready(own),
    "visual-search": unready(own),
    "mivaa-gateway": unready({
      success: false,
      data: { gateway: { status: "not_configured", version: VERSION } },
    }),
  });
  assert.equal(check.status, "failed");
  assert.match(check.message, /^Settings of visual-search, mivaa-gateway can't be used/);
  assert.match(check.action!, /not_configured/);
});

Deno.test("checkFunctions() warns of one whose health can't be had", async () => {
  const limited = () => Response.json({ message: "Too many calls" }, { status: 429 });
  for (const broken of [page, gone, limited]) {
    const { check } = await functionsOf({
      "semantic-analysis": healthy(),
      "visual-search": broken,
    });
    assert.equal(check.status, "warning");
    assert.match(check.message, /visual-search/);
  }
});
