/** A project as a developer uses it: an unmodified supabase-js against the running stack. */
import { Buffer } from "node:buffer";
import {
  createClient,
  type FunctionInvokeOptions,
  FunctionsHttpError,
  type SupabaseClient,
} from "@supabase/supabase-js";
import { until } from "../support/until.ts";
import "../support/watched-fetch.ts";
import type { Stack } from "../../dev/stack/stack.ts";
import type { FaultInput } from "../../dev/together-stand-in/faults/faults.ts";

/** Body of an answer of any function, parsed; tests look into it as they please. */
// deno-lint-ignore no-explicit-any
export type Body = any;

/** Status, headers and parsed body of a response. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

/** A signed-in user, with a client that is signed in as them. */
export interface User {
  id: string;
  token: string;
  supabase: SupabaseClient;
}

const SAMPLE = new URL("../../dev/samples/wood.jpg", import.meta.url);

/** A picture of 43 KB. */
export const WOOD = Buffer.from(Deno.readFileSync(SAMPLE)).toString("base64");

/** A 3 × 3 GIF. */
export const TINY = "R0lGODlhAwADAIAAAExpcaBQICH5BAUAAAAALAAAAAADAAMAAAIDjH8FADs=";

/** A client that keeps no session in a store and starts no timer. */
export function createTestClient(
  stack: Stack,
  key: string,
  headers: Record<string, string> = {},
): SupabaseClient {
  return createClient(stack.apiUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers },
  });
}

/** Signs a new user in, with an email address and a password. */
export async function signUp(stack: Stack): Promise<User> {
  const supabase = createTestClient(stack, stack.publishableKey);
  const { data, error } = await supabase.auth.signUp({
    email: `${crypto.randomUUID()}@example.com`,
    password: "correct horse battery staple",
  });
  if (error) throw error;
  return { id: data.user!.id, token: data.session!.access_token, supabase };
}

/** `functions.invoke` on semantic-analysis, its error's answer read; by default past the cache. */
export async function invoke(
  supabase: SupabaseClient,
  options: FunctionInvokeOptions = { body: { image_data: TINY, options: { cache: "off" } } },
  path = "semantic-analysis",
): Promise<Answer> {
  const { data, error, response } = await supabase.functions.invoke(path, options);
  if (error && !(error instanceof FunctionsHttpError)) throw error;
  const { status, headers } = response!;
  return { status, headers, body: error ? await error.context.json() : data };
}

/** Waits for a line in a process's log that holds the text: it is read after the answer was. */
export async function untilLogged(stack: Stack, source: string, text: string): Promise<string> {
  const find = () => stack.logs(source).find(({ line }) => line.includes(text));
  await until(() => Promise.resolve(find() !== undefined));
  return find()!.line;
}

/** A check of the doctor's answer. */
export function checkOf(body: Body, name: string): Body {
  const found = body.checks.find((check: { name: string }) => check.name === name);
  if (found === undefined) throw new Error(`The doctor has no check "${name}"`);
  return found;
}

/** A request without supabase-js, for what it would never send. */
export async function request(
  stack: Stack,
  init: RequestInit & { path?: string } = {},
): Promise<Answer> {
  const { path = "/semantic-analysis", ...rest } = init;
  const response = await fetch(`${stack.apiUrl}/functions/v1${path}`, rest);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Tells the stand-in how to misbehave from now on. */
export async function setFaults(stack: Stack, faults: FaultInput[]): Promise<void> {
  const response = await fetch(new URL("/__faults", stack.standInUrl), {
    method: "PUT",
    body: JSON.stringify(faults),
  });
  if (!response.ok) throw new Error(await response.text());
  await response.body?.cancel();
}

/** What the stand-in was asked, and forgets with this. */
export async function takeUpstreamRequests(stack: Stack): Promise<Body[]> {
  const url = new URL("/__requests", stack.standInUrl);
  const requests = await (await fetch(url)).json();
  await (await fetch(url, { method: "DELETE" })).body?.cancel();
  return requests;
}
