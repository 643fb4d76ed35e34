/** `deno task catalogue`: has the pictures of a catalogue analysed, and tells what that costs before. */
import { type ColourStore, createMeasure, measureColours } from "../catalogue/measure-colours.ts";
import {
  describeColours,
  describeProgress,
  describeQuote,
  describeResult,
  toColoursBar,
  toFailureTable,
  toRunBar,
} from "../catalogue/print.ts";
import {
  type CatalogueProject,
  createCatalogueProject,
  type MaterialChoice,
} from "../catalogue/project.ts";
import { CatalogueError, findProject, type ProjectAddress } from "../catalogue/project-address.ts";
import { quoteChoice } from "../catalogue/quote-choice.ts";
import { runCatalogue } from "../catalogue/run-catalogue.ts";
import { printJson, printLines } from "../demo/printable.ts";
import { writeOver } from "../demo/terminal.ts";
import { listenForInterrupt } from "../interrupt.ts";
import {
  runTask,
  type Task,
  type TaskValues,
  toCount,
  toDollars,
  UsageError,
} from "../run-task.ts";

const usage = ` <command>

  status               jobs by state, rate, spending, the last failures
  quote                what is waiting, and what it will cost
  run                  quote, ask, analyse, with a progress bar; Ctrl-C ends it, a later run goes on
  retry-failed         failed jobs wait again (with --code, those with this code)
  pause, resume        nothing is begun until resumed
  --colors             measures the colours of pictures here, for the search by colour; costs nothing,
                       Ctrl-C ends it, a later run goes on

  --only <which>       of quote and run: category=<name>, prompt=<version> (those without an analysis by
                       it, which must be the present one) or material ids separated by commas; without it all that have no analysis
  --limit <n>          of quote and run: so many pictures at most
  --budget <dollars>   of run: spend no more than this
  --yes                of run: don't ask; nor is asked with --json, or where there is no terminal
  --code <code>        of retry-failed
  --again              of --colors: also pictures that were measured before (--only category=<name>
                       and --limit choose of them)
  --json               print one JSON object

The project is the local stack, or the one of SUPABASE_URL and SUPABASE_SECRET_KEY.`;

const options = {
  only: { type: "string" },
  limit: { type: "string" },
  budget: { type: "string" },
  code: { type: "string" },
  colors: { type: "boolean" },
  again: { type: "boolean" },
  yes: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** What Postgres takes for an integer. */
const MOST_JOBS = 2_147_483_647;

/** What each command takes; what it does not take would choose nothing of what it then does to all. */
const optionsOf: Record<string, readonly (keyof typeof options)[]> = {
  status: ["json"],
  quote: ["only", "limit", "json"],
  run: ["only", "limit", "budget", "yes", "json"],
  colors: ["colors", "only", "limit", "again", "json"],
  "retry-failed": ["code", "json"],
  pause: ["json"],
  resume: ["json"],
};

/** What the project takes for a budget. */
const MOST_DOLLARS = 1_000_000;

type Values = TaskValues<typeof options>;

/** `deno task catalogue`. Its exit code is 130 when it was interrupted. */
export const task: Task<typeof options> = {
  name: "catalogue",
  usage,
  options,
  takes: [0, 1],
  expects: [CatalogueError],
  async run(values, [typed]) {
    const name = values.colors ? "colors" : typed;
    if (name === undefined) throw new UsageError("A command is missing");
    if (!Object.hasOwn(commands, name)) throw new UsageError(`There is no command "${name}"`);
    if (values.colors && typed !== undefined) throw new UsageError("--colors takes no command");
    const unused = (Object.keys(values) as (keyof typeof options)[])
      .find((option) => !optionsOf[name]!.includes(option));
    if (unused !== undefined) throw new UsageError(`"${name}" takes no --${unused}`);
    const address = await findProject();
    return await commands[name]!(createCatalogueProject(address), values, address);
  },
};

type Command = (
  project: CatalogueProject & ColourStore,
  values: Values,
  address: ProjectAddress,
) => Promise<number>;

const commands: Record<string, Command> = {
  async status(project, { json }) {
    const progress = await project.readProgress({ failures: 20 });
    if (json) return printJson(progress);
    return printLines([...describeProgress(progress), ...toFailureTable(progress.failures)]);
  },
  async quote(project, values) {
    const offer = await quoteChoice(project, toChoice(values));
    return values.json ? printJson(offer.quote) : printLines(describeQuote(offer));
  },
  run: analyse,
  colors: measure,
  async "retry-failed"(project, { code, json }) {
    const retried = await project.retryFailed(code);
    return json ? printJson({ retried }) : printLines([`Jobs that wait again: ${retried}`]);
  },
  async pause(project, { json }) {
    await project.pause(true);
    return json ? printJson({ is_paused: true }) : printLines(["Paused: nothing is begun"]);
  },
  async resume(project, { json }) {
    await project.pause(false);
    return json ? printJson({ is_paused: false }) : printLines(["Resumed"]);
  },
};

async function measure(
  project: ColourStore,
  values: Values,
  address: ProjectAddress,
): Promise<number> {
  const { category, limit, ...others } = toChoice(values);
  if (Object.keys(others).length > 0) {
    throw new UsageError("--colors takes --only category=<name> alone");
  }
  const startedAtMs = Date.now();
  const result = await measureColours({
    store: project,
    measure: createMeasure(address),
    isAgain: values.again ?? false,
    ...(category !== undefined && { category }),
    ...(limit !== undefined && { limit }),
    onProgress(progress) {
      if (!values.json) writeBar(toColoursBar(progress, Date.now() - startedAtMs));
    },
    signal: listenForInterrupt(),
  });
  if (values.json) printJson(result);
  else printLines(["", ...describeColours(result)]);
  return result.ended === "interrupted" ? 130 : result.failed > 0 ? 1 : 0;
}

async function analyse(project: CatalogueProject, values: Values): Promise<number> {
  const budgetUsd = values.budget === undefined
    ? undefined
    : toDollars("--budget", values.budget, MOST_DOLLARS);
  const result = await runCatalogue({
    project,
    choice: toChoice(values),
    ...(budgetUsd !== undefined && { budgetUsd }),
    accept(offer) {
      if (!values.json) printLines(describeQuote(offer));
      return values.yes || values.json || !Deno.stdin.isTerminal() ||
        confirm(budgetUsd === undefined ? "Analyse?" : `Analyse for at most $${budgetUsd}?`);
    },
    onProgress(progress, quote) {
      if (!values.json) writeBar(toRunBar(progress, quote));
    },
    signal: listenForInterrupt(),
  });
  const { failures, failed } = await project.readProgress({
    failures: result.failed,
  });
  if (values.json) printJson({ ...result, failures });
  else printLines(["", ...describeResult(result, failed), ...toFailureTable(failures)]);
  return { done: 0, nothing: 0, declined: 1, budget: 1, stopped: 1, interrupted: 130 }[
    result.ended
  ];
}

/** @throws {UsageError} when a value can't be used */
function toChoice({ only, limit: limitText }: Values): MaterialChoice {
  const bounded = limitText === undefined
    ? {}
    : { limit: toCount("--limit", limitText, MOST_JOBS) };
  if (only === undefined) return bounded;
  const [, kind, value] = /^(category|prompt)=(.+)$/.exec(only) ?? [];
  if (kind === "category") return { ...bounded, category: value! };
  if (kind === "prompt") return { ...bounded, olderThanPrompt: value! };
  const materialIds = only.split(",").map((id) => id.trim());
  if (!materialIds.every((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))) {
    throw new UsageError(
      `--only is "${only}", not category=<name>, prompt=<version> or material ids`,
    );
  }
  return { ...bounded, materialIds };
}

/** In a file a line each. */
function writeBar(bar: string): void {
  if (!writeOver(bar)) console.log(bar);
}

if (import.meta.main) Deno.exit(await runTask(task));
