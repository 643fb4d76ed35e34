/** From a request's outcome to what its caller is told. */

import type { RequestContext } from "../../_shared/platform/http/endpoint.ts";
import { toRateLimitedError } from "../../_shared/platform/limits/rate-limits.ts";
import type { AnalysisResponseBody, PaletteColor } from "../../_shared/client/contract.ts";
import { showConfidence } from "../calibration/show-confidence.ts";
import { toContradictionWarnings } from "../model/colours/contradictions.ts";
import { versionsOfStructured } from "../model/versions.ts";
import type { Answered, RequestOutcome } from "./outcome.ts";
import type { PricedRequest } from "./priced-request.ts";

/** An analysis that was known costs its caller nothing. */
const NOTHING_USED = { prompt_tokens: 0, completion_tokens: 0, cost_usd: 0 };

/** What the caller's own request used. */
export function toUsage({ role, analysis: { usage } }: Answered): AnalysisResponseBody["usage"] {
  return role === "leader" ? usage : { ...usage, ...NOTHING_USED };
}

/**
 * The body of a 200.
 *
 * @param maps The calibration maps that came with the reservation, as a JSON list.
 * @throws what the request failed with, where it was not answered: the endpoint makes a response of it.
 */
export function toResponseBody(
  outcome: RequestOutcome,
  { request }: PricedRequest,
  context: RequestContext,
  maps = "[]",
): AnalysisResponseBody {
  if (outcome.kind !== "answered") throw toThrown(outcome);
  const { warnings, figure, ...analysis } = outcome.analysis;
  const measured = withPalette(analysis.material, request.palette);
  return {
    ...analysis,
    ...showConfidence(figure, {
      maps,
      versions: versionsOfStructured(),
      minPrecision: request.minPrecision,
    }),
    material: measured.material,
    usage: toUsage(outcome),
    cached: outcome.role !== "leader",
    warnings: [...request.warnings, ...warnings, ...measured.warnings],
    processing_time_ms: Math.round(context.timings.totalMs()),
    request_id: context.requestId,
  };
}

/** The analysis may be another caller's as well: what this one measured is told to this one alone. */
function withPalette(
  material: AnalysisResponseBody["material"],
  colors: PaletteColor[] | null,
): Pick<AnalysisResponseBody, "material" | "warnings"> {
  if (material === null || colors === null) return { material, warnings: [] };
  return {
    material: { ...material, palette: { source: "caller", colors } },
    warnings: toContradictionWarnings(material.colors, colors),
  };
}

function toThrown(outcome: Exclude<RequestOutcome, Answered>): unknown {
  switch (outcome.kind) {
    case "failed":
      return outcome.thrown;
    case "denied":
      return toRateLimitedError(outcome.denial, outcome.state);
    case "disconnected":
      return outcome.reason;
  }
}
