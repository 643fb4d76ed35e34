/** The playground's first room in Chromium, as `task dev` serves it: pictures in every way, and answers. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { servePlayground } from "../../../dev/playground/serve-playground.ts";
import { startTestStack } from "../../../dev/stack/testing/test-database.ts";
import { createTestClient, request, setFaults } from "../../e2e/project.ts";
import { CALIBRATION_MAP } from "../../support/calibration.ts";
import type { Stack } from "../../../dev/stack/stack.ts";
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

/** Drops a sample on the page or pastes it, as `<type>.jpg`. */
async function handOver(page: Page, type: "drop" | "paste"): Promise<void> {
  const event = {
    drop: `new DragEvent("drop", { dataTransfer: data })`,
    paste: `new ClipboardEvent("paste", { clipboardData: data })`,
  }[type];
  await page.evaluate(`(async () => {
    const picture = await (await fetch("samples/wood.jpg")).blob();
    const data = new DataTransfer();
    data.items.add(new File([picture], "${type}.jpg", { type: "image/jpeg" }));
    dispatchEvent(${event});
  })()`);
}

/** Of the model that the stand-in plays, and the version that the function has. */
async function storeMap(stack: Stack): Promise<void> {
  const headers = { apikey: stack.secretKey };
  const { body: { analysis } } = await request(stack, {
    path: "/semantic-analysis/limits",
    headers,
  });
  const { model, prompt_version, schema_version } = analysis;
  const map = { ...CALIBRATION_MAP, model, prompt_version, schema_version, method: "verbalized" };
  const { error } = await createTestClient(stack, stack.secretKey)
    .rpc("semantic_analysis_store_map", { p_map: map });
  assert.equal(error, null);
}

Deno.test({
  name: "the playground's room for analyses, in a browser",
  ignore: !executablePath,
  // The child processes of Playwright and esbuild are theirs to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using stack = await startTestStack({
      functionEnvironment: { ...WIDE_LIMITS, ALLOW_CUSTOM_PROMPT: "true" },
    });
    await using server = await servePlayground(stack, { port: 0 });
    await using browser = await launchChromium(executablePath!, [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ]);
    const step = (
      name: string,
      run: (playground: PlaygroundPage) => Promise<void>,
    ) =>
      t.step(name, async () => {
        await using playground = await open();
        await withScreenshot(name, playground, () => run(playground));
      });
    const open = () => openPlayground(browser, server.url);

    await step("a sample, by the keyboard alone, becomes a card", async ({ page, problems }) => {
      const focused = () => page.evaluate("document.activeElement.textContent.trim()");
      await page.getByText("No model is asked here").waitFor();
      while (await focused() !== "wood") await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.locator(".card").waitFor();
      assert.match(await page.locator(".description").innerText(), /wood/i);
      assert.match(await page.locator(".card h2").innerText(), /wood/i);
      assert.ok(await page.locator(".swatches li").count() > 0, "no measured colours");
      const confidence = page.locator(".confidence");
      assert.match(
        await confidence.innerText(),
        /not calibrated[^]*It was 0\.\d\d; not calibrated/,
      );
      const guide = await confidence.getByRole("link").getAttribute("href");
      const { status, headers } = await fetch(new URL(guide!, server.url));
      assert.deepEqual([status, headers.get("content-type")], [200, "text/plain; charset=utf-8"]);
      assert.match(
        await page.locator(".facts").innerText(),
        /the stand-in on this machine[^]*Tokens[^]*Cost[^]*the stand-in is not paid[^]*Time/,
      );
      await page.getByText("of 50 left").waitFor();
      await page.getByRole("button", { name: "Wrong" }).click();
      await page.getByLabel("It is").selectOption("stone");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Thank you").waitFor();
      await page.getByRole("link", { name: "Find similar materials" }).click();
      await page.getByAltText("Picture to search with, wood.jpg").waitFor();
      await page.locator(".results-head").waitFor();
      assert.deepEqual(problems, []);
    });

    await step("a phone's picture is prepared, and both sizes are shown", async ({ page }) => {
      await page.locator("input[type=file]").first().setInputFiles({
        name: "phone.jpg",
        mimeType: "image/jpeg",
        buffer: await sharp(samplePath("granite")).resize(3024, 4032).jpeg().toBuffer() as never,
      });
      await page.locator(".description").waitFor();
      const sizes = await page.locator(".before-after").innerText();
      assert.match(sizes, /yours\s+3024 × 4032[^]*sent\s+839 × 1119/);
    });

    await step("a picture is dropped, another pasted, another taken", async ({ page }) => {
      for (const type of ["drop", "paste"] as const) {
        await handOver(page, type);
        await page.getByAltText(`Your picture, ${type}.jpg`).waitFor();
        await page.locator(".card").waitFor();
      }
      await page.getByRole("button", { name: "Take one" }).click();
      await page.getByRole("button", { name: "Take the picture" }).click();
      await page.getByAltText("Your picture, camera.jpg").waitFor();
      await page.locator(".description").waitFor();
    });

    await step("a text is refused in words", async ({ page }) => {
      await page.locator("input[type=file]").first().setInputFiles({
        name: "notes.txt",
        mimeType: "text/plain",
        buffer: Buffer.from("no picture") as never,
      });
      const alert = page.getByRole("alert");
      await alert.waitFor();
      assert.match(await alert.innerText(), /no picture that can be analysed/);
      assert.equal(await alert.getByRole("button", { name: "Try again" }).count(), 0);
      // In place of a browser's sign for a picture that is broken.
      const picture = page.getByRole("img", { name: "Your picture, notes.txt" });
      assert.equal(await picture.innerText(), "TXT");
    });

    await step("an analysis is stopped, and asked again", async ({ page }) => {
      await setFaults(stack, [{ kind: "delay", delayMs: 60_000 }]);
      await page.getByRole("button", { name: "granite" }).click();
      await page.getByText("Asking the model").waitFor();
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("Stopped.").waitFor();
      await page.getByText("10 of 10 free").waitFor();
      await setFaults(stack, []);
      await page.getByRole("button", { name: "Ask again" }).click();
      await page.locator(".card").waitFor();
    });

    await step("on a phone the answer is in sight, below the picture", async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole("button", { name: "wood" }).click();
      await page.locator(".description").waitFor();
      const { y } = await page.locator(".description").boundingBox() ?? assert.fail();
      assert.ok(y < 740, `begins at ${y}`);
    });

    await step("limits of nothing, lowered ones and a burst of its own", async ({ page }) => {
      await page.route("**/semantic-analysis/limits", (route) =>
        route.fulfill({
          headers: { "Access-Control-Allow-Origin": "*" },
          json: {
            minute: { limit: 60, burst: 5, remaining: 5, reset_ms: 0 },
            day: { limit: 0, remaining: 0, reset_ms: 1_000 },
            concurrent: { limit: 1, used: 2 },
            month: { limit_usd: 1, spent_usd: 2, reset_ms: 1_000 },
          },
        }));
      await page.getByRole("button", { name: "wood" }).click();
      await page.getByText("5 of 5 left").waitFor();
      await page.getByText("$0 of $1.00 left").waitFor();
      await page.getByText("0 of 1 free").waitFor();
      const widths = await page.evaluate(
        `[...document.querySelectorAll(".limits .bar > span")].map(({ style }) => style.width)`,
      );
      assert.deepEqual(widths, ["100%", "0%", "0%", "0%"]);
    });

    await step("where colours are forced, measured ones stay as they are", async ({ page }) => {
      await page.emulateMedia({ forcedColors: "active" });
      await page.getByRole("button", { name: "wood" }).click();
      await page.locator(".card").waitFor();
      const colours = await page.evaluate(
        `[...document.querySelectorAll(".swatch")].map((swatch) =>
          [getComputedStyle(swatch).backgroundColor, swatch.style.backgroundColor])`,
      ) as [string, string][];
      assert.ok(colours.length > 0);
      for (const [shown, measured] of colours) assert.equal(shown, measured);
    });

    await step("a stream that breaks says so below what had come", async ({ page }) => {
      await setFaults(stack, [{ kind: "stream_cut", chunks: 30, times: "always" }]);
      await page.getByRole("button", { name: "marble" }).click();
      await page.getByRole("alert").waitFor();
      await setFaults(stack, []);
      assert.match(await page.getByRole("alert").innerText(), /Try again|not available/);
      await page.getByRole("button", { name: "Ask again" }).click();
      await page.locator(".card").waitFor();
    });

    await step("the copied curl command asks the same, whatever the question", async ({ page }) => {
      await page.getByText("Options").click();
      await page.getByLabel("A question of your own").fill('@wood.jpg: is it "oak"; or <ash>?');
      await page.getByRole("button", { name: "wood" }).click();
      await page.getByText("Done in").waitFor();
      await page.getByText("The request, to copy").click();
      await page.getByText("with my access token").click();
      await page.getByText("Authorization: Bearer ey").waitFor();
      const command = await page.locator(".code pre").innerText();
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", `${command} --silent`],
        cwd: samplePath("wood").replace(/\/[^/]*$/, ""),
      }).output();
      const answer = JSON.parse(new TextDecoder().decode(stdout));
      assert.equal(answer.analysis, await page.locator(".description").innerText());
      assert.equal(answer.cached, true);
    });

    await step("an account is made, left and entered again", async ({ page }) => {
      const account = page.locator(".account");
      const email = `${"ada".repeat(20)}@example.com`;
      await account.locator("summary").click();
      const fill = async (password: string) => {
        await account.getByLabel("Email").fill(email);
        await account.getByLabel("Password").fill(password);
      };
      await fill("correct horse");
      await account.getByRole("button", { name: "Create an account" }).click();
      await account.getByText(`Signed in as ${email}`).waitFor();
      await page.setViewportSize({ width: 360, height: 800 });
      assert.ok(await findOverflow(page) <= 0, "wider than 360");
      await account.getByRole("button", { name: "Sign out" }).click();
      await fill("wrong horse");
      await account.getByRole("button", { name: "Sign in", exact: true }).click();
      await account.getByText("Invalid login credentials").waitFor();
      await fill("correct horse");
      await account.getByRole("button", { name: "Sign in", exact: true }).click();
      await account.getByText(`Signed in as ${email}`).waitFor();
    });

    for (const colorScheme of ["light", "dark"] as const) {
      await t.step(
        `${colorScheme}, at 360 and 1440 pixels, it fits and has no barriers`,
        async () => {
          await using playground = await openPlayground(browser, server.url, { colorScheme });
          const { page } = playground;
          await withScreenshot(`analyse ${colorScheme}`, playground, async () => {
            assert.deepEqual(await findBarriers(page), []);
            await page.getByRole("button", { name: "wood" }).click();
            await page.locator(".card").waitFor();
            await page.getByText("The request, to copy").click();
            for (const width of [360, 1440]) {
              await page.setViewportSize({ width, height: 800 });
              assert.deepEqual(await findBarriers(page), [], `${width}`);
              assert.ok(await findOverflow(page) <= 0, `wider than ${width}`);
            }
          });
        },
      );
    }

    await step(
      "with a map in force the figure is calibrated, and says by what",
      async ({ page }) => {
        await storeMap(stack);
        await page.getByRole("button", { name: "wood" }).click();
        await page.locator(".card").waitFor();
        const confidence = await page.locator(".confidence").innerText();
        assert.match(confidence, /^confidence, calibrated/i);
        assert.match(
          confidence,
          /the confidence that the model put in its answer\. It was 0\.\d\d before it was calibrated\./,
        );
        assert.match(
          confidence,
          /by 320 labelled ones, off by 3\.0 points on average \(evaluated 2026-11-26\)\./,
        );
        assert.doesNotMatch(confidence, /not calibrated|not the chance/);
        assert.deepEqual(await findBarriers(page), []);
      },
    );
  },
});
