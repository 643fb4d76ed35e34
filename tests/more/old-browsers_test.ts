/** The built client uses nothing that Safari 16 and others of its time lack. */
import assert from "node:assert/strict";
import { buildClient } from "../../dev/package/build-client.ts";
import { createNpmProject } from "./npm-project.ts";

const CONFIG = `
import compat from "eslint-plugin-compat";
import es from "eslint-plugin-es-x";

// Arrays have methods of these names, too.
const iterators = Object.keys(es.rules).filter((name) => name.startsWith("no-iterator-prototype-"));

const newer = Object.keys(es.configs).filter((name) => /^flat\\/no-new-in-es(20[2-9][3-9]|next)$/.test(name));

export default [
  {
    ...compat.configs["flat/recommended"],
    settings: { browsers: ["safari 16.0", "chrome 100", "firefox 100"] },
  },
  ...newer.map((name) => es.configs[name]),
  {
    settings: { "es-x": { aggressive: true } },
    rules: {
      ...Object.fromEntries(iterators.map((name) => ["es-x/" + name, "off"])),
      // The tables of the first plugin lack these.
      "no-restricted-properties": [
        "error",
        { object: "AbortSignal", property: "any" },
        { object: "URL", property: "canParse" },
        { object: "Response", property: "json" },
        { object: "ReadableStream", property: "from" },
      ],
    },
  },
];
`;

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
