/** Tokens and keys that are not taken, and why. */
import assert from "node:assert/strict";
import {
  findUnauthorizedReason,
  type UnauthorizedReason,
} from "../../../../../supabase/functions/_shared/platform/auth/unauthorized.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import {
  ANON_KEY,
  authenticate,
  claimsWith,
  IMPOSTOR_KEY,
  KEY,
  LEGACY_SECRET,
  OTHER_USER_ID,
  PUBLISHABLE_KEY,
  SECRET,
  TOKEN,
  UNKNOWN_KEY,
  USER_ID,
} from "../../../../support/authentication.ts";
import { signWithSecret, toUnsignedToken, toUserClaims } from "../../../../support/keys.ts";

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

Deno.test("createAuthenticate() refuses a public key, in either header or both", async () => {
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
