/**
 * The part of Supabase Auth an application needs to sign in: anonymous users, e-mail and password
 * (no mail is sent), refreshing, reading the user, signing out, and the public keys. Requests and
 * responses have the shapes supabase-js sends and reads; errors are
 * `{ code: <status>, error_code, msg }`.
 */
import type { JSONWebKeySet } from "jose";
import { accessTokenLifetimeSeconds, type AccessTokenSigner } from "./access-token.ts";
import {
  closeSessions,
  createUser,
  findUserByPassword,
  findUserBySession,
  openSession,
  renewSession,
  type Session,
  type UserRow,
} from "./auth-users.ts";
import { connect } from "../postgres/connect.ts";

/** What the server works with. */
export interface AuthServerOptions {
  /** Connection string of the role `supabase_auth_admin`. */
  databaseUrl: string;
  signer: AccessTokenSigner;
  jwks: JSONWebKeySet;
  /** Told of failures that aren't the caller's. */
  onLine?: (line: string) => void;
}

/** Answers requests whose path is relative to `/auth/v1`. */
export interface AuthServer {
  handle(request: Request, path: string): Promise<Response>;
  stop(): Promise<void>;
}

/** Makes the auth server of one project. */
export function createAuthServer(options: AuthServerOptions): AuthServer {
  const { signer, jwks } = options;
  const sql = connect(options.databaseUrl, { maxConnections: 4 });

  const sessionResponse = async (user: UserRow, session: Session) => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const accessToken = await signer.signUserToken({
      sub: user.id,
      email: user.email ?? "",
      app_metadata: user.raw_app_meta_data,
      user_metadata: user.raw_user_meta_data,
      is_anonymous: user.is_anonymous,
      session_id: session.id,
      amr: [{ method: user.is_anonymous ? "anonymous" : "password", timestamp: nowSeconds }],
    });
    return Response.json({
      access_token: accessToken,
      token_type: "bearer",
      expires_in: accessTokenLifetimeSeconds,
      expires_at: nowSeconds + accessTokenLifetimeSeconds,
      refresh_token: session.refreshToken,
      user: toUser(user),
    });
  };

  const signUp = async (request: Request) => {
    const { email, password, data } = await readBody(request);
    if (typeof email === "string" && (typeof password !== "string" || password.length < 6)) {
      throw new AuthError(422, "weak_password", "Password should be at least 6 characters.");
    }
    const user = await createUser(sql, {
      ...(typeof email === "string" && { email }),
      ...(typeof password === "string" && { password }),
      metadata: isJsonObject(data) ? data : {},
    });
    if (!user) throw new AuthError(422, "user_already_exists", "User already registered");
    return sessionResponse(user, await openSession(sql, user.id));
  };

  const issueToken = async (request: Request) => {
    const body = await readBody(request);
    const grantType = new URL(request.url).searchParams.get("grant_type");
    if (grantType === "password") {
      const user = await findUserByPassword(sql, String(body.email), String(body.password));
      if (!user) throw new AuthError(400, "invalid_credentials", "Invalid login credentials");
      return sessionResponse(user, await openSession(sql, user.id));
    }
    if (grantType === "refresh_token") {
      const renewed = await renewSession(sql, String(body.refresh_token));
      if (!renewed) {
        const message = "Invalid Refresh Token: Refresh Token Not Found";
        throw new AuthError(400, "refresh_token_not_found", message);
      }
      return sessionResponse(renewed.user, renewed.session);
    }
    throw new AuthError(400, "validation_failed", "Unsupported grant_type");
  };

  const requireUser = async (request: Request) => {
    const token = /^bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!token) {
      throw new AuthError(401, "no_authorization", "This endpoint requires a Bearer token");
    }
    const claims = await signer.verify(token).catch((error) => {
      throw new AuthError(403, "bad_jwt", `invalid JWT: ${error.message}`);
    });
    const [userId, sessionId] = [String(claims.sub), String(claims.session_id)];
    const user = await findUserBySession(sql, userId, sessionId);
    if (!user) {
      const message = "Session from session_id claim in JWT does not exist";
      throw new AuthError(403, "session_not_found", message);
    }
    return { user, sessionId };
  };

  const signOut = async (request: Request) => {
    const { user, sessionId } = await requireUser(request);
    const scope = new URL(request.url).searchParams.get("scope") ?? "global";
    if (scope !== "global" && scope !== "local" && scope !== "others") {
      throw new AuthError(400, "validation_failed", `Unsupported logout scope "${scope}"`);
    }
    await closeSessions(sql, user.id, sessionId, scope);
    return new Response(null, { status: 204 });
  };

  const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
    "GET /.well-known/jwks.json": () => Response.json(jwks),
    "GET /health": () => Response.json({ name: "GoTrue", description: "Local stand-in" }),
    "POST /signup": signUp,
    "POST /token": issueToken,
    "GET /user": async (request) => Response.json(toUser((await requireUser(request)).user)),
    "POST /logout": signOut,
  };

  return {
    async handle(request, path) {
      try {
        const route = routes[`${request.method} ${path}`];
        if (!route) throw new AuthError(404, "not_found", "The local auth server lacks this path");
        return await route(request);
      } catch (error) {
        if (error instanceof AuthError) return error.toResponse();
        options.onLine?.(String(error));
        return new AuthError(500, "unexpected_failure", "Unexpected failure").toResponse();
      }
    },
    stop: () => sql.end({ timeout: 1 }),
  };
}

class AuthError extends Error {
  override name = "AuthError";

  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  toResponse(): Response {
    const { status, code, message } = this;
    return Response.json({ code: status, error_code: code, msg: message }, { status });
  }
}

async function readBody(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (!isJsonObject(body)) {
    throw new AuthError(400, "bad_json", "Could not parse request body as JSON");
  }
  return body;
}

// deno-lint-ignore no-explicit-any -- what JSON.parse returned
function isJsonObject(value: unknown): value is Record<string, any> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toUser(user: UserRow) {
  return {
    id: user.id,
    aud: "authenticated",
    role: "authenticated",
    email: user.email ?? "",
    phone: "",
    email_confirmed_at: user.email_confirmed_at,
    confirmed_at: user.email_confirmed_at,
    last_sign_in_at: user.last_sign_in_at,
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    identities: [],
    created_at: user.created_at,
    updated_at: user.updated_at,
    is_anonymous: user.is_anonymous,
  };
}
