import assert from "node:assert/strict";
import sharp from "sharp";
import {
  createKeptAnswers,
  type KeptAnswer,
} from "../../../../dev/evaluation/answers/kept-answers.ts";
import { inspectPictures } from "../../../../dev/evaluation/labels/inspect-pictures.ts";
import { planEvaluation } from "../../../../dev/evaluation/project/plan-evaluation.ts";
import { quoteEvaluation } from "../../../../dev/evaluation/project/quote-evaluation.ts";
import { runEvaluation } from "../../../../dev/evaluation/project/run-evaluation.ts";
import { SemanticAnalysisError } from "../../../../supabase/functions/_shared/client/errors.ts";
import {
  CEILING_USD,
  COST_USD,
  createFacts,
  createFakeProject,
  createKeptAnswer,
} from "../fake-project.ts";

/** Pictures of one colour each, in a folder that is gone afterwards. */
async function createPictures(count: number) {
  const folder = await Deno.makeTempDir();
  const pictures = await Promise.all(Array.from({ length: count }, async (_, index) => {
    const path = `${folder}/${index}.png`;
    const background = { r: index, g: 0, b: 0 };
    await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toFile(path);
    return { file: `${index}.png`, path, source: `${index}`, labels: { family: "wood" as const } };
  }));
  const inspected = await inspectPictures(pictures, 1_000_000);
  assert.deepEqual(inspected.problems, []);
  return {
    folder,
    pictures: inspected.pictures,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function evaluate(
  { folder, pictures }: Awaited<ReturnType<typeof createPictures>>,
  { answer, budgetUsd = 1, models = [null], signal, isFresh = false }: {
    answer?: (asked: number) => KeptAnswer | Promise<KeptAnswer>;
    budgetUsd?: number;
    models?: (string | null)[];
    signal?: AbortSignal;
    isFresh?: boolean;
  } = {},
) {
  const { project, asked } = createFakeProject(answer);
  const kept = createKeptAnswers(`${folder}/kept`);
  const facts = models.map(createFacts);
  const questions = await planEvaluation(pictures, facts, {
    url: project.url,
    kept,
    maps: [],
    isFresh,
  });
  const pauses: number[] = [];
  const result = await runEvaluation({
    questions,
    kept,
    project,
    budgetUsd,
    isFresh,
    concurrency: 2,
    onProgress() {},
    signal: signal ?? new AbortController().signal,
    now: () => 0,
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  return { ...result, asked, pauses, quote: quoteEvaluation(questions, facts, null) };
}

const refuse = (code: string, retryAfterMs: number | null = null) => {
  throw new SemanticAnalysisError("No", { code, retryAfterMs });
};

Deno.test("an evaluation: a second one costs nothing and has the same lines", async () => {
  await using folder = await createPictures(5);
  const first = await evaluate(folder);
  const second = await evaluate(folder);
  assert.deepEqual([first.ended, first.asked.length], ["done", 5]);
  assert.ok(Math.abs(first.spentUsd - 5 * COST_USD) < 1e-9);
  assert.deepEqual([second.ended, second.asked.length, second.spentUsd], ["done", 0, 0]);
  assert.deepEqual(second.lines, first.lines.map((line) => ({ ...line, is_kept: true })));
  assert.deepEqual(second.quote.models.map(({ questions, kept }) => [questions, kept]), [[0, 5]]);
  const third = await evaluate(folder, { isFresh: true });
  assert.equal(third.asked.length, 5);
});

Deno.test("an evaluation: labels are not part of what is kept", async () => {
  await using folder = await createPictures(1);
  await evaluate(folder);
  folder.pictures[0]!.labels = { family: "stone", type: "oak", colors: ["brown"] };
  const { lines: [line], asked } = await evaluate(folder);
  assert.equal(asked.length, 0);
  assert.ok(line?.outcome === "answered");
  assert.deepEqual(line.right, { family: false, type: true, colors: true });
  assert.deepEqual(line.alternatives, [
    { family: "wood", probability: 0.85 },
    { family: "stone", probability: 0.1 },
  ]);
  assert.deepEqual([line.raw_confidence, line.confidence], [0.9, 0.75]);
});

Deno.test("an evaluation: one that was interrupted goes on where it was", async () => {
  await using folder = await createPictures(6);
  const controller = new AbortController();
  const first = await evaluate(folder, {
    signal: controller.signal,
    answer: (asked) => {
      if (asked === 3) controller.abort();
      return createKeptAnswer("wood");
    },
  });
  assert.equal(first.ended, "interrupted");
  const second = await evaluate(folder);
  assert.equal(second.ended, "done");
  assert.equal(first.asked.length + second.asked.length, 6);
  assert.equal(second.lines.length, 6);
});

Deno.test("an evaluation: the budget is never exceeded, whatever the questions cost", async () => {
  await using folder = await createPictures(8);
  const dearest = { ...createKeptAnswer("wood") };
  dearest.response = {
    ...dearest.response,
    usage: { ...dearest.response.usage, cost_usd: CEILING_USD },
  };
  const { ended, spentUsd, asked, quote } = await evaluate(folder, {
    budgetUsd: 4 * CEILING_USD,
    answer: () => dearest,
  });
  assert.deepEqual([ended, asked.length], ["budget", 4]);
  assert.ok(spentUsd <= 4 * CEILING_USD + 1e-9);
  assert.ok(Math.abs(quote.worstUsd - 8 * CEILING_USD) < 1e-9);
  assert.ok(quote.expectedUsd > 0 && quote.expectedUsd < quote.worstUsd);
});

Deno.test("an evaluation: the models of a picture are asked together", async () => {
  await using folder = await createPictures(3);
  const { asked, lines } = await evaluate(folder, { models: ["a/a", "b/b"] });
  assert.equal(asked.length, 6);
  assert.deepEqual(
    lines.map(({ model_asked }) => model_asked),
    Array(3).fill(["a/a", "b/b"]).flat(),
  );
  assert.equal(lines[0]!.content_hash, lines[1]!.content_hash);
});

Deno.test("an evaluation: what was refused for a moment is asked again, a failure is a line", async () => {
  await using folder = await createPictures(2);
  const { ended, lines, pauses, spentUsd } = await evaluate(folder, {
    answer: (asked) =>
      asked <= 2
        ? refuse("RATE_LIMITED", 700)
        : asked === 3
        ? refuse("UPSTREAM_TIMEOUT", 900)
        : createKeptAnswer("wood"),
  });
  assert.equal(ended, "done");
  assert.deepEqual(pauses, [700, 700]);
  assert.deepEqual(lines.map(({ outcome }) => outcome).toSorted(), ["answered", "failed"]);
  // What may have cost something counts with all that it can have cost.
  assert.ok(Math.abs(spentUsd - CEILING_USD - COST_USD) < 1e-9);
});

Deno.test("an evaluation: it stops at what an operator must put right, and after ten failures in a row", async () => {
  await using folder = await createPictures(30);
  const unauthorized = await evaluate(folder, { answer: () => refuse("UNAUTHORIZED") });
  assert.deepEqual([unauthorized.ended, unauthorized.reason], ["stopped", "No"]);
  assert.ok(unauthorized.asked.length <= 2);
  const month = await evaluate(folder, { answer: () => refuse("RATE_LIMITED", 3_600_000) });
  assert.equal(month.ended, "stopped");
  const failing = await evaluate(folder, { answer: () => refuse("UPSTREAM_UNAVAILABLE") });
  assert.equal(failing.ended, "stopped");
  assert.match(failing.reason!, /10 questions in a row failed/);
  assert.ok(failing.asked.length <= 11);
});
