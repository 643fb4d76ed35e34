import type { AnsweredLine } from "../answers/answer-line.ts";
import { toQuantile } from "./interval.ts";

/** What answers cost; those of the function's cache tell nothing and are left out. */
export interface Costs {
  /** Answers that a model was asked for. */
  count: number;
  /** US dollars of a picture; null where the provider told none. */
  usdPerPicture: number | null;
  /** US dollars that this evaluation paid, without what was kept. */
  paidUsd: number;
  promptTokens: number | null;
  completionTokens: number | null;
  /** As the caller waits: the middle, and what one in twenty takes longer than. */
  latencyMs: { median: number; p95: number } | null;
}

/** Means of a picture. */
export function measureCosts(lines: readonly AnsweredLine[]): Costs {
  const asked = lines.filter(({ is_cached }) => !is_cached);
  const toMean = (values: (number | null)[]): number | null => {
    const told = values.filter((value) => value !== null);
    return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0) / told.length;
  };
  const latencies = asked.map(({ latency_ms }) => latency_ms).sort((left, right) => left - right);
  return {
    count: asked.length,
    usdPerPicture: toMean(asked.map(({ cost_usd }) => cost_usd)),
    paidUsd: asked.reduce((sum, { is_kept, cost_usd }) => sum + (is_kept ? 0 : cost_usd ?? 0), 0),
    promptTokens: toMean(asked.map(({ prompt_tokens }) => prompt_tokens)),
    completionTokens: toMean(asked.map(({ completion_tokens }) => completion_tokens)),
    latencyMs: latencies.length === 0
      ? null
      : { median: toQuantile(latencies, 0.5), p95: toQuantile(latencies, 0.95) },
  };
}
