import { formatMs, formatUsd } from "../parts/format.ts";
import { isStandIn } from "../project/stand-in.tsx";
import type { AnalysisResponseBody } from "../../../../supabase/functions/_shared/client/client.ts";
import type { Run } from "./run.ts";

/** Which model answered, what it took and what it cost. */
export function Facts({ run }: { run: Extract<Run, { phase: "done" }> }) {
  const { result, totalMs, firstTextMs } = run;
  const { usage, model_used: used, model_requested: requested } = result;
  const facts: [term: string, value: string, note?: string][] = [
    ["Model", used, toModelNote(used, requested)],
    [
      "Tokens",
      usage.prompt_tokens === null || usage.completion_tokens === null
        ? "not told by the provider"
        : `${usage.prompt_tokens.toLocaleString("en")} read, ` +
          `${usage.completion_tokens.toLocaleString("en")} written`,
      `${usage.estimated_prompt_tokens.toLocaleString("en")} were expected to be read`,
    ],
    [
      "Cost",
      usage.cost_usd === null ? "not told by the provider" : formatUsd(usage.cost_usd),
      toCostNote(result),
    ],
    [
      "Time",
      formatMs(totalMs),
      [
        firstTextMs === null ? "" : `first words after ${formatMs(firstTextMs)}`,
        result.cached ? "from the cache" : `${formatMs(result.processing_time_ms)} in the function`,
      ].filter((part) => part !== "").join(", "),
    ],
    ["Request", result.request_id, "under which the function's log has it"],
  ];
  return (
    <section aria-labelledby="facts-title">
      <h2 class="visually-hidden" id="facts-title">What it took</h2>
      <dl class="facts">
        {facts.map(([term, value, note]) => (
          <div>
            <dt>{term}</dt>
            <dd>
              {value}
              {note && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function toModelNote(used: string, requested: string): string {
  if (isStandIn) return `the stand-in on this machine, in place of ${requested}`;
  return used === requested ? "the one that was asked for" : `in place of ${requested}`;
}

function toCostNote({ cached: isCached, usage }: AnalysisResponseBody): string {
  if (isCached) return "a stored answer costs nothing";
  const expected = `at most ${formatUsd(usage.estimated_cost_usd)} was expected, at list prices`;
  return isStandIn ? `${expected}; the stand-in is not paid` : expected;
}
