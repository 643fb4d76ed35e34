import assert from "node:assert/strict";
import { createAccessTokenSigner } from "../../../../dev/stack/api/access-token.ts";
import { createApiKeys } from "../../../../dev/stack/api/api-keys.ts";

Deno.test("access tokens: one of a role is signed once for many requests, one of a user each time", async () => {
  const signer = await createAccessTokenSigner({
    keys: await createApiKeys(),
    issuer: "http://127.0.0.1/auth/v1",
  });
  const token = await signer.signRoleToken("service_role");
  assert.equal(await signer.signRoleToken("service_role"), token);
  assert.notEqual(await signer.signRoleToken("anon"), token);
  assert.notEqual(await signer.signUserToken(), await signer.signUserToken());
});
