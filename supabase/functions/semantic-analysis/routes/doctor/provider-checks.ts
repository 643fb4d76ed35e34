/** Whether the provider takes the key and lists the models; spends no tokens. */

import type { TogetherClient } from "../../../_shared/together-ai/client.ts";
import { TogetherApiError } from "../../../_shared/together-ai/errors.ts";
import type { Settings } from "../../settings.ts";
import type { Check } from "./check.ts";

/** An operator waits for a health check. */
const PROVIDER_TIMEOUT_MS = 5_000;

/** Checks the key, then the models of the chain; skipped without a configuration. */
export async function checkProvider(
  settings: Settings | null,
  client: Pick<TogetherClient, "listModels"> | null,
): Promise<Check[]> {
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

/** Fewer attempts say nothing. */
const MIN_JUDGED_ATTEMPTS = 10;

/** A model that answers less often than this is no help. */
const MIN_ANSWERED_SHARE = 0.05;

/** What became of the latest attempts with each model, in this worker. */
export function checkAttempts(client: Pick<TogetherClient, "readTrackRecord"> | null): Check {
  const name = "attempts";
  const records = client?.readTrackRecord() ?? [];
  if (records.length === 0) {
    return { name, status: "skipped", message: "This worker has asked no model yet" };
  }
  const message = `This worker's latest attempts: ${
    records.map(({ model, attempts, answered, lastFailure }) =>
      `"${model}" answered ${answered} of ${attempts}` +
      (lastFailure === null ? "" : `, failed last with ${lastFailure}`)
    ).join("; ")
  }`;
  const failing = records.filter(({ attempts, answered }) =>
    attempts >= MIN_JUDGED_ATTEMPTS && answered <= attempts * MIN_ANSWERED_SHARE
  );
  if (failing.length === 0) return { name, status: "ok", message };
  return {
    name,
    status: "warning",
    message,
    action: `Take ${
      failing.map(({ model }) => `"${model}"`).join(", ")
    } out of TOGETHER_MODEL and TOGETHER_FALLBACK_MODELS, or see why it fails`,
  };
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
