/** The tokens users carry, as Supabase Auth signs them. */
import { importJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { type ApiKeys, publicKeySet } from "./api-keys.ts";

/** How long an access token is good for. */
export const accessTokenLifetimeSeconds = 3600;

/** Of a role's token, and how old it is given again: a signature costs more than the rest of a request. */
const [ROLE_TOKEN_LIFETIME_SECONDS, ROLE_TOKEN_REUSED_SECONDS] = [300, 60];

/** Claims that replace the default ones; `undefined` leaves a claim out. */
export type ClaimOverrides = { [claim: string]: unknown };

/** Signs tokens of one project. */
export interface AccessTokenSigner {
  /**
   * A user's token. Without overrides: a new anonymous user's, good for an hour. Nothing is checked,
   * so that tests can have expired and odd ones.
   */
  signUserToken(overrides?: ClaimOverrides): Promise<string>;
  /** A token of an API role, good for a few minutes: what an API key is translated to. */
  signRoleToken(role: "anon" | "service_role"): Promise<string>;
  /**
   * The claims of a token that this project has signed.
   *
   * @throws {Error} when it isn't, or has expired
   */
  verify(token: string): Promise<JWTPayload>;
}

/** Makes the signer for a project's keys. */
export async function createAccessTokenSigner(
  options: { keys: ApiKeys; issuer: string },
): Promise<AccessTokenSigner> {
  const { keys, issuer } = options;
  const privateKey = await importJWK(keys.signingKey, "ES256");
  const publicKey = await importJWK(publicKeySet(keys).keys[0]!, "ES256");
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: keys.signingKey.kid, typ: "JWT" })
      .sign(privateKey);
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const roleTokens = new Map<string, { token: Promise<string>; issuedAt: number }>();

  return {
    signUserToken(overrides = {}) {
      const issuedAt = nowSeconds();
      return sign({
        iss: issuer,
        sub: crypto.randomUUID(),
        aud: "authenticated",
        exp: issuedAt + accessTokenLifetimeSeconds,
        iat: issuedAt,
        email: "",
        phone: "",
        app_metadata: {},
        user_metadata: {},
        role: "authenticated",
        aal: "aal1",
        amr: [{ method: "anonymous", timestamp: issuedAt }],
        session_id: crypto.randomUUID(),
        is_anonymous: true,
        ...overrides,
      });
    },
    signRoleToken(role) {
      const issuedAt = nowSeconds();
      const last = roleTokens.get(role);
      if (last && issuedAt - last.issuedAt < ROLE_TOKEN_REUSED_SECONDS) return last.token;
      const exp = issuedAt + ROLE_TOKEN_LIFETIME_SECONDS;
      const token = sign({ iss: issuer, role, iat: issuedAt, exp });
      roleTokens.set(role, { token, issuedAt });
      return token;
    },
    verify: async (token) =>
      (await jwtVerify(token, publicKey, { issuer, audience: "authenticated" })).payload,
  };
}
