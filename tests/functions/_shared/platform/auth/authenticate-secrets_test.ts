/** Project secrets: for a service, or for a user whom they name. */
import assert from "node:assert/strict";
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
  SERVICE_ROLE_KEY,
  TOKEN,
  USER,
  USER_ID,
} from "../../../../support/authentication.ts";

Deno.test("createAuthenticate() takes a secret of any name in apikey", async () => {
  for (const [name, apikey] of Object.entries(OPTIONS.secretKeys)) {
    assert.deepEqual(await authenticate({ apikey }), {
      subject: `service:${name}`,
      kind: "service",
      userId: null,
      hasSecret: true,
    });
  }
});

Deno.test("createAuthenticate() takes a secret as Bearer, as clients without a session send it", async () => {
  for (const [name, key] of Object.entries(OPTIONS.secretKeys)) {
    const authorization = `Bearer ${key}`;
    for (const headers of [{ authorization }, { authorization, apikey: key }]) {
      assert.equal((await authenticate(headers)).subject, `service:${name}`);
    }
    const withPublishable = await authenticate({ authorization, apikey: PUBLISHABLE_KEY });
    assert.equal(withPublishable.subject, `service:${name}`);
  }
});

Deno.test("createAuthenticate() refuses a secret that is not quite one", async () => {
  for (const apikey of [`${SECRET}x`, SECRET.slice(0, -1), SECRET.toUpperCase(), "default", ""]) {
    await assertRejected(authenticate({ apikey }), "UNAUTHORIZED");
    await assertRejected(authenticate({ authorization: `Bearer ${apikey}` }), "UNAUTHORIZED");
  }
});

Deno.test("createAuthenticate() takes no secret where the project has none", async () => {
  await assertRejected(authenticate({ apikey: SECRET }, { secretKeys: {} }), "UNAUTHORIZED");
  await assertRejected(authenticate({ apikey: "" }, { secretKeys: { a: "" } }), "UNAUTHORIZED");
});

Deno.test("createAuthenticate() finds nothing in the prototype of the keys", async () => {
  for (
    const apikey of ["constructor", "toString", "__proto__", "function Object() { [native code] }"]
  ) {
    await assertRejected(authenticate({ apikey }), "UNAUTHORIZED");
  }
});

Deno.test("createAuthenticate() takes a secret with a prototype-ish name like any other", async () => {
  const secretKeys = JSON.parse('{"constructor":"sb_secret_a","__proto__":"sb_secret_b"}');
  const nameOf = async (apikey: string) => (await authenticate({ apikey }, { secretKeys })).subject;
  assert.equal(await nameOf("sb_secret_a"), "service:constructor");
  assert.equal(await nameOf("sb_secret_b"), "service:__proto__");
});

Deno.test("createAuthenticate() lets a secret name the user it acts for", async () => {
  for (const id of [USER_ID, USER_ID.toUpperCase()]) {
    assert.deepEqual(await authenticate({ apikey: SECRET, "x-user-id": id }), {
      subject: `user:${USER_ID}`,
      kind: "user",
      userId: USER_ID,
      hasSecret: true,
    });
  }
});

Deno.test("createAuthenticate() refuses an x-user-id that is no UUID", async () => {
  for (const id of ["", "admin", "user:1", `${USER_ID}x`, `{${USER_ID}}`, "__proto__"]) {
    const error = await assertRejected(
      authenticate({ apikey: SECRET, "x-user-id": id }),
      "INVALID_REQUEST",
    );
    assert.deepEqual(error.details, { "x-user-id": "must be a UUID" });
  }
});

Deno.test("createAuthenticate() takes a secret beside a user's token, for that user", async () => {
  const authorization = `Bearer ${TOKEN}`;
  const expected = { ...USER, hasSecret: true };
  assert.deepEqual(await authenticate({ apikey: SECRET, authorization }), expected);
  for (const id of [USER_ID, USER_ID.toUpperCase()]) {
    assert.deepEqual(
      await authenticate({ apikey: SECRET, authorization, "x-user-id": id }),
      expected,
    );
  }
});

Deno.test("createAuthenticate() forbids x-user-id and a token that disagree, even to a secret", async () => {
  const authorization = `Bearer ${TOKEN}`;
  for (const id of [OTHER_USER_ID, "admin", ""]) {
    for (const headers of [{ authorization }, { authorization, apikey: SECRET }]) {
      await assertRejected(authenticate({ ...headers, "x-user-id": id }), "FORBIDDEN");
    }
  }
});

Deno.test("createAuthenticate() lets a user name itself, which changes nothing", async () => {
  assert.deepEqual(
    await authenticate({ authorization: `Bearer ${TOKEN}`, "x-user-id": USER_ID }),
    USER,
  );
});

Deno.test("createAuthenticate() gives x-user-id no weight without a secret", async () => {
  for (const key of [{}, { apikey: PUBLISHABLE_KEY }, { authorization: `Bearer ${ANON_KEY}` }]) {
    await assertRejected(authenticate({ ...key, "x-user-id": USER_ID }), "UNAUTHORIZED");
  }
});

Deno.test("createAuthenticate() lets a secret name the service whose limits it uses", async () => {
  for (const name of ["mivaa", "a", "night-jobs_2", "x".repeat(64)]) {
    for (const headers of [{ apikey: SECRET }, { authorization: `Bearer ${SERVICE_ROLE_KEY}` }]) {
      assert.deepEqual(await authenticate({ ...headers, "x-service-name": name }), {
        subject: `service:${name}`,
        kind: "service",
        userId: null,
        hasSecret: true,
      });
    }
  }
});

Deno.test("createAuthenticate() refuses an x-service-name that is no name", async () => {
  for (const name of ["", "Mivaa", "a b", "a,b", "x".repeat(65), `user:${USER_ID}`, "a/b", "é"]) {
    const error = await assertRejected(
      authenticate({ apikey: SECRET, "x-service-name": name }),
      "INVALID_REQUEST",
    );
    assert.ok(error.details?.["x-service-name"]);
  }
});

Deno.test("createAuthenticate() forbids a secret to be for a user and for a service", async () => {
  for (
    const user of [
      { "x-user-id": USER_ID },
      { "x-user-id": "admin" },
      { authorization: `Bearer ${TOKEN}` },
      { authorization: `Bearer ${TOKEN}`, "x-user-id": USER_ID },
    ]
  ) {
    const headers = { ...user, apikey: SECRET, "x-service-name": "mivaa" };
    await assertRejected(authenticate(headers), "FORBIDDEN");
  }
});

Deno.test("createAuthenticate() gives x-service-name no weight without a secret", async () => {
  const service = { "x-service-name": "mivaa" };
  for (const key of [{}, { apikey: PUBLISHABLE_KEY }, { authorization: `Bearer ${ANON_KEY}` }]) {
    await assertRejected(authenticate({ ...key, ...service }), "UNAUTHORIZED");
  }
  assert.deepEqual(await authenticate({ authorization: `Bearer ${TOKEN}`, ...service }), USER);
});

Deno.test("createAuthenticate() forbids anonymous sign-ins beside a secret too", async () => {
  const token = await KEY.sign(claimsWith({ is_anonymous: true }));
  const headers = { apikey: SECRET, authorization: `Bearer ${token}` };
  await assertRejected(authenticate(headers, { isAnonymousAllowed: false }), "FORBIDDEN");
});
