/** `deno task screenshots`: the playground's tabs as pictures, for the documentation. */
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { findChromium, launchChromium } from "../playground/chromium.ts";
import { servePlayground } from "../playground/serve-playground.ts";
import { runTask, type Task } from "../run-task.ts";
import { connect } from "../stack/postgres/connect.ts";
import { startStack } from "../stack/stack.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const SEED = new URL("../../supabase/seed.sql", import.meta.url);

interface Screenshot {
  /** Of the file, without its ending. */
  name: string;
  tab: "analyse" | "search" | "errors";
  colorScheme: "light" | "dark";
  /** Brings the page to what is to be seen. */
  prepare: (page: Page) => Promise<void>;
}

async function analyseSample(page: Page): Promise<void> {
  await page.getByRole("button", { name: "wood", exact: true }).click();
  await page.locator(".card").waitFor();
  await page.getByText("left").first().waitFor();
}

const SCREENSHOTS: Screenshot[] = [
  { name: "analyse", tab: "analyse", colorScheme: "light", prepare: analyseSample },
  { name: "analyse-dark", tab: "analyse", colorScheme: "dark", prepare: analyseSample },
  {
    name: "search",
    tab: "search",
    colorScheme: "light",
    prepare: async (page) => {
      await page.getByLabel("Words to search for").fill("oiled oak for a floor");
      await page.keyboard.press("Enter");
      await page.locator(".result").first().waitFor();
    },
  },
  {
    name: "errors",
    tab: "errors",
    colorScheme: "light",
    prepare: (page) => page.getByRole("heading").first().waitFor(),
  },
];

/** `deno task screenshots`. */
export const task: Task<Record<never, never>> = {
  name: "screenshots",
  usage: "\n\nTakes the pictures of the playground that the documentation shows, into docs/images.",
  async run() {
    const executablePath = await findChromium();
    if (executablePath === null) {
      console.error("There is no Chromium here (Debian: apt-get install chromium)");
      return 1;
    }
    await using stack = await startStack({ onProgress: (message) => console.error(message) });
    const sql = connect(stack.databaseUrl);
    await sql.unsafe(await Deno.readTextFile(SEED));
    await sql.end();
    await using server = await servePlayground(stack, { port: 0 });
    await using browser = await launchChromium(executablePath);
    await Deno.mkdir(FOLDER, { recursive: true });
    for (const screenshot of SCREENSHOTS) await take(browser, server.url, screenshot);
    return 0;
  },
};

async function take(
  browser: Browser,
  url: string,
  { name, tab, colorScheme, prepare }: Screenshot,
): Promise<void> {
  await using context = await browser.newContext({
    viewport: { width: 1120, height: 760 },
    deviceScaleFactor: 1.5,
    colorScheme,
  });
  const page = await context.newPage();
  await page.goto(`${url}/#${tab}`);
  await prepare(page);
  // Of a fixed palette: a third of the bytes, in a repository that keeps each version.
  await sharp(await page.screenshot()).png({ palette: true, quality: 90, effort: 10 })
    .toFile(`${FOLDER}${name}.png`);
  console.log(`docs/images/${name}.png`);
}

if (import.meta.main) Deno.exit(await runTask(task));
