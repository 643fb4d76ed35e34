/** The project that is asked, and the user who asks: an unmodified supabase-js with its own storage. */
import { computed, effect, signal } from "@preact/signals";
import {
  type AuthError,
  createClient,
  type SupabaseClient,
  type User,
} from "@supabase/supabase-js";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/client.ts";
import { settings } from "./settings.ts";

/** Where a project is, and the key that a browser may hold. */
export interface Project {
  url: string;
  publishableKey: string;
}

const STORED_PROJECT = "playground-project";

/** null until one is given. */
export const project = signal<Project | null>(readProject());

/** The client of the project; null until one is given. */
export const supabase = computed<SupabaseClient | null>(() =>
  project.value && createClient(project.value.url, project.value.publishableKey)
);

/** Who is signed in; undefined until that is known. */
export const user = signal<User | null | undefined>(undefined);

/** Whether the project was typed in, and may be another one. */
export const isProjectTypedIn = settings.url === undefined;

effect(() => {
  const client = supabase.value;
  if (!client) {
    user.value = null;
    return;
  }
  const { data } = client.auth.onAuthStateChange((_event, session) => {
    user.value = session?.user ?? null;
  });
  return () => data.subscription.unsubscribe();
});

/**
 * Signs in as a new anonymous user where there is no user.
 *
 * @throws {SemanticAnalysisError} NETWORK_ERROR, or UNAUTHORIZED where the project wants an account
 */
export async function requireUser(client: SupabaseClient): Promise<void> {
  const { data } = await client.auth.getSession();
  if (data.session) return;
  const { error } = await client.auth.signInAnonymously();
  if (!error) return;
  throw new SemanticAnalysisError(error.message, {
    code: isUnreachable(error) ? "NETWORK_ERROR" : "UNAUTHORIZED",
    cause: error,
  });
}

/** By the codes of Supabase Auth; what it says itself of these doesn't tell a visitor what to do. */
const AUTH_MESSAGES: Record<string, string> = {
  anonymous_provider_disabled:
    "Anonymous sign-ins are off in this project. Sign in with an account, at the top of the page. Its operator can switch them on in the dashboard, under Authentication.",
  signup_disabled:
    "This project takes no new users, anonymous ones included. Sign in with an account that it has, at the top of the page.",
  captcha_failed:
    "This project asks for a captcha at every sign-in, and this page has none. Try it from your own app.",
  over_request_rate_limit:
    "There were too many sign-ins from your network. Wait a few minutes and try again.",
};

/** What went wrong with a sign-in, in words. */
export function describeAuthError(error: AuthError): string {
  if (isUnreachable(error)) {
    return "The project could not be reached. Check your connection and try again.";
  }
  return AUTH_MESSAGES[error.code ?? ""] ?? error.message;
}

function isUnreachable(error: AuthError): boolean {
  return error.name === "AuthRetryableFetchError";
}

/**
 * Takes a project that was typed in, and keeps it for the next visit.
 *
 * @returns what is wrong with it, in a sentence; null where it was taken
 */
export function connect(url: string, publishableKey: string): string | null {
  const problem = findProblem(url, publishableKey);
  if (problem) return problem;
  const { origin } = new URL(url);
  project.value = { url: origin, publishableKey };
  localStorage.setItem(STORED_PROJECT, JSON.stringify(project.value));
  return null;
}

/** Forgets the project that was typed in, signs out of it, and begins the page anew. */
export async function disconnect(): Promise<void> {
  await supabase.value?.auth.signOut({ scope: "local" }).catch(() => {});
  localStorage.removeItem(STORED_PROJECT);
  // What was analysed and found is of this project, and no other's.
  location.reload();
}

function findProblem(url: string, key: string): string | null {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return "The project URL must begin with https://, such as https://<ref>.supabase.co";
  }
  if (key.startsWith("sb_secret_") || readRole(key) === "service_role") {
    return "This is a secret key. It has no place in a browser: use the publishable key";
  }
  if (!key.startsWith("sb_publishable_") && readRole(key) !== "anon") {
    return "The key must be the publishable key, which begins with sb_publishable_";
  }
  return null;
}

/** The role that a legacy key claims; null for what is no JWT. */
function readRole(key: string): string | null {
  try {
    const [, claims] = key.split(".");
    return JSON.parse(atob(claims!.replaceAll("-", "+").replaceAll("_", "/"))).role ?? null;
  } catch {
    return null;
  }
}

function readProject(): Project | null {
  const { url, publishableKey } = settings;
  if (url && publishableKey) return { url, publishableKey };
  try {
    return JSON.parse(localStorage.getItem(STORED_PROJECT) ?? "null");
  } catch {
    return null;
  }
}
