import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AuthenticateOptions,
  type Caller,
  createAuthenticate,
} from "../../../../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { ApiError } from "../../../../../supabase/functions/_shared/platform/http/api-error.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import {
  findUnauthorizedReason,
  type UnauthorizedReason,
} from "../../../../../supabase/functions/_shared/platform/auth/unauthorized.ts";
import {
  createSigningKey,
  signWithSecret,
  toUnsignedToken,
  toUserClaims,
} from "../../../../support/keys.ts";

const USER_ID = "3f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e";
const OTHER_USER_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

const KEY = await createSigningKey("project-key");
/** Somebody else's key under the same name. */
const IMPOSTOR_KEY = await createSigningKey("project-key");
const UNKNOWN_KEY = await createSigningKey("unknown-key");

const PUBLISHABLE_KEY = "sb_publishable_abc";
const LEGACY_SECRET = "the-legacy-secret-of-the-project-that-signs-hs256";
const SERVICE_ROLE_KEY = await signWithSecret(
  { role: "service_role", iss: "supabase" },
  LEGACY_SECRET,
);
const ANON_KEY = await signWithSecret({ role: "anon", iss: "supabase" }, LEGACY_SECRET);

const SECRET = "sb_secret_default";

const OPTIONS: AuthenticateOptions = {
  supabaseUrl: "https://project.example.com",
  secretKeys: { default: SECRET, jobs: "sb_secret_jobs", service_role: SERVICE_ROLE_KEY },
  jwks: { keys: [KEY.publicJwk] },
  isAnonymousAllowed: true,
};

const TOKEN = await KEY.sign(toUserClaims(USER_ID));

const USER: Caller = {
  subject: `user:${USER_ID}`,
  kind: "user",
  userId: USER_ID,
  hasSecret: false,
};

function authenticate(
  headers: Record<string, string>,
  options: Partial<AuthenticateOptions> = {},
): Promise<Caller> {
  return createAuthenticate({ ...OPTIONS, ...options })(new Headers(headers));
}

const withBearer = (token: string) => authenticate({ authorization: `Bearer ${token}` });

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
const claimsWith = (claims: Record<string, unknown>) => ({ ...toUserClaims(USER_ID), ...claims });

const [HEADER, PAYLOAD, SIGNATURE] = TOKEN.split(".") as [string, string, string];

const BAD_TOKENS: Record<string, string> = {
  "an expired token": await KEY.sign(claimsWith({ exp: 946_684_800 })),
  "a token that is not good yet": await KEY.sign(claimsWith({ nbf: 4_102_444_799 })),
  "a forged signature": `${HEADER}.${PAYLOAD}.${
    SIGNATURE.replace(/^./, (char) => char === "A" ? "B" : "A")
  }`,
  "a token whose claims were changed": [
    HEADER,
    toUnsignedToken({}, toUserClaims(OTHER_USER_ID)).split(".")[1],
    SIGNATURE,
  ].join("."),
  "a token without its signature": `${HEADER}.${PAYLOAD}.`,
  "a token signed by another key of the same kid": await IMPOSTOR_KEY.sign(toUserClaims(USER_ID)),
  "a token signed by a key of another kid": await UNKNOWN_KEY.sign(toUserClaims(USER_ID)),
  "a token of alg none": toUnsignedToken({ alg: "none", kid: KEY.kid }, toUserClaims(USER_ID)),
  "a token of alg None": toUnsignedToken({ alg: "None", kid: KEY.kid }, toUserClaims(USER_ID)),
  "a token without an alg": toUnsignedToken({ kid: KEY.kid }, toUserClaims(USER_ID)),
  "a token signed by HS256 with the public key in PEM": await signWithSecret(
    toUserClaims(USER_ID),
    KEY.publicPem,
    { kid: KEY.kid },
  ),
  "a token signed by HS256 with the public key as JWK": await signWithSecret(
    toUserClaims(USER_ID),
    JSON.stringify(KEY.publicJwk),
    { kid: KEY.kid },
  ),
  "a token signed by HS256 with the key's x": await signWithSecret(
    toUserClaims(USER_ID),
    KEY.publicJwk.x!,
    { kid: KEY.kid },
  ),
  "a user's token signed with the legacy secret": await signWithSecret(
    toUserClaims(USER_ID),
    LEGACY_SECRET,
  ),
  "a token of the anon role": await KEY.sign(claimsWith({ role: "anon" })),
  "a token of the service_role role that is no key": await KEY.sign(
    claimsWith({ role: "service_role" }),
  ),
  "a token without a role": await KEY.sign(claimsWith({ role: undefined })),
  "a token without a sub": await KEY.sign(claimsWith({ sub: undefined })),
  "a token whose sub is no UUID": await KEY.sign(claimsWith({ sub: "admin" })),
  "a token whose sub is more than a UUID": await KEY.sign(claimsWith({ sub: `${USER_ID}\n` })),
  "the publishable key as Bearer": PUBLISHABLE_KEY,
  "the anon key as Bearer": ANON_KEY,
  "a token cut off": TOKEN.slice(0, 40),
  "a token in quotes": `"${TOKEN}"`,
  "the word undefined": "undefined",
  "two tokens": `${TOKEN}, Bearer ${TOKEN}`,
  "two words": "a b",
};

const REASONS: Record<string, UnauthorizedReason> = {
  "an expired token": "expired",
  "a forged signature": "wrong_key",
  "a token whose claims were changed": "wrong_key",
  "a token signed by another key of the same kid": "wrong_key",
  "a token signed by a key of another kid": "wrong_key",
  "a user's token signed with the legacy secret": "legacy_secret",
  "a token of the anon role": "no_user",
  "a token whose sub is no UUID": "third_party",
  "the publishable key as Bearer": "no_user",
  "the anon key as Bearer": "no_user",
  "a token cut off": "malformed",
  "a token in quotes": "malformed",
  "the word undefined": "malformed",
};

for (const [what, reason] of Object.entries(REASONS)) {
  Deno.test(`createAuthenticate() tells of ${what} that it is ${reason}`, async () => {
    const authorization = `Bearer ${BAD_TOKENS[what]}`;
    const { details } = await assertRejected(authenticate({ authorization }), "UNAUTHORIZED");
    assert.deepEqual(details, { reason });
  });
}

Deno.test("createAuthenticate() tells other providers' tokens from other projects'", async () => {
  const reasonOf = async (iss: string) => {
    const token = await UNKNOWN_KEY.sign({ ...toUserClaims(USER_ID), iss });
    const authorization = `Bearer ${token}`;
    return (await assertRejected(authenticate({ authorization }), "UNAUTHORIZED")).details!.reason;
  };
  assert.equal(await reasonOf("https://clerk.example.com"), "third_party");
  assert.equal(await reasonOf("https://other.supabase.co/auth/v1"), "wrong_key");
});

Deno.test("createAuthenticate() tells of no credential, and of one that names no user", async () => {
  const reasonOf = async (headers: Record<string, string>) =>
    (await assertRejected(authenticate(headers), "UNAUTHORIZED")).details!.reason;
  assert.equal(await reasonOf({}), "missing");
  assert.equal(await reasonOf({ apikey: PUBLISHABLE_KEY }), "no_user");
  assert.equal(
    await reasonOf({ apikey: ANON_KEY, authorization: `Bearer ${ANON_KEY}` }),
    "no_user",
  );
});

for (const [what, token] of Object.entries(BAD_TOKENS)) {
  Deno.test(`createAuthenticate() refuses ${what}, whatever key is beside it`, async () => {
    for (const key of [{}, { apikey: PUBLISHABLE_KEY }, { apikey: token }, { apikey: SECRET }]) {
      const error = await assertRejected(
        authenticate({ ...key, authorization: `Bearer ${token}` }),
        "UNAUTHORIZED",
      );
      assert.equal(error.status, 401);
      assert.ok(!error.message.includes(token.slice(0, 20)));
      assert.ok(findUnauthorizedReason(error) !== null);
    }
  });
}

Deno.test("createAuthenticate() refuses a request without credentials", async () => {
  await assertRejected(authenticate({}), "UNAUTHORIZED");
  await assertRejected(authenticate({ apikey: "", authorization: "" }), "UNAUTHORIZED");
});

Deno.test("createAuthenticate() refuses a key that is everybody's, in either place or both", async () => {
  for (const key of [PUBLISHABLE_KEY, ANON_KEY]) {
    await assertRejected(authenticate({ apikey: key }), "UNAUTHORIZED");
    await assertRejected(
      authenticate({ apikey: key, authorization: `Bearer ${key}` }),
      "UNAUTHORIZED",
    );
  }
});

Deno.test("createAuthenticate() refuses every other scheme", async () => {
  for (
    const authorization of [
      `Basic ${TOKEN}`,
      `Basic ${btoa(`user:${SECRET}`)}`,
      TOKEN,
      SECRET,
      "Bearer",
      `Token ${TOKEN}`,
      `Bearer:${TOKEN}`,
      `NotBearer ${TOKEN}`,
    ]
  ) {
    await assertRejected(authenticate({ authorization }), "UNAUTHORIZED");
  }
});

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

Deno.test("createAuthenticate() takes a token by any key of the set", async () => {
  const jwks = { keys: [UNKNOWN_KEY.publicJwk, KEY.publicJwk] };
  for (const key of [KEY, UNKNOWN_KEY]) {
    const token = await key.sign(toUserClaims(USER_ID));
    assert.deepEqual(await authenticate({ authorization: `Bearer ${token}` }, { jwks }), USER);
  }
});

Deno.test("createAuthenticate() refuses every token where the key set is empty", async () => {
  const jwks = { keys: [] };
  await assertRejected(
    authenticate({ authorization: `Bearer ${TOKEN}` }, { jwks }),
    "UNAUTHORIZED",
  );
});

Deno.test("createAuthenticate() blames the project when no signing keys are known", async () => {
  const options = { jwks: null };
  await assertRejected(
    authenticate({ authorization: `Bearer ${TOKEN}` }, options),
    "NOT_CONFIGURED",
  );
  assert.equal((await authenticate({ apikey: SECRET }, options)).kind, "service");
});

/** Runs with another `fetch`, which the library takes from the global scope. */
async function withFetch<T>(fetch: typeof globalThis.fetch, run: () => Promise<T>): Promise<T> {
  const original = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    return await run();
  } finally {
    globalThis.fetch = original;
  }
}

Deno.test("createAuthenticate() fetches the signing keys where only their address is known", async () => {
  const jwks = new URL("https://project.example.com/auth/v1/.well-known/jwks.json");
  const asked: string[] = [];
  const fetch = (input: URL | RequestInfo) => {
    asked.push(String(input));
    return Promise.resolve(Response.json({ keys: [KEY.publicJwk] }));
  };
  await withFetch(fetch, async () => {
    const authenticate = createAuthenticate({ ...OPTIONS, jwks });
    const headers = new Headers({ authorization: `Bearer ${TOKEN}` });
    assert.deepEqual(await authenticate(headers), USER);
    assert.deepEqual(await authenticate(headers), USER);
  });
  assert.deepEqual(asked, [jwks.href]);
});

Deno.test("createAuthenticate() blames the project when its signing keys can't be fetched", async () => {
  const answers = [
    () => Promise.reject(new TypeError("connection refused")),
    () => Promise.resolve(new Response("gone", { status: 500 })),
    () => Promise.resolve(new Response("not JSON")),
  ];
  for (const [index, answer] of answers.entries()) {
    const jwks = new URL(`https://project-${index}.example.com/jwks.json`);
    await withFetch(answer, async () => {
      const error = await assertRejected(
        authenticate({ authorization: `Bearer ${TOKEN}` }, { jwks }),
        "NOT_CONFIGURED",
      );
      assert.equal(error.status, 503);
    });
  }
});

Deno.test("createAuthenticate() throws nothing but an ApiError, and lets nobody in by chance", async () => {
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
