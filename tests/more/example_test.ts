/** docs/example: installed from the packed client, built by Vite, and used in Chromium as by a person. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { makePhonePicture } from "../browser/client-page.ts";
import { setFaults, takeUpstreamRequests } from "../e2e/project.ts";
import { findChromium, launchChromium } from "../../dev/playground/chromium.ts";
import { createNpmProject, packClient } from "./npm-project.ts";

const executablePath = await findChromium();
if (!executablePath) console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");

const example = `${projectDirectory}/docs/example`;

/** The page, that is: what a reader has to read. */
const PAGE = ["index.html", "src/main.ts"];

const MAX_LINES = 150;

Deno.test("the example app is a page that can be read at once", async () => {
  const texts = await Promise.all(PAGE.map((path) => Deno.readTextFile(`${example}/${path}`)));
  assert.ok(texts.join("").split("\n").length <= MAX_LINES);
});

/** Builds the example with the packed client in place of the path in its package.json. */
async function buildExample(apiUrl: string, publishableKey: string) {
  await using client = await packClient();
  const project = await createNpmProject(null);
  for (const path of ["package.json", ".npmrc", "tsconfig.json", ...PAGE]) {
    await project.write(path, await Deno.readTextFile(`${example}/${path}`));
  }
  const manifest = JSON.parse(await Deno.readTextFile(`${project.folder}/package.json`));
  manifest.dependencies["semantic-analysis-client"] = `file:${client.tarball}`;
  await project.write("package.json", JSON.stringify(manifest));
  await project.install();
  // A clone stays as it is where the README's commands are done.
  await assert.rejects(Deno.stat(`${project.folder}/package-lock.json`), Deno.errors.NotFound);
  await project.write(
    ".env",
    `VITE_SUPABASE_URL=${apiUrl}\nVITE_SUPABASE_KEY=${publishableKey}\n`,
  );
  await project.run("npm", "run", "build");
  return project;
}

function serveFolder(folder: string) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname === "/" ? "/index.html" : pathname;
    const type = path.endsWith(".js") ? "text/javascript" : "text/html";
    const file = await Deno.readFile(`${folder}${path}`).catch(() => null);
    return new Response(file, {
      status: file ? 200 : 404,
      headers: { "Content-Type": type },
    });
  });
}

Deno.test({
  name: "the example app analyses a phone's picture",
  ignore: !executablePath,
  // The child processes of Playwright and esbuild are theirs to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using stack = await startTestStack({
      functionEnvironment: {
        ANALYSIS_CACHE_TTL: "0",
        RATE_LIMIT_ANONYMOUS_PER_MINUTE: "3",
        RATE_LIMIT_ANONYMOUS_BURST: "3",
      },
    });
    await using project = await buildExample(stack.apiUrl, stack.publishableKey);
    await using server = serveFolder(`${project.folder}/dist`);
    await using browser = await launchChromium(executablePath!);
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const phone = await makePhonePicture();
    const choose = async (label: string, name: string, bytes: Uint8Array) =>
      await page.getByLabel(label).setInputFiles({
        name,
        mimeType: "image/jpeg",
        buffer: Buffer.from(bytes),
      });
    const textOf = (id: string) => page.locator(`#${id}`).textContent();

    await t.step("from the camera: colours, description, properties, limits", async () => {
      await choose("Take a picture", "IMG_0001.jpg", phone);
      await page.waitForFunction("document.querySelector('#limits').textContent");
      assert.equal(await textOf("error"), "");
      assert.match((await textOf("status"))!, /^Done\./, "no figure that is not calibrated");
      assert.ok((await textOf("analysis"))!.length > 20);
      assert.match((await textOf("material"))!, /family/);
      assert.match((await textOf("limits"))!, /2 of 3 pictures this minute, \d+ of \d+ today/);
      const swatches = await page.getByRole("listitem").all();
      assert.ok(swatches.length >= 2);
      assert.match((await swatches[0]!.getAttribute("aria-label"))!, /^[a-z -]+, \d+ %$/);
      assert.ok(await page.locator("#stop").isHidden());
    });

    await t.step("the provider got a picture of 250 kB at most", async () => {
      const [request] = await takeUpstreamRequests(stack);
      assert.ok(phone.length > 3_000_000);
      assert.ok(request.byteLength < 250_000 * 4 / 3 + 20_000, `${request.byteLength} bytes`);
    });

    await t.step("from a file that is no picture: said in words", async () => {
      await choose("Or choose one", "notes.jpg", new TextEncoder().encode("This is no picture"));
      await page.waitForFunction("document.querySelector('#error').textContent");
      assert.match((await textOf("error"))!, /Use a JPEG, PNG or WebP|damaged/);
      assert.equal(await textOf("analysis"), "");
      assert.ok(await page.locator("#preview").isHidden(), "the picture before");
    });

    await t.step("stopped while it waits", async () => {
      await setFaults(stack, [{ kind: "delay", delayMs: 20_000 }]);
      await choose("Or choose one", "IMG_0002.jpg", phone);
      await page.waitForFunction(
        "document.querySelector('#status').textContent.includes('Sending')",
      );
      await page.locator("#stop").click();
      await page.waitForFunction("document.querySelector('#error').textContent");
      assert.equal(await textOf("error"), "The analysis was stopped.");
      await setFaults(stack, []);
    });

    await t.step("beyond the limit: when to come back", async () => {
      for (let count = 0; count < 4; count++) {
        await page.evaluate("document.querySelector('#limits').textContent = ''");
        await choose("Or choose one", "IMG_0003.jpg", phone);
        await page.waitForFunction("document.querySelector('#limits').textContent");
        if (await textOf("error")) break;
      }
      assert.match((await textOf("error"))!, /in a short time\. Try again in \d+ seconds?\.$/);
    });

    assert.deepEqual(problems, []);
  },
});
