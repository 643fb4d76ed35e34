/** The built client uses nothing that Safari 16 and others of its time lack. */
import assert from "node:assert/strict";
import { buildClient } from "../../dev/package/build-client.ts";
import { createNpmProject } from "./npm-project.ts";

const CONFIG = await Deno.readTextFile(new URL("fixtures/eslint.config.js.txt", import.meta.url));

/** What a browser of that time fails on, one a line. */
const NEWER = [
  "export const a = Promise.withResolvers();",
  "export const b = AbortSignal.any([]);",
  "export const c = Array.fromAsync([]);",
  "export const d = Uint8Array.fromBase64('');",
  "export const e = Object.groupBy([], String);",
  "export const f = [3, 1].toSorted();",
  "export const g = URL.canParse('');",
  "export const h = Response.json({});",
];

Deno.test({
  name: "the built client in browsers of 2022",
  // The child process of esbuild is its own to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using project = await createNpmProject(null);
    await project.install("eslint", "eslint-plugin-compat", "eslint-plugin-es-x");
    await project.write("eslint.config.js", CONFIG);
    const lint = (path: string) => project.run("npx", "eslint", "--no-inline-config", path);

    await t.step("the lint knows what is newer", async () => {
      await project.write("newer.js", NEWER.join("\n"));
      const problems: string = await lint("newer.js").then(() => "", String);
      const lines = [...problems.matchAll(/^ +(\d+):\d+ +error /gm)].map(([, line]) =>
        Number(line)
      );
      assert.deepEqual([...new Set(lines)], NEWER.map((_, index) => index + 1), problems);
    });

    await t.step("the client has none of it", async () => {
      await buildClient(`${project.folder}/built`);
      await lint("built/client.js");
    });
  },
});
