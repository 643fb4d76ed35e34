/** A whole evaluation: labels, quote, answers, and what they come to, in files. */
import { basename, join } from "node:path";
import { pause } from "../../supabase/functions/_shared/platform/http/pause.ts";
import { findProject } from "../catalogue/project-address.ts";
import type { AnswerLine } from "./answers/answer-line.ts";
import { readEvaluation, toEvaluationLine } from "./answers/evaluation-file.ts";
import { createKeptAnswers } from "./answers/kept-answers.ts";
import { compareSides, type Side } from "./comparison/compare.ts";
import { EvaluationError } from "./errors.ts";
import { inspectPictures } from "./labels/inspect-pictures.ts";
import type { LabelProblem } from "./labels/labelled-picture.ts";
import { readLabels } from "./labels/read-labels.ts";
import { planEvaluation } from "./project/plan-evaluation.ts";
import type { EvaluatedProject, ProjectLimits } from "./project/project.ts";
import { createEvaluatedProject } from "./project/project.ts";
import { type EvaluationQuote, quoteEvaluation } from "./project/quote-evaluation.ts";
import {
  type EvaluationProgress,
  type EvaluationResult,
  runEvaluation,
} from "./project/run-evaluation.ts";
import { createPage } from "./report/page/create-page.ts";
import { createThumbnails } from "./report/page/thumbnails.ts";
import { findWrong } from "./report/page/wrong-answers.ts";
import { type EvaluationSummary, groupAnswers, summariseGroup } from "./statistics/summarise.ts";

/** What is evaluated, and how. */
export interface EvaluateOptions {
  /** A folder or a CSV. */
  path: string;
  /** To ask each alone; empty: the project's chain. */
  models: readonly string[];
  /** The file of an earlier evaluation to compare with; null for none. */
  against: string | null;
  /** Pictures at most, a fair sample of them; null for all. */
  limit: number | null;
  /** US dollars at most; null: what the quote is at worst. */
  budgetUsd: number | null;
  /** Ask again what is kept. */
  isFresh: boolean;
  /** Where evaluations, reports and kept answers go. */
  folder: string;
  /** Asked with the quote; without an answer of true nothing is spent. */
  accept: (quote: EvaluationQuote, problems: readonly LabelProblem[]) => boolean;
  onProgress: (progress: EvaluationProgress, quote: EvaluationQuote) => void;
  signal: AbortSignal;
  /** Default: the project of the environment, or the local stack. */
  project?: EvaluatedProject;
  random: () => number;
  /** Unix time in milliseconds. */
  now?: () => number;
}

/** What came of it. */
export interface Evaluated {
  ended: EvaluationResult["ended"] | "declined";
  reason: string | null;
  quote: EvaluationQuote;
  spentUsd: number;
  summary: EvaluationSummary;
  /** null where nothing was answered. */
  files: { answers: string; report: string } | null;
}

/** More at a time gain little, and would take what others need. */
const MAX_CONCURRENCY = 8;

/** @throws {EvaluationError | CatalogueError} for what the person who evaluates can put right */
export async function evaluate(options: EvaluateOptions): Promise<Evaluated> {
  const { path, against, isFresh, folder, signal, now = Date.now } = options;
  const earlier = against === null ? [] : await readEvaluation(against);
  const read = await readLabels(path);
  const project = options.project ?? createEvaluatedProject(await findProject());
  const asked = options.models.length === 0 ? [null] : options.models;
  const told = await Promise.all(asked.map((model) => project.readFacts(model)));
  const { limits } = told[0]!;
  // Before anything is asked: an earlier evaluation of something else is told at once.
  toPairs([], asked, earlier, against);
  const inspected = await inspectPictures(read.pictures, limits.maxImageBytes);
  const problems = [...read.problems, ...inspected.problems];
  const pictures = takeSample(inspected.pictures, options.limit);
  if (pictures.length === 0) {
    const told = problems.map(({ place, problem }) => `left out: ${place} ${problem}`);
    throw new EvaluationError(["There is no picture to ask about", ...told].join("\n"));
  }
  const kept = createKeptAnswers(join(folder, "kept"));
  const models = told.map(({ facts }) => facts);
  const questions = await planEvaluation(pictures, models, {
    url: project.url,
    kept,
    maps: await project.readMaps(),
    isFresh,
  });
  const quote = quoteEvaluation(questions, models, limits.projectLeftUsd);
  const isAccepted = options.accept(quote, problems);
  const result = isAccepted
    ? await runEvaluation({
      questions,
      kept,
      project,
      isFresh,
      budgetUsd: options.budgetUsd ?? quote.worstUsd,
      concurrency: toConcurrency(limits),
      onProgress: (progress) => options.onProgress(progress, quote),
      signal,
      now,
      pause: (ms) => pause(ms, signal),
    })
    : { ended: "declined" as const, reason: null, spentUsd: 0, lines: [] };
  const madeAt = new Date(now()).toISOString();
  const groups = groupAnswers(result.lines);
  const summary: EvaluationSummary = {
    name: basename(path),
    madeAt,
    pictures: new Set(result.lines.map(({ content_hash }) => content_hash)).size,
    sources: new Set(result.lines.map(({ source }) => source)).size,
    problems,
    groups: groups.map((group) => summariseGroup(group, options)),
    comparisons: compareSides(toPairs(result.lines, asked, earlier, against), options),
  };
  const wrong = new Set(groups.flatMap(({ lines }) => findWrong(lines).map(({ file }) => file)));
  const name = madeAt.slice(0, 19).replaceAll(":", "-");
  const files = result.lines.length === 0 ? null : {
    answers: join(folder, `${name}.jsonl`),
    report: join(folder, `${name}.html`),
  };
  if (files) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(files.answers, result.lines.map(toEvaluationLine).join(""));
    const thumbnails = await createThumbnails(pictures.filter(({ file }) => wrong.has(file)));
    await Deno.writeTextFile(files.report, createPage(summary, groups, thumbnails));
  }
  const { ended, reason, spentUsd } = result;
  return { ended, reason, quote, spentUsd, summary, files };
}

/** By their hashes, which have nothing to do with their labels. */
function takeSample<Picture extends { contentHash: string }>(
  pictures: readonly Picture[],
  limit: number | null,
): Picture[] {
  return pictures.toSorted((left, right) => left.contentHash < right.contentHash ? -1 : 1)
    .slice(0, limit ?? pictures.length);
}

/** Each model with each other one, and with what the earlier evaluation asked in the same way. */
function toPairs(
  lines: readonly AnswerLine[],
  asked: readonly (string | null)[],
  earlier: readonly AnswerLine[],
  against: string | null,
): [Side, Side][] {
  const toSide = (from: readonly AnswerLine[], model: string | null, suffix = ""): Side => ({
    name: `${model ?? "the chain"}${suffix}`,
    lines: from.filter(({ model_asked }) => model_asked === model),
  });
  const among = asked.flatMap((a, index) =>
    asked.slice(index + 1).map((b): [Side, Side] => [toSide(lines, a), toSide(lines, b)])
  );
  if (against === null) return among;
  const askedThen = [...new Set(earlier.map(({ model_asked }) => model_asked))];
  // One against one may be two models; of several each is compared with itself.
  const [onlyThen] = askedThen;
  const isOne = asked.length === 1 && askedThen.length === 1;
  const withEarlier = asked.flatMap((model): [Side, Side][] => {
    const then = isOne ? onlyThen! : model;
    return askedThen.includes(then)
      ? [[toSide(earlier, then, ` (${basename(against)})`), toSide(lines, model)]]
      : [];
  });
  if (withEarlier.length === 0) {
    throw new EvaluationError(`"${against}" has no answers of ${asked.join(", ") || "the chain"}`);
  }
  return [...among, ...withEarlier];
}

function toConcurrency({ concurrent }: ProjectLimits): number {
  return Math.max(1, Math.min(MAX_CONCURRENCY, concurrent));
}
