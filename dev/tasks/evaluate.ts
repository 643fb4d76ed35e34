/** `deno task evaluate`: how often a project's answers about labelled pictures are right, and what they cost. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CatalogueError } from "../catalogue/project-address.ts";
import { printJson, printLines, toPrintable } from "../demo/printable.ts";
import { EvaluationError } from "../evaluation/errors.ts";
import { evaluate, type Evaluated } from "../evaluation/evaluate.ts";
import { describeEvaluationQuote, toEvaluationBar } from "../evaluation/report/quote.ts";
import { describeEvaluation } from "../evaluation/report/tables.ts";
import { toUsd } from "../evaluation/report/text.ts";
import { createRandom } from "../random.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = `Usage: deno task evaluate <folder | labels.csv>

Asks the project's semantic-analysis about labelled pictures: folders named by a family, or a CSV with
the columns file, any of family, type, finish, texture, pattern, colors …, and source.

  --models <a,b>       these models, each asked alone; without it the project's chain
  --against <file>     compare with an earlier evaluation, a .jsonl
  --limit <n>          so many pictures at most, a fair sample
  --budget <dollars>   spend no more than this
  --fresh              ask again what was answered before
  --out <folder>       of evaluations, reports and answers; default .local/evaluations
  --yes                don't ask
  --json               print one JSON object

The project is the local stack, or the one of SUPABASE_URL and SUPABASE_SECRET_KEY.`;

const options = {
  models: { type: "string" },
  against: { type: "string" },
  limit: { type: "string" },
  budget: { type: "string" },
  fresh: { type: "boolean" },
  out: { type: "string" },
  yes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(args: string[]) {
  return parseArgs({ args, options, allowPositionals: true });
}

/** The same intervals for the same answers. */
const SEED = 1;

/** @returns the exit code: 0 when all was answered, 1 when not, 130 when interrupted. */
async function main(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 1;
  }
  const { values, positionals: [path, ...others] } = parsed;
  if (values.help || path === undefined || others.length > 0) {
    console.log(usage);
    return values.help ? 0 : 1;
  }
  try {
    return await run(path, values);
  } catch (error) {
    if (!(error instanceof EvaluationError || error instanceof CatalogueError)) throw error;
    console.error(error.message.split("\n").map(toPrintable).join("\n"));
    return 1;
  }
}

async function run(path: string, values: Values): Promise<number> {
  const budgetUsd = toNumber("--budget", values.budget);
  const inCaller = (name: string) => resolve(callerDirectory(), name);
  const evaluated = await evaluate({
    path: inCaller(path),
    models: values.models?.split(",").map((model) => model.trim()).filter(Boolean) ?? [],
    against: values.against === undefined ? null : inCaller(values.against),
    limit: toNumber("--limit", values.limit),
    budgetUsd,
    isFresh: values.fresh ?? false,
    folder: values.out ? inCaller(values.out) : join(localDirectory(), "evaluations"),
    accept(quote, problems) {
      if (!values.json) {
        if (problems.length > 0) {
          printLines(problems.map(({ place, problem }) => `left out: ${place} ${problem}`));
        }
        printLines(describeEvaluationQuote(quote));
      }
      const isFree = quote.worstUsd === 0;
      return isFree || values.yes || values.json || !Deno.stdin.isTerminal() ||
        confirm(budgetUsd === null ? "Ask?" : `Ask for at most ${toUsd(budgetUsd)}?`);
    },
    onProgress(progress, quote) {
      if (!values.json) writeBar(toEvaluationBar(progress, budgetUsd ?? quote.worstUsd));
    },
    signal: listenForSignals(),
    random: createRandom(SEED),
  });
  print(evaluated, values.json ?? false);
  const { ended, summary } = evaluated;
  if (ended === "interrupted") return 130;
  const isWhole = summary.problems.length === 0 &&
    summary.groups.every(({ failed }) => failed === 0);
  return ended === "done" && isWhole ? 0 : 1;
}

function print({ ended, reason, quote, spentUsd, summary, files }: Evaluated, isJson: boolean) {
  if (isJson) {
    printJson({ ended, reason, quote, spentUsd, files, ...summary });
    return;
  }
  const words: Record<Evaluated["ended"], string> = {
    done: "Done",
    budget: "The budget is used up; what follows is of the pictures asked about so far",
    interrupted: "Interrupted; the next evaluation goes on where this one ends",
    stopped: `Stopped: ${reason}`,
    declined: "Nothing was spent",
  };
  printLines(["", `${words[ended]}: ${toUsd(spentUsd)} spent`, ""]);
  if (files === null) return;
  printLines(describeEvaluation(summary));
  printLines(["", `answers  ${files.answers}`, `report   ${files.report}`]);
}

/** @throws {EvaluationError} when it is no number that it can be */
function toNumber(option: "--limit" | "--budget", text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  const isRight = option === "--limit" ? Number.isInteger(number) && number >= 1 : number > 0;
  if (!isRight) throw new EvaluationError(`${option} is "${text}", not a number that it can be`);
  return number;
}

/** Aborted by the first Ctrl-C; the second ends the process at once. */
function listenForSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const onSignal = () => {
      Deno.removeSignalListener(signal, onSignal);
      controller.abort();
    };
    Deno.addSignalListener(signal, onSignal);
  }
  return controller.signal;
}

/** On a terminal over the last one; in a file none. */
function writeBar(bar: string): void {
  if (!Deno.stdout.isTerminal()) return;
  Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${bar}`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
