/** The caller's side bundled for a browser and run in Chromium, from another origin than the API. */
import assert from "node:assert/strict";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { type Body, setFaults, signUp, TINY, untilLogged, WOOD } from "../e2e/project.ts";
import { bundleForBrowser } from "../support/bundle.ts";
import { findChromium, launchChromium } from "../../dev/playground/chromium.ts";
import type { PageApi } from "./page.ts";

declare const api: PageApi;

const executablePath = await findChromium();
if (!executablePath) {
  console.log("Skipped: no Chromium here (Debian: apt-get install chromium)");
}

function servePage(script: string) {
  const page = `<!doctype html><title>A frontend</title><script src="/page.js"></script>`;
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const isScript = new URL(request.url).pathname === "/page.js";
    return new Response(isScript ? script : page, {
      headers: { "Content-Type": isScript ? "text/javascript" : "text/html" },
    });
  });
}

Deno.test({
  name: "a browser analyses a picture, cross-origin",
  ignore: !executablePath,
  // The child processes of Playwright and esbuild are theirs to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const script = await bundleForBrowser(new URL("./page.ts", import.meta.url));
    await using stack = await startTestStack({
      functionEnvironment: {
        ANALYSIS_CACHE_TTL: "0",
        RATE_LIMIT_CONCURRENT: "1000",
        RATE_LIMIT_PER_MINUTE: "4",
        RATE_LIMIT_BURST: "4",
      },
    });
    const { token } = await signUp(stack);
    await using server = servePage(script);
    await using browser = await launchChromium(executablePath!);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const session = { apiUrl: stack.apiUrl, publishableKey: stack.publishableKey, token };
    const analyse = (image: string, options: { abortAfterMs?: number } = {}): Promise<Body> =>
      page.evaluate(
        (args) => api.analyse(args.session, args.image, args.options),
        { session, image, options },
      );
    const stream = (image: string): Promise<Body> =>
      page.evaluate((args) => api.stream(args.session, args.image), { session, image });

    await t.step("plain, with the headers that it may read", async () => {
      const { answer, headers, error } = await analyse(WOOD);
      assert.equal(error, undefined);
      assert.equal(answer.material.family, "wood");
      assert.match(headers.ratelimit, /"minute";r=3;/);
      assert.equal(headers["x-request-id"], answer.request_id);
    });

    await t.step("streamed, the texts are the result's", async () => {
      const { texts, answer, error } = await stream(WOOD);
      assert.equal(error, undefined);
      assert.ok(texts.length > 1);
      assert.equal(texts.join(""), answer.analysis);
    });

    await t.step("aborted before anything was sent", async () => {
      const { error } = await analyse(TINY, { abortAfterMs: 0 });
      assert.equal(error.code, "ABORTED");
    });

    await t.step("aborted while it waits", async () => {
      await setFaults(stack, [{ kind: "delay", delayMs: 3_000 }]);
      const { error } = await analyse(TINY, { abortAfterMs: 300 });
      assert.equal(error.code, "ABORTED");
      await setFaults(stack, []);
    });

    await t.step("refused, with a code, an id, the wait and the limits' headers", async () => {
      let error: Body;
      // The aborted one may have been refused or not by the time it was gone.
      for (let count = 0; count < 3 && !error; count++) error = (await analyse(TINY)).error;
      assert.deepEqual([error.status, error.code], [429, "RATE_LIMITED"]);
      assert.ok(error.retryAfterMs > 0);
      assert.equal(error.headers["retry-after"], `${Math.ceil(error.retryAfterMs / 1000)}`);
      assert.match(error.headers.ratelimit, /"minute";r=0;/);
      assert.match(error.headers["ratelimit-policy"], /"minute";q=4;/);
      assert.equal(error.headers["x-request-id"], error.requestId);
      const streamed = await stream(TINY);
      assert.deepEqual([streamed.error.status, streamed.error.code], [429, "RATE_LIMITED"]);
    });

    await t.step("the request id is in the function's log", async () => {
      await untilLogged(stack, "semantic-analysis", '"client_request_id":"from-the-browser"');
    });
  },
});
