/** What the project around the function looks like from here: its signing keys, and its functions. */

import { countOf } from "../../../_shared/client/count-of.ts";
import { startTimeLimit } from "../../../_shared/platform/http/time-limit.ts";
import type { Platform } from "../../../_shared/platform/settings/platform-variables.ts";
import { VERSION } from "../../../_shared/platform/version.ts";
import { parseJson } from "../../../_shared/platform/parse-json.ts";
import type { Check } from "./check.ts";

/** The project that is looked at. */
export interface ProjectCheckOptions {
  platform: Platform | null;
  fetch: typeof globalThis.fetch;
}

/** An operator waits for it. */
const CALL_TIMEOUT_MS = 3_000;

const MOVE = 'Move the project to signing keys: see "Signing keys" in docs/operations.md';

/** Whether users' tokens can be verified at all. */
export async function checkSigningKeys({ platform, fetch }: ProjectCheckOptions): Promise<Check> {
  const name = "signing_keys";
  if (platform === null || platform.jwks === null) {
    return { name, status: "skipped", message: "Not checked: the project's address comes first" };
  }
  const keys = platform.jwks instanceof URL
    ? await readKeys(platform.jwks, fetch)
    : platform.jwks.keys;
  if (keys === null) {
    return {
      name,
      status: "failed",
      message: "The project's signing keys could not be read, so users get 503",
      action: "See whether Supabase Auth is running: …/auth/v1/.well-known/jwks.json must answer",
    };
  }
  const asymmetric = keys.filter(({ kty }) => kty !== "oct");
  if (asymmetric.length > 0) {
    const message = `The project has ${countOf(asymmetric.length, "signing key")}`;
    return { name, status: "ok", message };
  }
  return {
    name,
    status: "failed",
    message: keys.length === 0
      ? "The project has no signing keys: tokens of the legacy JWT secret can't be verified"
      : "The project has only HS256 keys, which every holder can sign with",
    action: MOVE,
  };
}

async function readKeys(
  url: URL,
  fetch: typeof globalThis.fetch,
): Promise<{ kty?: unknown }[] | null> {
  const answer = await call(url, fetch);
  const keys = (answer?.body as { keys?: unknown } | undefined)?.keys;
  return answer?.status === 200 && Array.isArray(keys) ? keys : null;
}

/** The functions of this project; `/health` is asked for without a credential. */
const FUNCTIONS = ["semantic-analysis", "visual-search", "mivaa-gateway", "analyse-catalogue"];

/** Which of this project's functions are deployed, and what to make of it. */
export interface FunctionsFound {
  check: Check;
  /** Names of those that are deployed and answer as this project's. */
  deployed: readonly string[];
}

/**
 * Whether the functions that are deployed let callers through and are of one version. A call of itself
 * tells whether the platform refuses before the function is asked.
 */
export async function checkFunctions(
  { platform, fetch }: ProjectCheckOptions,
): Promise<FunctionsFound> {
  if (platform === null) {
    const message = "Not checked: the project's address comes first";
    return { check: { name: "functions", status: "skipped", message }, deployed: [] };
  }
  const found = await Promise.all(FUNCTIONS.map(async (name) => ({
    name,
    ...readHealth(await call(new URL(`/functions/v1/${name}/health`, platform.supabaseUrl), fetch)),
  })));
  const deployed = found.filter(({ kind }) => kind === "version").map(({ name }) => name);
  return { check: toFunctionsCheck(found), deployed };
}

type Health =
  | { kind: "absent" }
  | { kind: "unreachable" }
  /** The platform's own check of tokens answers in place of the function. */
  | { kind: "guarded" }
  /** A function of the owner's that has the name of one of ours. */
  | { kind: "foreign" }
  | { kind: "version"; version: string; isConfigured: boolean };

function toFunctionsCheck(found: readonly ({ name: string } & Health)[]): Check {
  const name = "functions";
  const namesOf = (kind: Health["kind"]) =>
    found.filter((each) => each.kind === kind).map((each) => each.name);
  const guarded = namesOf("guarded");
  if (guarded.length > 0) {
    return {
      name,
      // Another function than this one may be the owner's, who is free to have it guarded.
      status: guarded.includes("semantic-analysis") ? "failed" : "warning",
      message: `The platform checks tokens before ${guarded.join(", ")} is asked (verify_jwt), ` +
        "which refuses project secrets and hides the functions' own answers",
      action:
        "Set verify_jwt = false for each that is of this project, in config.toml, and deploy again",
    };
  }
  // The doctor's own settings are a check of their own.
  const unready = found.filter((each) =>
    each.kind === "version" && !each.isConfigured && each.name !== "semantic-analysis"
  );
  if (unready.length > 0) {
    return {
      name,
      status: "failed",
      message: `Settings of ${unready.map((each) => each.name).join(", ")} can't be used, ` +
        "so each of their calls is answered with 503",
      action: "See their logs: the line not_configured names each setting and what is wanted",
    };
  }
  const others = found.flatMap((each) =>
    each.kind === "version" && each.version !== VERSION ? [`${each.name} is ${each.version}`] : []
  );
  if (others.length > 0) {
    return {
      name,
      status: "warning",
      message: `This function is ${VERSION}, but ${others.join(", ")}`,
      action: "Deploy all functions of one version: supabase functions deploy --use-api",
    };
  }
  const unreachable = namesOf("unreachable");
  if (unreachable.length > 0) {
    return {
      name,
      status: "warning",
      message: `No health could be had of ${unreachable.join(", ")}`,
      action: "See their logs",
    };
  }
  const versions = namesOf("version").map((each) => `${each} ${VERSION}`).join(", ");
  const foreign = namesOf("foreign").join(", ");
  const message = `Deployed: ${versions}${foreign && `; not of this project: ${foreign}`}`;
  return { name, status: "ok", message };
}

function readHealth(answer: Answered | null): Health {
  if (answer === null) return { kind: "unreachable" };
  if (answer.status === 404) return { kind: "absent" };
  const body = (answer.body ?? {}) as {
    data?: { gateway?: unknown };
  };
  const { version, status } = (body.data?.gateway ?? body) as Record<string, unknown>;
  if (typeof version === "string") {
    return { kind: "version", version, isConfigured: status !== "not_configured" };
  }
  if (answer.status === 401) return { kind: "guarded" };
  // 429 is the platform's limit on calls from function to function.
  const isAnswer = answer.status < 500 && answer.status !== 429;
  return { kind: isAnswer ? "foreign" : "unreachable" };
}

interface Answered {
  status: number;
  /** undefined for what is no JSON. */
  body: unknown;
}

/** @returns null when nothing answers in time. */
async function call(url: URL, fetch: typeof globalThis.fetch): Promise<Answered | null> {
  const limit = startTimeLimit(CALL_TIMEOUT_MS);
  try {
    const response = await fetch(url, { signal: limit.signal, redirect: "manual" });
    return { status: response.status, body: parseJson(await response.text()) };
  } catch {
    return null;
  } finally {
    limit.stop();
  }
}
