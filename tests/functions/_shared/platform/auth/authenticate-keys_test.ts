/** The project's signing keys, and where to get them. */
import assert from "node:assert/strict";
import { createAuthenticate } from "../../../../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { assertRejected } from "../../../../support/api-errors.ts";
import {
  authenticate,
  KEY,
  OPTIONS,
  SECRET,
  TOKEN,
  UNKNOWN_KEY,
  USER,
  USER_ID,
} from "../../../../support/authentication.ts";
import { toUserClaims } from "../../../../support/keys.ts";

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
