/** `deno task calibrate`: makes confidences what they say, by labelled answers. */
import { join, resolve } from "node:path";
import { calibrate } from "../calibration/calibrate.ts";
import { describeCalibration, describeWaiting } from "../calibration/describe.ts";
import {
  type CalibratedProject,
  CalibrationError,
  createCalibratedProject,
} from "../calibration/project.ts";
import { createReviewPrompt } from "../calibration/review-prompt.ts";
import { parseDecisions, reviewFeedback } from "../calibration/review.ts";
import { CatalogueError, findProject } from "../catalogue/project-address.ts";
import { printJson, printLines } from "../demo/printable.ts";
import { readEvaluation } from "../evaluation/answers/evaluation-file.ts";
import { EvaluationError } from "../evaluation/errors.ts";
import { runTask, type Task, type TaskValues } from "../run-task.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = ` [<evaluation.jsonl> …]

Fits, for each model, version and method, what turns raw figures into shares of right answers; stores
what improves on labels that it was not fitted to; withdraws what newer labels contradict. For the local
stack it reads all evaluations in .local/evaluations where no files are named.

  --dry-run            change nothing
  --refit              fit anew even where few labels are new
  --review             show the feedback that waits, and decide on each
  --accept <ids>       accept feedback: request ids separated by commas, <id>=right, <id>=wrong, or all
  --reject <ids>       reject it
  --json               print one JSON object

The project is the local stack, or the one of SUPABASE_URL and SUPABASE_SECRET_KEY.`;

const options = {
  "dry-run": { type: "boolean" },
  refit: { type: "boolean" },
  review: { type: "boolean" },
  accept: { type: "string" },
  reject: { type: "string" },
  json: { type: "boolean" },
} as const;

type Values = TaskValues<typeof options>;

/** `deno task calibrate`. */
export const task: Task<typeof options> = {
  name: "calibrate",
  usage,
  options,
  takes: [0, Infinity],
  expects: [CalibrationError, CatalogueError, EvaluationError],
  async run(values, paths) {
    const address = await findProject();
    const project = createCalibratedProject(address);
    const isReview = values.review || values.accept !== undefined || values.reject !== undefined;
    if (isReview) return await review(project, values);
    const files = paths.length > 0
      ? paths.map((path) => resolve(callerDirectory(), path))
      : await findLocalEvaluations(address.url);
    return await fit(project, files, values);
  },
};

async function fit(project: CalibratedProject, files: string[], values: Values): Promise<number> {
  const lines = (await Promise.all(files.map(readEvaluation))).flat();
  const isDry = values["dry-run"] === true;
  const groups = await calibrate({
    project,
    lines,
    now: new Date(),
    isDry,
    isRefit: values.refit === true,
  });
  return values.json ? printJson({ groups }) : printLines(describeCalibration(groups, isDry));
}

/** @throws {CalibrationError} for a project on the web: evaluations of the local stack are none of its own */
async function findLocalEvaluations(url: string): Promise<string[]> {
  if (!["127.0.0.1", "localhost"].includes(new URL(url).hostname)) {
    throw new CalibrationError(
      "Name the evaluations of this project: deno task calibrate <file.jsonl>",
    );
  }
  const folder = join(localDirectory(), "evaluations");
  const files: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && name.endsWith(".jsonl")) files.push(join(folder, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort();
}

async function review(project: CalibratedProject, values: Values): Promise<number> {
  const { accept, reject } = values;
  const isTold = accept !== undefined || reject !== undefined;
  const waiting = isTold ? [] : await project.readWaiting();
  if (!isTold && (values.json || waiting.length === 0 || !Deno.stdin.isTerminal())) {
    return values.json ? printJson({ waiting }) : printLines(describeWaiting(waiting));
  }
  const decide = isTold
    ? parseDecisions({ ...(accept && { accept }), ...(reject && { reject }) })
    : createReviewPrompt(waiting.length, {
      ask: prompt,
      say: (lines) => printLines(lines),
    });
  const result = await reviewFeedback(project, decide);
  const { accepted, rejected, waiting: left } = result;
  return values.json
    ? printJson(result)
    : printLines([`${accepted} accepted, ${rejected} rejected, ${left} still wait`]);
}

if (import.meta.main) Deno.exit(await runTask(task));
