/** A project's keys, a user's token, and requests that are authenticated with them. */
import {
  type AuthenticateOptions,
  type Caller,
  createAuthenticate,
} from "../../supabase/functions/_shared/platform/auth/authenticate.ts";
import { createSigningKey, signWithSecret, toUserClaims } from "./keys.ts";

/** The user of `TOKEN`. */
export const USER_ID = "3f2b1c54-6f0e-4d56-9f6e-0c1a2b3c4d5e";

/** A user without a token. */
export const OTHER_USER_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

/** The signing key of the project. */
export const KEY = await createSigningKey("project-key");
/** Another project's key under the same name. */
export const IMPOSTOR_KEY = await createSigningKey("project-key");

/** A key that the project does not know. */
export const UNKNOWN_KEY = await createSigningKey("unknown-key");

/** A key that identifies no caller. */
export const PUBLISHABLE_KEY = "sb_publishable_abc";

/** What signed the keys of a project before it had signing keys. */
export const LEGACY_SECRET = "the-legacy-secret-of-the-project-that-signs-hs256";

/** The project's legacy secret key. */
export const SERVICE_ROLE_KEY = await signWithSecret(
  { role: "service_role", iss: "supabase" },
  LEGACY_SECRET,
);

/** The project's legacy public key. */
export const ANON_KEY = await signWithSecret({ role: "anon", iss: "supabase" }, LEGACY_SECRET);

/** The project secret that is called `default`. */
export const SECRET = "sb_secret_default";

/** A project with several secrets, which takes anonymous users. */
export const OPTIONS: AuthenticateOptions = {
  supabaseUrl: "https://project.example.com",
  secretKeys: { default: SECRET, jobs: "sb_secret_jobs", service_role: SERVICE_ROLE_KEY },
  jwks: { keys: [KEY.publicJwk] },
  isAnonymousAllowed: true,
};

/** A good token of `USER_ID`. */
export const TOKEN = await KEY.sign(toUserClaims(USER_ID));

/** Who `TOKEN` is of. */
export const USER: Caller = {
  subject: `user:${USER_ID}`,
  kind: "user",
  userId: USER_ID,
  hasSecret: false,
};

/** Authenticates by headers alone, each time with nothing remembered. */
export function authenticate(
  headers: Record<string, string>,
  options: Partial<AuthenticateOptions> = {},
): Promise<Caller> {
  return createAuthenticate({ ...OPTIONS, ...options })(new Headers(headers));
}

/** Authenticates by a token alone. */
export const withBearer = (token: string) => authenticate({ authorization: `Bearer ${token}` });

/** A user's, but for these. */
export const claimsWith = (claims: Record<string, unknown>) => ({
  ...toUserClaims(USER_ID),
  ...claims,
});
