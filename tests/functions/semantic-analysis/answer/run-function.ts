/** One request to a function without fallback models, and all that came of it. */
import type { Reservation } from "../../../../supabase/functions/_shared/platform/limits/decisions.ts";
import { STATE } from "../../../support/fake-limiter.ts";
import { createFunction, IMAGE, type Setup } from "../../../support/function.ts";

/** The decision that a limit is reached. */
export const deniedBy = (limitedBy: "concurrent" | "day"): Reservation => ({
  outcome: "denied",
  limitedBy,
  retryAfterMs: 1_000,
  state: STATE,
});

/** Posts a picture with these fields. */
export async function run(setup: Setup, body: Record<string, unknown> = {}, headers = {}) {
  const { post, limiter, together, lines } = createFunction({
    variables: { TOGETHER_FALLBACK_MODELS: "none" },
    ...setup,
  });
  const response = await post({ image_data: IMAGE, ...body }, headers);
  const text = await response.text();
  const log = JSON.parse(lines[0]!)[1];
  return { response, text, limiter, together, log, settled: limiter.settled };
}
