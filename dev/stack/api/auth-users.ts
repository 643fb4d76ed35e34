/** Users, sessions and refresh tokens, as rows of the schema `auth`. */
import type postgres from "postgres";

/** A row of `auth.users`, without the password. */
export interface UserRow {
  id: string;
  email: string | null;
  is_anonymous: boolean;
  raw_app_meta_data: postgres.JSONValue;
  raw_user_meta_data: postgres.JSONValue;
  email_confirmed_at: Date | null;
  last_sign_in_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** What a sign-up brings; without an e-mail address the user is anonymous. */
export interface NewUser {
  email?: string;
  password?: string;
  metadata: postgres.JSONValue;
}

/** A session that has just been opened or renewed. */
export interface Session {
  id: string;
  refreshToken: string;
}

type Sql = postgres.Sql;

/** Creates a user; undefined when the e-mail address is taken. */
export async function createUser(sql: Sql, user: NewUser): Promise<UserRow | undefined> {
  const { email = null, password = null, metadata } = user;
  const providers = email ? { provider: "email", providers: ["email"] } : {};
  const [row] = await sql<UserRow[]>`
    insert into auth.users (
      id, aud, role, email, encrypted_password, is_anonymous, raw_app_meta_data,
      raw_user_meta_data, email_confirmed_at, last_sign_in_at, created_at, updated_at
    ) values (
      gen_random_uuid(), 'authenticated', 'authenticated', lower(${email}),
      extensions.crypt(${password}, extensions.gen_salt('bf')), ${email === null},
      ${sql.json(providers)}, ${sql.json(metadata)},
      case when ${email !== null} then now() end, now(), now(), now()
    ) on conflict (lower(email)) do nothing returning *`;
  return row;
}

/** The user with this e-mail address and password. */
export async function findUserByPassword(
  sql: Sql,
  email: string,
  password: string,
): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`
    update auth.users set last_sign_in_at = now()
    where lower(email) = lower(${email})
      and encrypted_password = extensions.crypt(${password}, encrypted_password)
    returning *`;
  return row;
}

/** The user of a session that hasn't been signed out. */
export async function findUserBySession(
  sql: Sql,
  userId: string,
  sessionId: string,
): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`
    select users.* from auth.users join auth.sessions on sessions.user_id = users.id
    where users.id = ${userId} and sessions.id = ${sessionId}`;
  return row;
}

/** Opens a session for a user. */
export async function openSession(sql: Sql, userId: string): Promise<Session> {
  const session = { id: crypto.randomUUID(), refreshToken: createRefreshToken() };
  await sql`
    with session as (
      insert into auth.sessions (id, user_id) values (${session.id}, ${userId}) returning id
    )
    insert into auth.refresh_tokens (token, session_id)
    select ${session.refreshToken}, id from session`;
  return session;
}

/** Trades a refresh token, which works once, for a new one. */
export async function renewSession(
  sql: Sql,
  refreshToken: string,
): Promise<{ user: UserRow; session: Session } | undefined> {
  const next = createRefreshToken();
  const [row] = await sql<{ session_id: string; user_id: string }[]>`
    with used as (
      update auth.refresh_tokens set revoked = true
      where token = ${refreshToken} and not revoked returning session_id
    ), added as (
      insert into auth.refresh_tokens (token, session_id) select ${next}, session_id from used
    )
    select sessions.id as session_id, sessions.user_id
    from used join auth.sessions on sessions.id = used.session_id`;
  if (!row) return undefined;
  const user = await findUserBySession(sql, row.user_id, row.session_id);
  return user && { user, session: { id: row.session_id, refreshToken: next } };
}

/** Ends this session, the user's other ones, or all of them. */
export async function closeSessions(
  sql: Sql,
  userId: string,
  sessionId: string,
  scope: "local" | "others" | "global",
): Promise<void> {
  await sql`
    delete from auth.sessions where user_id = ${userId} and (
      ${scope} = 'global'
      or (${scope} = 'local' and id = ${sessionId})
      or (${scope} = 'others' and id <> ${sessionId})
    )`;
}

function createRefreshToken(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}
