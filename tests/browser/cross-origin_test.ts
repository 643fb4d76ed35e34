/** Pages on other origins call the function in Chromium, with headers that only they know of. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { signUp, TINY } from "../e2e/project.ts";
import { findChromium, launchChromium } from "../../dev/playground/chromium.ts";

const executablePath = await findChromium();
if (!executablePath) {
  console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");
}

/** What a page gets: the status, or null where the browser doesn't let it read the response. */
function callFrom(page: Page, url: string, token: string): Promise<number | null> {
  return page.evaluate(async ({ url, token, image_data }) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "Authorization": `Bearer ${token}`,
        "Content-Type": "application/json",
        "sentry-trace": "00000000000000000000000000000000-0000000000000000-0",
        "x-datadog-trace-id": "1",
      },
      body: JSON.stringify({ image_data, options: { cache: "off" } }),
    }).catch(() => null);
    return response && response.status;
  }, { url, token, image_data: TINY });
}

Deno.test({
  name: "a browser lets pages of allowed origins call, with any headers, and no other page",
  ignore: !executablePath,
  // The child processes of Playwright are its own to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } }),
    );
    const { port } = server.addr;
    await using stack = await startTestStack({
      functionEnvironment: {
        ALLOWED_ORIGINS: `http://*.apps.test:${port}, https://wrong.example.com/path`,
      },
    });
    const { token } = await signUp(stack);
    const url = `${stack.apiUrl}/functions/v1/semantic-analysis`;
    await using browser = await launchChromium(executablePath!, [
      "--host-resolver-rules=MAP *.test 127.0.0.1",
    ]);
    const page = await browser.newPage();
    const callFromHost = async (host: string) => {
      await page.goto(`http://${host}:${port}/`);
      return await callFrom(page, url, token);
    };
    assert.equal(await callFromHost("shop.apps.test"), 200);
    assert.equal(await callFromHost("admin.apps.test"), 200);
    assert.equal(await callFromHost("apps.test"), null);
    assert.equal(await callFromHost("a.shop.apps.test"), null);
    assert.equal(await callFromHost("evil.test"), null);
  },
});
