/** A model is asked about a picture in Storage once it is opened, and what it said counts for that version. */

import type { Warning } from "../../_shared/client/contract.ts";
import type { Analyse, AnalyseOptions, AnalysisOutcome } from "../model/analysis.ts";
import type { Answered } from "./outcome.ts";
import type { PricedRequest } from "./priced-request.ts";

/** Of an analysis of an object that changed meanwhile: the provider may have fetched either version. */
export const CHANGED: Warning = {
  code: "IMAGE_CHANGED",
  message: "The picture in Storage may have changed while it was analysed",
};

/** The same answer, about an object that has changed. */
export function withChanged(outcome: Answered & { role: "leader" }): Answered {
  const { analysis } = outcome;
  const warnings = [...analysis.warnings, CHANGED];
  return { ...outcome, analysis: { ...analysis, warnings }, ttlSeconds: 0 };
}

/**
 * Opens the picture where it is in Storage, and asks.
 *
 * @throws as `analyse`, and what the picture can't be opened with
 */
export async function analyseOpened(
  { request, plan }: Pick<PricedRequest, "request" | "plan">,
  options: AnalyseOptions,
  analyse: Analyse,
): Promise<AnalysisOutcome> {
  const { picture: stored } = request;
  if (stored.kind !== "stored") return await analyse(request, plan, options);
  return await stored.open(async ({ picture, warnings }) => {
    const chatRequest = { ...plan.chatRequest, picture };
    const { analysis, keeping } = await analyse(
      { ...request, picture },
      { ...plan, chatRequest },
      options,
    );
    return { analysis: { ...analysis, warnings: [...analysis.warnings, ...warnings] }, keeping };
  });
}
