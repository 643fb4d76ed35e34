/** `deno task evaluate`: how often a project's answers about labelled pictures are right, and what they cost. */
import { join, resolve } from "node:path";
import { CatalogueError } from "../catalogue/project-address.ts";
import { printJson, printLines } from "../demo/printable.ts";
import { writeOver } from "../demo/terminal.ts";
import { EvaluationError } from "../evaluation/errors.ts";
import { evaluate, type Evaluated } from "../evaluation/evaluate.ts";
import { describeEvaluationQuote, toEvaluationBar } from "../evaluation/report/quote.ts";
import { describeEvaluation } from "../evaluation/report/tables.ts";
import { toUsd } from "../evaluation/report/text.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { createRandom } from "../random.ts";
import { runTask, type Task, type TaskValues, toCount, toDollars } from "../run-task.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = ` <folder | labels.csv>

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
} as const;

type Values = TaskValues<typeof options>;

/** `deno task evaluate`. Its exit code is 0 when all was answered, 130 when it was interrupted. */
export const task: Task<typeof options> = {
  name: "evaluate",
  usage,
  options,
  takes: [1, 1],
  expects: [EvaluationError, CatalogueError],
  run: (values, [path]) => run(path!, values),
};

/** The same intervals for the same answers. */
const SEED = 1;

async function run(path: string, values: Values): Promise<number> {
  const budgetUsd = values.budget === undefined ? null : toDollars("--budget", values.budget);
  const inCaller = (name: string) => resolve(callerDirectory(), name);
  const evaluated = await evaluate({
    path: inCaller(path),
    models: values.models?.split(",").map((model) => model.trim()).filter(Boolean) ?? [],
    against: values.against === undefined ? null : inCaller(values.against),
    limit: values.limit === undefined ? null : toCount("--limit", values.limit),
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
      if (!values.json) writeOver(toEvaluationBar(progress, budgetUsd ?? quote.worstUsd));
    },
    signal: listenForInterrupt(),
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

if (import.meta.main) Deno.exit(await runTask(task));
