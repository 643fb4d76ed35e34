/** The playground in Chromium: its pages, what they asked for, and a picture of them when a test fails. */
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { projectDirectory } from "../../../dev/stack/process/project-paths.ts";

/** An open page, and what happened in it. */
export interface PlaygroundPage extends AsyncDisposable {
  page: Page;
  /** URLs of all requests, in order. */
  requested: string[];
  /** Lines of level `error` in the console, violations of the policy among them, and uncaught errors. */
  problems: string[];
}

/** Settings by which no step of a test is denied for those before it. */
export const WIDE_LIMITS = {
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: "100",
  RATE_LIMIT_ANONYMOUS_BURST: "100",
  RATE_LIMIT_ANONYMOUS_CONCURRENT: "10",
};

const samplesFolder = `${projectDirectory}/dev/samples`;

/** Where a failed test's screenshot is kept. */
const screenshotFolder = `${projectDirectory}/.local/screenshots`;

/** Path of a sample, such as `wood`. */
export const samplePath = (name: string) => `${samplesFolder}/${name}.jpg`;

/** Opens the playground in a context of its own: nothing is stored of another test. */
export async function openPlayground(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<PlaygroundPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const requested: string[] = [];
  const problems: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(url);
  return { page, requested, problems, [Symbol.asyncDispose]: () => context.close() };
}

/** Runs a part of a test; where it fails, a screenshot is kept and named in the error. */
export async function withScreenshot(
  name: string,
  { page }: PlaygroundPage,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    await Deno.mkdir(screenshotFolder, { recursive: true });
    const path = `${screenshotFolder}/${name.replace(/\W+/g, "-")}.png`;
    await page.screenshot({ path, fullPage: true }).catch(() => {});
    throw new Error(`${(error as Error).message}\nScreenshot: ${path}`, { cause: error });
  }
}

/** What axe-core finds wrong with a page, a line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate("axe.run()") as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`)
  );
}

/** Pixels by which a page is wider than its window. */
export function findOverflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - innerWidth");
}
