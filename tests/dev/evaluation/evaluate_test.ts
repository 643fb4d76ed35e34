/** Whole evaluations of a project without a network. */
import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { readEvaluation } from "../../../dev/evaluation/answers/evaluation-file.ts";
import { evaluate, type EvaluateOptions } from "../../../dev/evaluation/evaluate.ts";
import { describeEvaluation } from "../../../dev/evaluation/report/tables.ts";
import { createRandom } from "../../../dev/random.ts";
import { createFakeProject, createKeptAnswer } from "./fake-project.ts";

async function createFolder() {
  const folder = await Deno.makeTempDir();
  for (const [index, family] of ["wood", "wood", "stone", "stone"].entries()) {
    const file = `<x>pictures/${family}/<b>${index}.png`;
    await Deno.mkdir(`${folder}/<x>pictures/${family}`, { recursive: true });
    const background = { r: index * 40, g: 0, b: 0 };
    await sharp({ create: { width: 9, height: 7, channels: 3, background } }).png()
      .toFile(`${folder}/${file}`);
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function run(
  folder: string,
  { answer = "wood", ...changes }: Partial<EvaluateOptions> & { answer?: string } = {},
) {
  let now = Date.UTC(2026, 10, 26) + Math.floor(createRandom(answer.length)() * 1e6);
  const { project, asked } = createFakeProject(() => createKeptAnswer(answer));
  const evaluated = await evaluate({
    path: `${folder}/<x>pictures`,
    models: [],
    against: null,
    limit: null,
    budgetUsd: null,
    isFresh: false,
    folder: `${folder}/out-${answer}`,
    accept: () => true,
    onProgress() {},
    signal: new AbortController().signal,
    project,
    random: createRandom(1),
    now: () => now++,
    ...changes,
  });
  return { ...evaluated, asked };
}

Deno.test("an evaluation: a file of lines, a page, and tables", async () => {
  await using folder = await createFolder();
  const { ended, summary, files, quote } = await run(folder.folder);
  assert.equal(ended, "done");
  assert.equal(quote.models[0]?.questions, 4);
  const lines = await readEvaluation(files!.answers);
  assert.equal(lines.length, 4);
  const [group] = summary.groups;
  assert.equal(group?.properties[0]?.accuracy.value, 0.5);
  const text = describeEvaluation(summary).join("\n");
  assert.match(text, /^4 pictures of 4 sources$/m);
  assert.match(text, /^family +4 +50\.0 % \(0\.0–100\.0\)/m);
  assert.match(text, /^stone +· +2$/m);
  assert.match(text, /^raw confidence of 4 answers$/m);
});

Deno.test("the page of an evaluation: nothing is from outside, no name is markup, wrong answers have pictures", async () => {
  await using folder = await createFolder();
  const { files } = await run(folder.folder);
  const page = await Deno.readTextFile(files!.report);
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.match(page, /default-src 'none'; img-src data:; style-src 'unsafe-inline'/);
  assert.doesNotMatch(page, /<script|<link|<iframe|@import|\bsrc="(?!data:)|url\(/);
  const { document } = parseHTML(page) as unknown as {
    document: { title: string; querySelectorAll(selector: string): { textContent: string }[] };
  };
  assert.equal(document.querySelectorAll("b, script, x").length, 0);
  const names = [...document.querySelectorAll(".answer strong")].map((each) => each.textContent);
  assert.deepEqual(names.toSorted(), ["stone/<b>2.png", "stone/<b>3.png"]);
  assert.match(page, /<title>Evaluation of &lt;x>pictures<\/title>/);
  assert.equal(page.match(/src="data:image\/jpeg;base64,/g)?.length, 2);
  assert.equal(page.match(/<svg /g)?.length, 4);
  assert.match(page, /prefers-color-scheme: dark/);
});

Deno.test("an evaluation: nothing is asked where the quote is declined, and nothing is written", async () => {
  await using folder = await createFolder();
  const { ended, asked, files } = await run(folder.folder, { accept: () => false });
  assert.deepEqual([ended, asked.length, files], ["declined", 0, null]);
});

Deno.test("an evaluation of two models and against an earlier one: compared on the same pictures", async () => {
  await using folder = await createFolder();
  const earlier = await run(folder.folder);
  const { summary, asked } = await run(folder.folder, {
    answer: "stone",
    models: ["a/a", "b/b"],
    limit: 3,
  });
  assert.equal(asked.length, 6);
  assert.deepEqual(summary.groups.map(({ name }) => name), ["a/a", "b/b"]);
  assert.deepEqual(summary.comparisons.map(({ a, b, pictures }) => [a, b, pictures]), [[
    "a/a",
    "b/b",
    3,
  ]]);
  const against = await run(folder.folder, {
    answer: "stone",
    models: ["a/a"],
    against: earlier.files!.answers,
  });
  const [comparison] = against.summary.comparisons;
  assert.match(comparison!.a, /^the chain \(2026-11-26T.*\.jsonl\)$/);
  assert.deepEqual([comparison!.onlyA, comparison!.onlyB, comparison!.p], [2, 2, 1]);
  await assert.rejects(
    run(folder.folder, { models: ["a/a", "b/b"], against: earlier.files!.answers }),
    /has no answers of a\/a, b\/b/,
  );
});
