/** The page of an evaluation in Chromium: at a phone's and a desk's width, in both schemes. */
import assert from "node:assert/strict";
import { compareSides } from "../../dev/evaluation/comparison/compare.ts";
import { createPage } from "../../dev/evaluation/report/page/create-page.ts";
import { groupAnswers, summariseGroup } from "../../dev/evaluation/statistics/summarise.ts";
import { createRandom } from "../../dev/random.ts";
import { createAnsweredLine } from "../dev/evaluation/lines.ts";
import { createPlainPicture, toDataUri } from "../dev/together-stand-in/pictures.ts";
import { findChromium, launchChromium } from "../../dev/playground/chromium.ts";

const executablePath = await findChromium();
if (!executablePath) {
  console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");
}

/** Two models on sixty pictures, wrong now and then. */
async function createEvaluationPage(): Promise<string> {
  const random = createRandom(1);
  const { answered } = createAnsweredLine();
  const lines = Array.from({ length: 120 }, (_, index) => {
    const isRight = random() < 0.7;
    return createAnsweredLine({
      file: `pictures/a long name of a picture without a blank/${index >> 1}-`.repeat(2),
      source: String(index >> 2),
      content_hash: String(index >> 1).padStart(64, "0"),
      model_asked: `a-vendor-with-a-long-name/model-${index % 2}`,
      raw_confidence: random(),
      answered: { ...answered!, family: isRight ? "wood" : "stone" },
      right: { family: isRight },
    });
  });
  const options = { random, repeats: 50 };
  const groups = groupAnswers(lines);
  const thumbnail = toDataUri(await createPlainPicture("#aa8855"));
  return createPage(
    {
      name: "labels.csv",
      madeAt: "2026-11-26T12:00:00.000Z",
      pictures: 60,
      sources: 30,
      problems: [{ place: "line 3", problem: "it names no file" }],
      groups: groups.map((group) => summariseGroup(group, options)),
      comparisons: compareSides([[groups[0]!, groups[1]!]], options),
    },
    groups,
    new Map(lines.map(({ file }) => [file, thumbnail])),
  );
}

Deno.test({
  name: "the page of an evaluation: fits, asks for nothing, and has the colours of either scheme",
  ignore: !executablePath,
  // The child processes of Playwright are its own to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const html = await createEvaluationPage();
    const browser = await launchChromium(executablePath!);
    try {
      const papers: string[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [390, 1_280]) {
          const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
          const told: string[] = [];
          page.on("request", (request) => {
            if (!request.url().startsWith("data:")) told.push(request.url());
          });
          page.on("console", (message) => told.push(message.text()));
          page.on("pageerror", (error) => told.push(error.message));
          await page.setContent(html, { waitUntil: "load" });
          await page.evaluate(
            "document.querySelectorAll('details').forEach((each) => each.open = true)",
          );
          const seen = await page.evaluate(`({
            overflow: document.documentElement.scrollWidth - innerWidth,
            broken: [...document.images].filter((each) => !each.naturalWidth).length,
            pictures: document.images.length,
            plots: document.querySelectorAll("svg circle, svg rect").length,
            paper: getComputedStyle(document.body).backgroundColor,
          })`) as Record<string, number> & { paper: string };
          assert.deepEqual(told, []);
          assert.ok(seen.overflow! <= 0, `${seen.overflow} at ${width}`);
          assert.deepEqual([seen.broken, seen.pictures! > 10, seen.plots! > 10], [0, true, true]);
          papers.push(seen.paper);
          await page.close();
        }
      }
      assert.equal(new Set(papers).size, 2);
    } finally {
      await browser.close();
    }
  },
});
