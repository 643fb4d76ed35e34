import assert from "node:assert/strict";
import { createAuthenticate } from "../../../../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import {
  ANON_KEY,
  authenticate,
  claimsWith,
  KEY,
  OPTIONS,
  OTHER_USER_ID,
  PUBLISHABLE_KEY,
  SECRET,
  TOKEN,
  USER,
  USER_ID,
  withBearer,
} from "../../../../support/authentication.ts";
import fc from "../../../../support/fast-check.ts";
import { toUserClaims } from "../../../../support/keys.ts";

Deno.test("createAuthenticate() takes a user's access token", async () => {
  assert.deepEqual(await withBearer(TOKEN), USER);
});

Deno.test("createAuthenticate() takes a user's token beside the publishable or anon key", async () => {
  for (const apikey of [PUBLISHABLE_KEY, ANON_KEY, "anything"]) {
    assert.deepEqual(await authenticate({ apikey, authorization: `Bearer ${TOKEN}` }), USER);
  }
});

Deno.test("createAuthenticate() takes the scheme in any case", async () => {
  for (const scheme of ["bearer", "BEARER", "bEaReR", "Bearer "]) {
    assert.deepEqual(await authenticate({ authorization: `${scheme} ${TOKEN}` }), USER);
  }
});

Deno.test("createAuthenticate() writes a user's id in lower case", async () => {
  const token = await KEY.sign(toUserClaims(USER_ID.toUpperCase()));
  assert.deepEqual(await withBearer(token), USER);
});

Deno.test("createAuthenticate() takes a token again until it expires", async () => {
  let nowMs = 0;
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  const token = await KEY.sign({ ...toUserClaims(USER_ID), exp });
  const jwks: { keys: JsonWebKey[] } = { keys: [KEY.publicJwk] };
  const again = createAuthenticate({ ...OPTIONS, jwks, now: () => nowMs });
  const headers = new Headers({ authorization: `Bearer ${token}` });
  assert.deepEqual(await again(headers), USER);
  // Nothing could be verified now.
  jwks.keys = [];
  assert.deepEqual(await again(headers), USER);
  const withSecret = new Headers({ authorization: `Bearer ${token}`, apikey: SECRET });
  assert.deepEqual(await again(withSecret), { ...USER, hasSecret: true });
  await assertRejected(again(new Headers({ authorization: `Bearer ${TOKEN}` })), "UNAUTHORIZED");
  nowMs = exp * 1000;
  await assertRejected(again(headers), "UNAUTHORIZED");
});

Deno.test("createAuthenticate() verifies a token that was refused once more", async () => {
  const jwks: { keys: JsonWebKey[] } = { keys: [] };
  const again = createAuthenticate({ ...OPTIONS, jwks });
  const headers = new Headers({ authorization: `Bearer ${TOKEN}` });
  await assertRejected(again(headers), "UNAUTHORIZED");
  jwks.keys = [KEY.publicJwk];
  assert.deepEqual(await again(headers), USER);
});

Deno.test("createAuthenticate() is not misled by a token that was verified before", async () => {
  const again = createAuthenticate(OPTIONS);
  const [header, payload] = TOKEN.split(".");
  assert.deepEqual(await again(new Headers({ authorization: `Bearer ${TOKEN}` })), USER);
  for (const token of [`${header}.${payload}.`, `${TOKEN.slice(0, -4)}AAAA`, `${TOKEN}A`]) {
    await assertRejected(again(new Headers({ authorization: `Bearer ${token}` })), "UNAUTHORIZED");
  }
  const other = new Headers({ authorization: `Bearer ${TOKEN}`, "x-user-id": OTHER_USER_ID });
  await assertRejected(again(other), "FORBIDDEN");
});

/** Claims of a user but for these. */
Deno.test("createAuthenticate() takes an anonymous sign-in for a user of its own kind", async () => {
  const token = await KEY.sign(claimsWith({ is_anonymous: true }));
  assert.deepEqual(await withBearer(token), { ...USER, kind: "anonymous" });
});

Deno.test("createAuthenticate() forbids an anonymous sign-in where none is allowed", async () => {
  const token = await KEY.sign(claimsWith({ is_anonymous: true }));
  const options = { isAnonymousAllowed: false };
  await assertRejected(authenticate({ authorization: `Bearer ${token}` }, options), "FORBIDDEN");
  assert.deepEqual(await authenticate({ authorization: `Bearer ${TOKEN}` }, options), USER);
});

Deno.test("createAuthenticate() throws nothing but an ApiError, and admits no random headers", async () => {
  const printable = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map(String.fromCharCode),
  });
  const value = fc.oneof(
    printable,
    printable.map((text) => `Bearer ${text}`),
    fc.constantFrom(PUBLISHABLE_KEY, ANON_KEY, USER_ID, `Bearer ${ANON_KEY}`, "Bearer a.b.c"),
  );
  const headers = fc.dictionary(
    fc.constantFrom("apikey", "authorization", "x-user-id", "x-service-name"),
    value,
  );
  await fc.assert(
    fc.asyncProperty(headers, async (headers) => {
      try {
        assert.fail(JSON.stringify(await authenticate(headers)));
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error));
        assert.equal(error.code, "UNAUTHORIZED");
      }
    }),
    { numRuns: 300 },
  );
});
