/** Whether the provider takes the key and lists the models; spends no tokens. */

import type { TogetherClient } from "../../../_shared/together-ai/client.ts";
import { TogetherApiError } from "../../../_shared/together-ai/errors.ts";
import type { Settings } from "../../settings.ts";
import type { Check } from "./check.ts";

/** An operator waits for a health check. */
const PROVIDER_TIMEOUT_MS = 5_000;

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
