/** The playground as static files on another origin: what is in it, what it asks for, bad networks. */
import assert from "node:assert/strict";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";
import type { BrowserContext } from "playwright-core";
import { buildPlayground, type PageFiles } from "../../../dev/playground/build-playground.ts";
import { toSecurityPolicy } from "../../../dev/playground/security-policy.ts";
import { startTestStack } from "../../../dev/stack/testing/test-database.ts";
import { findChromium, launchChromium } from "../../../dev/playground/chromium.ts";
import { findBarriers, openPlayground, samplePath, withScreenshot } from "./playground-page.ts";

const executablePath = await findChromium();
if (!executablePath) {
  console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");
}

/** Of all files of the first load, each once, compressed as hosts do. */
const MAX_FIRST_LOAD_BYTES = 140_000;

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Any host of static files: it sends no header of ours. */
function serveFiles(files: PageFiles) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname === "/" ? "index.html" : pathname.slice(1);
    const file = files.get(path);
    if (!file) return new Response(null, { status: 404 });
    return new Response(file as Uint8Array<ArrayBuffer>, {
      headers: { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" },
    });
  });
}

async function slowDown(context: BrowserContext, bytesPerSecond: number): Promise<void> {
  const session = await context.newCDPSession(context.pages()[0]!);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}

Deno.test({
  name: "the playground as static files on another origin, in a browser",
  ignore: !executablePath,
  // The child processes of Playwright and esbuild are theirs to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using stack = await startTestStack();
    const files = await buildPlayground({
      isLocalStack: false,
      settings: {},
      policy: toSecurityPolicy(),
    });
    await using server = serveFiles(files);
    const url = `http://127.0.0.1:${server.addr.port}/`;
    await using browser = await launchChromium(executablePath!);

    await t.step("holds neither a secret nor the rooms that need one", () => {
      const decoder = new TextDecoder();
      const text = [...files].filter(([path]) => /\.(html|js|css)$/.test(path))
        .map(([, contents]) => decoder.decode(contents)).join("\n");
      assert.ok(text.includes("Find a material"), "the search is in it");
      for (const local of ["local/", "/__faults", "When it does not work", "Nothing is waiting"]) {
        assert.ok(!text.includes(local), local);
      }
      assert.doesNotMatch(text, /sb_secret_\w{8}/);
      assert.ok(!text.includes("TOGETHER_API_KEY"));
    });

    await using playground = await openPlayground(browser, url);
    const { page, requested, problems } = playground;
    const connect = async (key: string) => {
      await page.getByLabel("Project URL").fill(stack.apiUrl);
      await page.getByLabel("Publishable key").fill(key);
      await page.getByRole("button", { name: "Connect" }).click();
    };
    const step = (name: string, run: () => Promise<void>) =>
      t.step(name, () => withScreenshot(`static ${name}`, playground, run));

    await step("takes a project that is typed in, and no secret key", async () => {
      assert.deepEqual(await findBarriers(page), []);
      await connect(stack.secretKey);
      await page.getByText("This is a secret key").waitFor();
      await connect(stack.serviceRoleKey);
      await page.getByText("This is a secret key").waitFor();
      await connect(stack.publishableKey);
      await page.getByText("What is it made of?").waitFor();
      assert.equal(await page.getByText("No model is asked here").count(), 0);
      assert.equal(await page.getByRole("link", { name: "Errors" }).count(), 0);
      assert.equal(await page.getByRole("link", { name: "Catalogue" }).count(), 0);
    });

    await step("says so where anonymous sign-ins are off, and where to sign in", async () => {
      const route = "**/auth/v1/signup*";
      await page.route(route, (request) =>
        request.fulfill({
          status: 422,
          headers: { "Access-Control-Allow-Origin": "*" },
          json: {
            code: 422,
            error_code: "anonymous_provider_disabled",
            msg: "Anonymous sign-ins are disabled",
          },
        }));
      await page.locator("input[type=file]").first().setInputFiles(samplePath("wood"));
      await page.getByText("Anonymous sign-ins are off in this project").waitFor();
      await page.unroute(route);
      problems.length = 0;
    });

    await step("analyses a picture cross-origin, and asks no other host", async () => {
      await page.locator("input[type=file]").first().setInputFiles(samplePath("wood"));
      await page.locator(".card").waitFor();
      const origins = new Set(
        requested.filter((each) => !each.startsWith("blob:")).map((each) => new URL(each).origin),
      );
      assert.deepEqual([...origins].sort(), [new URL(url).origin, stack.apiUrl].sort());
      assert.ok(!requested.some((each) => each.includes("sb_secret_")));
      assert.deepEqual(problems, []);
    });

    await step("its policy lets no other script run", async () => {
      await page.evaluate(`{
        const script = document.createElement("script");
        script.textContent = "window.isInjected = true";
        document.body.append(script);
      }`);
      assert.equal(await page.evaluate("window.isInjected"), undefined);
      assert.doesNotMatch(toSecurityPolicy(stack.apiUrl), /unsafe/);
    });

    await step("says so when it is offline, and goes on when it is not", async () => {
      await page.context().setOffline(true);
      await page.locator("input[type=file]").first().setInputFiles(samplePath("granite"));
      await page.getByText("Check your connection and try again").waitFor();
      await page.context().setOffline(false);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator(".card").waitFor();
    });

    await step("a sign-in that can't be reached is told in words", async () => {
      await page.context().setOffline(true);
      await page.locator(".account summary").click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in anonymously" }).click();
      await page.getByText("The project could not be reached").waitFor();
      await page.context().setOffline(false);
    });

    await step("gets there on a slow network", async () => {
      await slowDown(page.context(), 60_000);
      await page.locator("input[type=file]").first().setInputFiles(samplePath("marble"));
      await page.getByAltText("marble.jpg").waitFor();
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await page.locator(".card").waitFor();
    });

    await t.step("the first load is small", () => {
      const [first] = requested.map((each, index) => each.includes("/auth/") ? index : -1)
        .filter((index) => index >= 0);
      // The samples' small pictures are asked for again beside the one that was chosen.
      const ofPage = new Set(requested.slice(0, first).filter((each) => each.startsWith(url)));
      const paths = [...ofPage].map((each) => each.slice(url.length) || "index.html");
      const bytes = paths.map((path) => {
        const contents = files.get(path)!;
        return /\.(html|js|css|svg)$/.test(path) ? gzipSync(contents).length : contents.length;
      });
      const total = bytes.reduce((sum, each) => sum + each, 0);
      assert.ok(paths.includes("page.js"), paths.join(", "));
      assert.ok(total < MAX_FIRST_LOAD_BYTES, `${total} bytes: ${paths.join(", ")}`);
      console.log(`first load: ${total} bytes in ${paths.length} files`);
    });
  },
});
