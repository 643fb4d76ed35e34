/** A model is asked about a picture in Storage once it is opened, and what it said counts for that version. */

import type { Analyse, AnalyseOptions, AnalysisOutcome } from "../model/analysis.ts";
import type { PricedRequest } from "./priced-request.ts";

/**
 * Opens the picture where it is in Storage, and asks. An analysis of an object that changed meanwhile is
 * given with a warning, and not kept: the provider may have fetched either version.
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
    const outcome = await analyse({ ...request, picture }, { ...plan, chatRequest }, options);
    const isUnchanged = await stored.isUnchanged();
    const changed = {
      code: "IMAGE_CHANGED" as const,
      message: "The picture in Storage may have changed while it was analysed",
    };
    return {
      analysis: {
        ...outcome.analysis,
        warnings: [
          ...outcome.analysis.warnings,
          ...warnings,
          ...(isUnchanged ? [] : [changed]),
        ],
      },
      keeping: isUnchanged ? outcome.keeping : "none",
    };
  });
}
