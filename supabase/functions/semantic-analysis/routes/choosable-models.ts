import type { Caller } from "../../_shared/platform/auth/authenticate.ts";
import { isKnownModel } from "../../_shared/together-ai/models.ts";
import type { ChoosableModels } from "../request/request.ts";
import type { Settings } from "../settings.ts";

/** For the project's own code alone: a model's price is the operator's business. */
export function toChoosableModels(
  { hasSecret }: Caller,
  { together: { models, capabilities } }: Settings,
): ChoosableModels | null {
  if (!hasSecret) return null;
  return {
    has: (id) => isKnownModel(id, capabilities) || models.includes(id) || "*" in capabilities,
    examples: models,
  };
}
