/** Signing keys and access tokens like those of Supabase Auth. */

import { base64url, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** A key that signs tokens, and its public half. */
export interface SigningKey {
  kid: string;
  /** As it stands in the project's key set. */
  publicJwk: JsonWebKey & { kid: string };
  /** The public key in PEM, which is no secret. */
  publicPem: string;
  sign(claims: JWTPayload): Promise<string>;
}

/** A new ES256 key, under this id. */
export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    kid,
    publicJwk: { ...await exportJWK(publicKey), alg: "ES256", use: "sig", kid },
    publicPem: await exportSPKI(publicKey),
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid, typ: "JWT" }).sign(privateKey),
  };
}

/** Signs as legacy projects do, with a secret that both sides know. */
export function signWithSecret(
  claims: JWTPayload,
  secret: string,
  header: { kid?: string } = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT", ...header })
    .sign(new TextEncoder().encode(secret));
}

/** A token with any header and no signature. */
export function toUnsignedToken(header: Record<string, unknown>, claims: JWTPayload): string {
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
  return `${encode(header)}.${encode(claims)}.`;
}

/** Seconds since 1970 of a day that no test will see. */
const IN_2100 = 4_102_444_800;

/** The claims of a signed-in user whose token is good until 2100. */
export function toUserClaims(sub: string): JWTPayload {
  return { sub, role: "authenticated", aud: "authenticated", is_anonymous: false, exp: IN_2100 };
}
