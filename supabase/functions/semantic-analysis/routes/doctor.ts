/** What an operator needs to know when it doesn't work, each with what to do about it. */

import { type SettingProblem, WANTED_ORIGINS } from "../../_shared/platform/settings/variables.ts";
import { ApiError } from "../../_shared/platform/http/api-error.ts";
import type { RateLimiter } from "../../_shared/platform/limits/rate-limiter.ts";
import type { TogetherClient } from "../../_shared/together-ai/client.ts";
import { TogetherApiError } from "../../_shared/together-ai/errors.ts";
import type { Settings } from "../settings.ts";

export interface Check {
  name: "configuration" | "database" | "provider_key" | "models" | "storage";
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  /** What to do; absent when there is nothing to do. */
  action?: string;
}

export interface DoctorOptions {
  settings: Settings | null;
  problems: readonly SettingProblem[];
  rateLimiter: RateLimiter | null;
  client: TogetherClient | null;
  /** null where the platform tells no project. */
  storage: { isReachable: boolean } | null;
}

/** An operator waits for a health check. */
const PROVIDER_TIMEOUT_MS = 5_000;

/** Runs every check that can be run; spends no tokens and takes nothing from any limit. */
export async function runDoctor(options: DoctorOptions): Promise<Check[]> {
  const [database, provider] = await Promise.all([checkDatabase(options), checkProvider(options)]);
  return [checkConfiguration(options), database, ...provider, ...describeStorage(options)];
}

function checkConfiguration({ settings, problems }: DoctorOptions): Check {
  const wrongOrigins = settings?.wrongOrigins ?? [];
  if (wrongOrigins.length > 0) {
    return {
      name: "configuration",
      status: "warning",
      message: `ALLOWED_ORIGINS has entries that no browser sends, and that allow nothing: ${
        wrongOrigins.map((origin) => `"${origin}"`).join(", ")
      }; it must be ${WANTED_ORIGINS}`,
      action: "Run: supabase secrets set ALLOWED_ORIGINS=…",
    };
  }
  if (problems.length === 0) {
    return { name: "configuration", status: "ok", message: "Every setting can be used" };
  }
  const list = problems.map(({ variable, value, wanted }) =>
    `${variable} is ${
      value === null ? "missing or not usable" : `"${value}"`
    }; it must be ${wanted}`
  );
  return {
    name: "configuration",
    status: "failed",
    message: list.join(". "),
    action: `Run: supabase secrets set ${
      problems.map(({ variable }) => `${variable}=…`).join(" ")
    }`,
  };
}

async function checkDatabase({ rateLimiter }: DoctorOptions): Promise<Check> {
  if (rateLimiter === null) {
    return {
      name: "database",
      status: "failed",
      message: "SUPABASE_URL or SUPABASE_SECRET_KEYS is not set",
      action: "The platform sets both; see whether the function runs on Supabase",
    };
  }
  try {
    await rateLimiter.read("service:doctor", {
      perMinute: 1,
      burst: 1,
      perDay: 1,
      concurrent: 1,
      nanoUsdPerMonth: null,
    }, { kind: "signed_in" });
    return { name: "database", status: "ok", message: "The rate limit answers" };
  } catch (error) {
    const isMissing = error instanceof ApiError && error.code === "NOT_CONFIGURED";
    return {
      name: "database",
      status: "failed",
      message: isMissing ? "The migration is missing" : "The rate limit does not answer",
      action: isMissing
        ? "Run: supabase db push --remote"
        : "See whether the project's database is running and not overloaded",
    };
  }
}

/** How pictures in Storage reach the provider: what an operator must know of their privacy. */
function describeStorage({ settings, storage }: DoctorOptions): Check[] {
  if (settings === null || storage === null) return [];
  const isUrlPassed = storage.isReachable && settings.storage.pass === "url";
  const message = isUrlPassed
    ? "Pictures in Storage are passed on as signed URLs; their metadata, such as where they were " +
      "taken, goes along. STORAGE_PASS=bytes passes them on like pictures given as bytes"
    : "Pictures in Storage are read by the function and passed on as bytes";
  return [{ name: "storage", status: "ok", message }];
}

async function checkProvider({ settings, client }: DoctorOptions): Promise<Check[]> {
  if (settings === null || client === null) {
    const message = "Not checked: the configuration comes first";
    return [
      { name: "provider_key", status: "skipped", message },
      { name: "models", status: "skipped", message },
    ];
  }
  try {
    const modelIds = await client.listModels({ timeoutMs: PROVIDER_TIMEOUT_MS });
    return [
      { name: "provider_key", status: "ok", message: "The provider accepts the key" },
      checkModels(settings.together.models, modelIds),
    ];
  } catch (error) {
    const isKeyRefused = error instanceof TogetherApiError && error.status === 401;
    return [
      {
        name: "provider_key",
        status: "failed",
        message: isKeyRefused ? "The provider refuses the key" : "The provider does not answer",
        action: isKeyRefused
          ? "Run: supabase secrets set TOGETHER_API_KEY=… with a key from https://api.together.ai/settings/api-keys"
          : "See https://status.together.ai, and whether TOGETHER_BASE_URL is right",
      },
      { name: "models", status: "skipped", message: "Not checked: the provider comes first" },
    ];
  }
}

function checkModels(chain: readonly string[], modelIds: readonly string[]): Check {
  const missing = chain.filter((id) => !modelIds.includes(id));
  if (missing.length === 0) {
    return { name: "models", status: "ok", message: "The provider lists every model of the chain" };
  }
  const isAnyLeft = missing.length < chain.length;
  return {
    name: "models",
    // A dedicated endpoint is not on the list and works all the same.
    status: "warning",
    message: `The provider does not list ${missing.map((id) => `"${id}"`).join(", ")}` +
      (isAnyLeft ? "; the rest of the chain stands in" : ", which is the whole chain"),
    action:
      "See https://api.together.ai/models and set TOGETHER_MODEL and TOGETHER_FALLBACK_MODELS",
  };
}
