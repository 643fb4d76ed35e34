/** A project's keys: what clients send in `apikey`, and what tokens are signed with. */
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, SignJWT } from "jose";

/** All keys of one local project; the private ones never leave the machine. */
export interface ApiKeys {
  /** `sb_publishable_…` by name; `default` is always there. */
  publishable: Record<string, string> & { default: string };
  /** `sb_secret_…` by name; `default` is always there. */
  secret: Record<string, string> & { default: string };
  /** Legacy key: an HS256 token of the role `anon`. */
  anon: string;
  /** Legacy key: an HS256 token of the role `service_role`. */
  serviceRole: string;
  /** Private ES256 key users' tokens are signed with. */
  signingKey: JWK & { kid: string };
  /** The legacy secret, base64url. */
  legacySecret: string;
}

const tenYears = "10y";

/** Makes new keys; `secretNames` are further secret keys beside `default`. */
export async function createApiKeys(
  options: { secretNames?: readonly string[] } = {},
): Promise<ApiKeys> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const legacySecret = randomText(48);
  const signLegacy = (role: string) =>
    new SignJWT({ role })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer("supabase")
      .setIssuedAt()
      .setExpirationTime(tenYears)
      .sign(new TextEncoder().encode(legacySecret));
  return {
    publishable: { default: createApiKey("publishable") },
    secret: withNames({ default: createApiKey("secret") }, options.secretNames),
    anon: await signLegacy("anon"),
    serviceRole: await signLegacy("service_role"),
    signingKey: {
      ...await exportJWK(privateKey),
      alg: "ES256",
      use: "sig",
      kid: crypto.randomUUID(),
    },
    legacySecret,
  };
}

/** Reads the keys of a file, or makes them and writes it (readable by its owner alone). */
export async function readOrCreateApiKeys(
  path: string,
  options: { secretNames?: readonly string[] } = {},
): Promise<ApiKeys> {
  let keys: ApiKeys;
  try {
    keys = JSON.parse(await Deno.readTextFile(path));
    keys.secret = withNames(keys.secret, options.secretNames);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    keys = await createApiKeys(options);
  }
  await Deno.writeTextFile(path, JSON.stringify(keys, null, 2), { mode: 0o600 });
  return keys;
}

/** The public key of users' tokens, as `/.well-known/jwks.json` and `SUPABASE_JWKS` show it. */
export function publicKeySet({ signingKey }: Pick<ApiKeys, "signingKey">): JSONWebKeySet {
  const { d: _private, ...publicKey } = signingKey;
  return { keys: [{ ...publicKey, key_ops: ["verify"] }] };
}

/** What PostgREST verifies with: the public key and the legacy secret. */
export function verificationKeySet(keys: ApiKeys): JSONWebKeySet {
  const k = toBase64Url(new TextEncoder().encode(keys.legacySecret));
  return { keys: [...publicKeySet(keys).keys, { kty: "oct", alg: "HS256", k }] };
}

function withNames(
  secret: ApiKeys["secret"],
  names: readonly string[] = [],
): ApiKeys["secret"] {
  const added = names.filter((name) => !(name in secret))
    .map((name) => [name, createApiKey("secret")]);
  return { ...secret, ...Object.fromEntries(added) };
}

function createApiKey(kind: "publishable" | "secret"): string {
  return `sb_${kind}_${randomText(22)}_${randomText(8)}`;
}

function randomText(length: number): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(length))).slice(0, length);
}

function toBase64Url(bytes: Uint8Array<ArrayBuffer>): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
