/** What `deno task catalogue` prints. */
import { countOf } from "../../supabase/functions/_shared/client/count-of.ts";
import { toBar } from "../demo/terminal.ts";
import type { CatalogueProgress } from "./catalogue-progress.ts";
import type { AcceptedQuote } from "./project.ts";
import type { ColoursResult } from "./measure-colours.ts";
import type { Offer } from "./quote-choice.ts";
import type { RunResult } from "./run-catalogue.ts";

/** Columns of a reason in the table of failures. */
const REASON_COLUMNS = 70;

/** A quote in lines. */
export function describeQuote(
  { quote, withoutPicture, alreadyEnqueued }: Omit<Offer, "sample">,
): string[] {
  const { jobs, expected_known: known, expected_between_usd: between, basis } = quote;
  const interval = between ? ` (95 %: ${toUsd(between[0])} to ${toUsd(between[1])})` : "";
  const source = {
    experience: "from what the last analyses of this catalogue cost",
    sizes: "from the sizes of its pictures",
    ledger: "from what the last analyses of all users cost",
    list_prices: "by list prices, for large pictures and the longest answers",
  }[basis];
  return [
    `${countOf(jobs, "picture")} to analyse${
      known > 0 ? `, about ${known} of them known already` : ""
    }`,
    ...(alreadyEnqueued === 0
      ? []
      : [`enqueued before, whatever was chosen, and first in turn: ${alreadyEnqueued}`]),
    `expected ${toUsd(quote.expected_usd)}${interval}, ${source}`,
    `at worst ${toUsd(quote.worst_usd)}; a run never spends more`,
    `about ${toTime(quote.expected_seconds)}`,
    ...(quote.project_left_usd === null ? [] : [
      `${toUsd(quote.project_left_usd)} are left of PROJECT_USD_PER_MONTH; a run beyond that stops`,
    ]),
    ...(withoutPicture === 0 ? [] : [
      `left out, for thumbnail_url is no https URL or storage://<bucket>/<path>: ${withoutPicture}`,
    ]),
  ];
}

/** One line for a terminal. */
export function toRunBar(progress: CatalogueProgress, quote: AcceptedQuote): string {
  const left = progress.waiting + progress.running + progress.stranded;
  const ended = Math.max(0, Math.min(quote.jobs, quote.jobs - left));
  const spent = progress.run?.spent_usd ?? 0;
  return toBar(
    ended,
    quote.jobs,
    `${progress.per_minute.toFixed(1)}/min`,
    progress.left_seconds === null ? "" : `${toTime(progress.left_seconds)} left`,
    `${toUsd(spent)} of ${toUsd(quote.budget_usd)}`,
    progress.is_paused ? "paused" : "",
    left > 0 && progress.due + progress.running === 0 ? "none is due yet" : "",
    progress.stopped_by === null ? "" : `stopped by ${progress.stopped_by}`,
  );
}

/** How a run ended, in lines. @param failedInAll Jobs of any run that have failed, and are left alone. */
export function describeResult(result: RunResult, failedInAll: number): string[] {
  const { ended, analysed, known, failed, spent_usd: spentUsd, left } = result;
  const words: Record<RunResult["ended"], string> = {
    done: "Done",
    budget: result.reason?.message ?? "The budget does not pay for one more picture at its worst",
    stopped: `Given up after an hour without an analysis (${result.reason?.message ?? "paused"})`,
    interrupted: "Interrupted; the project goes on with the last call for up to a minute",
    declined: "Nothing was spent",
    nothing: "There is nothing to analyse: no thumbnail_url has a picture without an analysis",
  };
  const failures = failedInAll === 0 ? [] : [
    `failed in all: ${failedInAll}; they are left alone until: deno task catalogue retry-failed`,
  ];
  if (ended === "declined") return [words[ended]];
  if (ended === "nothing") return [words[ended], ...failures];
  // What the last call did is not told.
  if (ended === "interrupted") {
    return [`${words[ended]}: ${left} left for the next run, at most ${toUsd(spentUsd)} spent`];
  }
  return [
    `${
      words[ended]
    }: ${analysed} analysed, ${known} of them known, ${failed} failed, ${left} left, ` +
    `${toUsd(spentUsd)} spent`,
    ...failures,
  ];
}

/** Where the whole catalogue stands. */
export function describeProgress(progress: CatalogueProgress): string[] {
  const { month } = progress;
  const limit = month.limit_usd === null ? "no limit" : `of ${toUsd(month.limit_usd)}`;
  const itself = [
    ...(progress.enqueues_materials ? ["materials"] : []),
    ...progress.upload_buckets.map((bucket) => `uploads into "${bucket}"`),
  ];
  return [
    `${progress.waiting} waiting (${progress.due} due), ${progress.running} running, ` +
    `${progress.done} done, ${progress.failed} failed` +
    (progress.stranded > 0 ? `, ${progress.stranded} whose worker is gone` : ""),
    `${progress.per_minute.toFixed(1)} a minute` +
    (progress.left_seconds === null ? "" : `, ${toTime(progress.left_seconds)} left`),
    `${toUsd(progress.cost_usd)} in all; without a quote this month ${
      toUsd(month.spent_usd)
    } ${limit}`,
    `last run ${progress.last_run_at ?? "never"}${progress.is_paused ? "; paused" : ""}`,
    ...(progress.stopped_by === null ? [] : [
      `stopped by ${progress.stopped_by}` +
      (progress.paused_until === null ? "" : `; nothing is begun before ${progress.paused_until}`),
    ]),
    `enqueued by itself: ${itself.length > 0 ? itself.join(", ") : "nothing"}`,
  ];
}

/** One line for a terminal while colours are measured. */
export function toColoursBar(
  { pictures, measured, unchanged, failed }: ColoursResult,
  elapsedMs: number,
): string {
  const ended = measured + unchanged + failed;
  const leftSeconds = ended === 0 ? null : elapsedMs / 1000 * (pictures - ended) / ended;
  return toBar(
    ended,
    pictures,
    leftSeconds === null ? "" : `${toTime(leftSeconds)} left`,
    failed > 0 ? `${failed} failed` : "",
  );
}

/** How a measurement of colours ended, in lines. */
export function describeColours(
  { ended, pictures, measured, unchanged, failed, failures }: ColoursResult,
): string[] {
  if (pictures === 0) return ["There is no picture whose colours are not measured"];
  const how = ended === "done" ? "Done" : "Interrupted; the next run goes on";
  return [
    `${how}: ${measured} measured, ${unchanged} unchanged, ${failed} failed`,
    ...failures.map(({ source, reason }) => `${source}: ${reason.slice(0, REASON_COLUMNS)}`),
  ];
}

/** A table of failures with their reasons. */
export function toFailureTable(failures: CatalogueProgress["failures"]): string[] {
  if (failures.length === 0) return [];
  const rows = failures.map(({ source, code, error }) => [
    code ?? "",
    source,
    (error ?? "").slice(0, REASON_COLUMNS),
  ]);
  const header = ["code", "picture", "reason"];
  const widths = header.map((title, column) =>
    Math.min(50, Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  );
  return [header, ...rows].map((row) =>
    row.map((cell, column) =>
      column === 2 ? cell : cell.slice(0, widths[column]!).padEnd(widths[column]!)
    )
      .join("  ").trimEnd()
  );
}

function toUsd(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

function toTime(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
