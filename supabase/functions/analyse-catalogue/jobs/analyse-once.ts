import type { AnalysisResponseBody } from "../../_shared/client/contract.ts";
import type { Job } from "./jobs.ts";
import type { WorkOptions } from "./run.ts";

/**
 * Has a picture that several materials show analysed once a run. The cache of semantic-analysis does the
 * same, but for an answer that knows nothing, which it does not keep: a shop's placeholder for "no picture"
 * would be paid for by each material that shows it.
 */
export function analyseOnce(analyse: WorkOptions["analyse"]): WorkOptions["analyse"] {
  const answers = new Map<string, AnalysisResponseBody>();
  // Whose limits and rights it is analysed with makes it another, and so does what has replaced it since.
  const toKey = ({ source, version, ownerId }: Job) => `${ownerId} ${version} ${source}`;

  return async (job, timeoutMs) => {
    const known = answers.get(toKey(job));
    if (known) return { ...known, cached: true, usage: { ...known.usage, cost_usd: 0 } };
    const answer = await analyse(job, timeoutMs);
    if (answer.warnings.every(({ code }) => code !== "IMAGE_CHANGED")) {
      answers.set(toKey(job), answer);
    }
    return answer;
  };
}
