/** A project's keys, a user's token, and requests that are authenticated with them. */
import {
  type AuthenticateOptions,
  type Caller,
  createAuthenticate,
} from "../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { createSigningKey, signWithSecret, toUserClaims } from "./keys.ts";

export const USER_ID = "3f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e";
export const OTHER_USER_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

export const KEY = await createSigningKey("project-key");
/** Another project's key under the same name. */
export const IMPOSTOR_KEY = await createSigningKey("project-key");
export const UNKNOWN_KEY = await createSigningKey("unknown-key");

export const PUBLISHABLE_KEY = "sb_publishable_abc";
export const LEGACY_SECRET = "the-legacy-secret-of-the-project-that-signs-hs256";
export const SERVICE_ROLE_KEY = await signWithSecret(
  { role: "service_role", iss: "supabase" },
  LEGACY_SECRET,
);
export const ANON_KEY = await signWithSecret({ role: "anon", iss: "supabase" }, LEGACY_SECRET);

export const SECRET = "sb_secret_default";

export const OPTIONS: AuthenticateOptions = {
  supabaseUrl: "https://project.example.com",
  secretKeys: { default: SECRET, jobs: "sb_secret_jobs", service_role: SERVICE_ROLE_KEY },
  jwks: { keys: [KEY.publicJwk] },
  isAnonymousAllowed: true,
};

export const TOKEN = await KEY.sign(toUserClaims(USER_ID));

export const USER: Caller = {
  subject: `user:${USER_ID}`,
  kind: "user",
  userId: USER_ID,
  hasSecret: false,
};

export function authenticate(
  headers: Record<string, string>,
  options: Partial<AuthenticateOptions> = {},
): Promise<Caller> {
  return createAuthenticate({ ...OPTIONS, ...options })(new Headers(headers));
}

export const withBearer = (token: string) => authenticate({ authorization: `Bearer ${token}` });

/** A user's, but for these. */
export const claimsWith = (claims: Record<string, unknown>) => ({
  ...toUserClaims(USER_ID),
  ...claims,
});
