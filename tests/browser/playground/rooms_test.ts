/** The playground's other rooms in Chromium: the search, and the two that only `task dev` serves. */
import assert from "node:assert/strict";
import type { Route } from "playwright-core";
import { ERROR_CODES } from "../../../supabase/functions/_shared/client/errors.ts";
import { servePlayground } from "../../../dev/playground/serve-playground.ts";
import { createTestClient } from "../../e2e/project.ts";
import { startSeededStack } from "../../e2e/catalogue.ts";
import { findChromium, launchChromium } from "../../../dev/playground/chromium.ts";
import {
  findBarriers,
  findOverflow,
  openPlayground,
  type PlaygroundPage,
  samplePath,
  WIDE_LIMITS,
  withScreenshot,
} from "./playground-page.ts";

const executablePath = await findChromium();
if (!executablePath) {
  console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");
}

/** Without barriers in both schemes, and no wider than the narrowest and the widest window. */
async function assertFits({ page }: PlaygroundPage): Promise<void> {
  for (const [colorScheme, width] of [["light", 360], ["dark", 1440]] as const) {
    // Without motion, or colours would be looked at on their way from one scheme to the other.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await findBarriers(page), [], `${colorScheme}, ${width}`);
    assert.ok(await findOverflow(page) <= 0, `wider than ${width}`);
  }
}

Deno.test({
  name: "the playground's rooms for the search, the catalogue and the errors, in a browser",
  ignore: !executablePath,
  // The child processes of Playwright and esbuild are theirs to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using stack = await startSeededStack({ functionEnvironment: WIDE_LIMITS });
    await using server = await servePlayground(stack, { port: 0 });
    await using browser = await launchChromium(executablePath!);
    const step = (
      name: string,
      room: string,
      run: (playground: PlaygroundPage) => Promise<void>,
    ) =>
      t.step(name, async () => {
        await using playground = await openPlayground(browser, `${server.url}/#${room}`);
        await withScreenshot(name, playground, () => run(playground));
      });

    await step("a search says why it found each material", "search", async (playground) => {
      const { page, problems } = playground;
      await page.getByLabel("Words to search for").fill("marbel tile");
      await page.keyboard.press("Enter");
      const first = page.locator(".result").first();
      await first.waitFor();
      assert.match(await first.innerText(), /marble tile[^]*Found because its words fit/);
      await page.getByText("Nothing has the word “marbel”, so “marble” was searched for").waitFor();
      await first.getByText("How the score comes about").click();
      assert.match(
        await first.innerText(),
        /words\s+\d\.\d\d\s+100 %[^]*The score is the sum of each part/,
      );
      await assertFits(playground);
      assert.deepEqual(problems, []);
    });

    await step("a search by a picture and a filter", "search", async ({ page }) => {
      await page.locator("main input[type=file]").setInputFiles(samplePath("wood"));
      await page.getByAltText("Picture to search with, wood.jpg").waitFor();
      await page.getByText("Filters").click();
      await page.getByLabel("wood", { exact: true }).check();
      await page.getByRole("button", { name: "Search", exact: true }).click();
      await page.locator(".result").first().waitFor();
      assert.match(await page.locator(".remarks").innerText(), /Your picture was described by/);
    });

    await step("a search by a picture's colours, and by one picked", "search", async ({ page }) => {
      const { error } = await createTestClient(stack, stack.secretKey)
        .rpc("material_search_store_palette", {
          p_material_id: "11000001-0000-4000-8000-000000000000",
          p_palette: [{ hex: "#b6834f", share: 1, name: "warm brown" }],
          p_source: "https://example.com/oak.jpg",
          p_source_hash: "0".repeat(64),
        });
      assert.equal(error, null);
      await page.locator("main input[type=file]").setInputFiles(samplePath("wood"));
      await page.getByLabel("by its colours").check();
      await page.getByRole("button", { name: "Search", exact: true }).click();
      const result = page.locator(".result");
      await result.getByText("Its colours are").waitFor();
      await result.getByText("How the score comes about").click();
      assert.match(
        await result.innerText(),
        /White oak plank flooring[^]*ΔE \d[^]*ΔE is how far two colours are apart/,
      );
      await page.getByRole("button", { name: "Leave the picture out" }).click();
      await page.getByText("Filters").click();
      await page.getByLabel("With a measured colour near").check();
      await page.getByLabel("The colour").fill("#b6834f");
      await page.getByRole("button", { name: "Search", exact: true }).click();
      await result.getByText("the same to the eye").waitFor();
    });

    await step("a search that finds nothing says what to try", "search", async ({ page }) => {
      await page.getByLabel("Words to search for").fill("zzzzqqqq");
      await page.keyboard.press("Enter");
      await page.getByText("Nothing in the catalogue fits").waitFor();
      assert.equal(await page.getByText("catalogue --colors").count(), 0);
    });

    await step("limits that come after signing out are not shown", "search", async ({ page }) => {
      const held = Promise.withResolvers<Route>();
      await page.route("**/semantic-analysis/limits", held.resolve);
      const account = page.locator(".account");
      await account.locator("summary").click();
      await page.getByRole("button", { name: "Sign in anonymously" }).click();
      const route = await held.promise;
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in anonymously" }).waitFor();
      const response = page.waitForResponse("**/semantic-analysis/limits");
      await route.continue();
      assert.equal((await response).status(), 200);
      await (await response).finished();
      await page.evaluate("new Promise((done) => setTimeout(done))");
      assert.equal(await page.getByText("Your limits").count(), 0);
    });

    await step("the catalogue's jobs, as they get on", "catalogue", async (playground) => {
      const { page } = playground;
      await page.getByText("Nothing is waiting").waitFor();
      await assertFits(playground);
      const admin = createTestClient(stack, stack.secretKey);
      const { error } = await admin.from("materials_catalog").insert({
        name: "A picture that is not there",
        category: "test",
        thumbnail_url: "storage://nowhere/picture.jpg",
      });
      assert.equal(error, null);
      await admin.rpc("semantic_analysis_enqueue", { p_category: "test" });
      await page.getByText("0 of 1").waitFor();
      await admin.functions.invoke("analyse-catalogue");
      await page.getByText("The last failures").waitFor();
      assert.match(await page.locator(".failures").innerText(), /IMAGE_NOT_FOUND/);
      await assertFits(playground);
    });

    await step("every error comes about, and is told in words", "errors", async (playground) => {
      const { page } = playground;
      await page.locator(".recipes > li").first().waitFor();
      const rows = await page.locator(".recipes > li").all();
      const codes: string[] = [];
      // All at once: one waits for the other, for the stand-in misbehaves for all of them.
      for (const row of rows) await row.getByRole("button").first().click();
      for (const row of rows) {
        const code = await row.locator(".recipe code").innerText();
        codes.push(code);
        const alert = row.getByRole("alert");
        await alert.waitFor();
        await alert.locator("summary").click();
        assert.equal(await alert.locator("dd code").first().innerText(), code);
      }
      assert.deepEqual(codes.toSorted(), ERROR_CODES.toSorted());
      await assertFits(playground);
    });

    await t.step("routes that use the local secret answer the page alone", async () => {
      const ask = async (init: RequestInit & { path?: string; host?: string }) => {
        const response = await fetch(`${server.url}/local/${init.path ?? "catalogue"}`, init);
        await response.body?.cancel();
        return response.status;
      };
      const own = { "Sec-Fetch-Site": "same-origin" };
      assert.equal(await ask({ headers: own }), 200);
      assert.equal(await ask({}), 403);
      assert.equal(await ask({ headers: { "Sec-Fetch-Site": "cross-site" } }), 403);
      assert.equal(await ask({ headers: { ...own, Origin: "https://evil.example" } }), 403);
      assert.equal(
        await ask({ method: "PUT", path: "faults/UPSTREAM_REJECTED", headers: own }),
        403,
      );
      const same = { ...own, Origin: server.url };
      assert.equal(await ask({ method: "POST", headers: same }), 404);
      // Names that every object has are none of an error.
      assert.equal(await ask({ method: "PUT", path: "faults/constructor", headers: same }), 404);
      assert.equal(await ask({ method: "POST", path: "stated/toString", headers: same }), 404);
      assert.equal(await ask({ method: "DELETE", path: "faults", headers: same }), 204);
      assert.equal(await askAs("evil.example", server.url), "403");
    });
  },
});

/** The status of a request whose `Host` is another one's, as after DNS rebinding. */
async function askAs(host: string, url: string): Promise<string> {
  const { port } = new URL(url);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const lines = [`GET / HTTP/1.1`, `Host: ${host}`, "Connection: close", "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  const buffer = new Uint8Array(64);
  const length = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0)).split(" ")[1]!;
}
