/** What `deno task doctor` prints: findings, and the last days as tables with small plots. */
import { countOf } from "../../supabase/functions/_shared/client/count-of.ts";
import { bold, dim, wrap } from "../demo/terminal.ts";
import { toTable } from "../evaluation/report/text.ts";
import type { Days, EmbeddingSpace, FunctionHealth, ProjectState } from "./read-state.ts";

const MARKS = { ok: "ok", warning: "!", failed: "FAILED", skipped: "–" } as const;

const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** Columns of a share's bar. */
const BAR_COLUMNS = 20;

/** All of it, in lines of at most so many columns. */
export function describeState(state: ProjectState, width: number): string[] {
  return [
    bold(state.url),
    ...state.functions.flatMap((health) => describeHealth(health, width)),
    "",
    ...(state.days ? describeDays(state.days) : [state.daysProblem ?? ""]),
    ...describeSpaces(state.spaces),
  ];
}

function describeSpaces(spaces: EmbeddingSpace[]): string[] {
  const header = ["space", "network", "vectors", "cut-off", ""];
  return section("Embedding spaces", spaces, header, (space) => [
    space.name,
    `${space.model}, ${space.dimensions} ${space.metric}`,
    toCount(space.vectors),
    space.cut_off === null ? "not learnt" : space.cut_off.toFixed(3),
    [space.is_searched ? "searched" : "", space.has_index ? "" : "no index"]
      .filter((word) => word !== "").join(", "),
  ]);
}

function describeHealth(
  { functionName, status, version, checks }: FunctionHealth,
  width: number,
): string[] {
  if (status === null) return ["", `${bold(functionName)}  ${dim("not deployed")}`];
  const nameWidth = Math.max(...checks.map(({ name }) => name.length), 0);
  const indent = MARKS.failed.length + nameWidth + 6;
  return [
    "",
    `${bold(functionName)}  ${status}, version ${version ?? "unknown"}`,
    ...checks.flatMap(({ name, status, message, action }) => {
      const [first = "", ...others] = wrap(message, { width, indent });
      const head = `  ${MARKS[status].padEnd(MARKS.failed.length)}  ${name.padEnd(nameWidth)}  `;
      return [
        head + first.trimStart(),
        ...others,
        ...(action ? wrap(`→ ${action}`, { width, indent }) : []),
      ];
    }),
  ];
}

function describeDays(report: Days): string[] {
  const { days } = report;
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const requests = days.map((day) => day.requests);
  if (sum(requests) === 0) return [`Nothing was asked in the last ${countOf(days.length, "day")}`];
  const costs = days.map((day) => day.cost_usd);
  const denied = days.map((day) => day.denied);
  const shares = days.map(({ known, lookups }) => lookups === 0 ? null : known / lookups);
  const [p50, p95] = [days.map((day) => day.p50_ms), days.map((day) => day.p95_ms)];
  const allShare = sum(days.map(({ known }) => known)) /
    Math.max(1, sum(days.map(({ lookups }) => lookups)));
  const row = (title: string, values: (number | null)[], total: string, format: Format) => [
    title,
    plot(values),
    total,
    format(values.at(-1) ?? null),
  ];
  return [
    bold(`The last ${countOf(days.length, "day")}`) +
    dim(`  ${days[0]!.day} to ${days.at(-1)!.day}, UTC`),
    ...toSection(["", "by day", "in all", "today"], [
      row("spent", costs, toUsd(sum(costs)), toUsd),
      row("requests", requests, toCount(sum(requests)), toCount),
      row("denied", denied, toCount(sum(denied)), toCount),
      row("known by the cache", shares, toShare(allShare), toShare),
      row("half within", p50, "", toMs),
      row("95 % within", p95, "", toMs),
    ]),
    ...describeModels(report),
    ...section("Denied by", report.denials, ["limit", "requests", "subjects"], (denial) => [
      denial.limited_by,
      toCount(denial.requests),
      toCount(denial.subjects),
    ]),
    ...section("Errors", report.outcomes, ["code", "requests"], (outcome) => [
      outcome.outcome,
      toCount(outcome.requests),
    ]),
    ...section("Who it was spent for", report.spenders, ["subject", "spent", "requests"], (one) => [
      one.subject,
      toUsd(one.cost_usd),
      toCount(one.requests),
    ]),
  ];
}

function describeModels({ days, models }: Days): string[] {
  const names = [...new Set(models.map(({ model }) => model))];
  const ofModel = names.map((name) => {
    const own = models.filter(({ model }) => model === name);
    const byDay = days.map(({ day }) => own.find((each) => each.day === day)?.requests ?? 0);
    return {
      name,
      byDay,
      requests: own.reduce((sum, { requests }) => sum + requests, 0),
      costUsd: own.reduce((sum, { cost_usd: costUsd }) => sum + costUsd, 0),
    };
  }).toSorted((a, b) => b.requests - a.requests);
  const all = ofModel.reduce((sum, { requests }) => sum + requests, 0);
  return section("Models", ofModel, ["model", "by day", "share", "answers", "spent"], (model) => [
    model.name,
    plot(model.byDay),
    bar(model.requests / all),
    toCount(model.requests),
    toUsd(model.costUsd),
  ]);
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  header: string[],
  toCells: (row: Row) => string[],
): string[] {
  return rows.length === 0 ? [] : ["", bold(title), ...toSection(header, rows.map(toCells))];
}

/** A table below a title: indented, its header less bright. */
function toSection(header: string[], rows: string[][]): string[] {
  const [first, ...others] = toTable(header, rows).map((line) => `  ${line}`);
  return [dim(first!), ...others];
}

/** A column a value, as high as its part of the largest; a blank where there is none. */
export function plot(values: readonly (number | null)[]): string {
  const largest = Math.max(...values.map((value) => value ?? 0));
  return values.map((value) => {
    if (value === null) return " ";
    if (largest === 0) return BLOCKS[0];
    return BLOCKS[Math.round(value / largest * (BLOCKS.length - 1))];
  }).join("");
}

function bar(share: number): string {
  const columns = Math.round(share * BAR_COLUMNS);
  return `${"█".repeat(columns)}${"░".repeat(BAR_COLUMNS - columns)}`;
}

type Format = (value: number | null) => string;

const toUsd: Format = (usd) => usd === null ? "–" : `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
const toCount: Format = (count) => count === null ? "–" : Math.round(count).toLocaleString("en");
const toShare: Format = (share) => share === null ? "–" : `${Math.round(share * 100)} %`;
const toMs: Format = (ms) => ms === null ? "–" : `${Math.round(ms).toLocaleString("en")} ms`;
