/** The built client as its owners get it: one module without imports, its types, its tarball. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { buildPackage, PACKAGE_NAME } from "../../../dev/package/build-package.ts";
import { analysePicture } from "../../../supabase/functions/_shared/client/analyse-picture.ts";
import { ANALYSIS, createFakeClient } from "../../support/analysis-client.ts";

/** Bytes of `client.js` that an app may have to load, gzipped. */
const MAX_GZIPPED_BYTES = 12_000;

Deno.test({
  name: "the package of the client",
  // The child process of esbuild is its own to end.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const folder = await Deno.makeTempDir();
    const tarball = await buildPackage(folder);
    const read = (name: string) => Deno.readTextFile(`${folder}/${PACKAGE_NAME}/${name}`);
    const module = await read("client.js");
    const types = await read("client.d.ts");

    await t.step(
      "the tarball holds the module, its map, its types, README and LICENSE",
      async () => {
        const { stdout } = await new Deno.Command("tar", { args: ["tzf", tarball] }).output();
        assert.deepEqual(new TextDecoder().decode(stdout).trim().split("\n").sort(), [
          "package/LICENSE",
          "package/README.md",
          "package/client.d.ts",
          "package/client.js",
          "package/client.js.map",
          "package/package.json",
        ]);
      },
    );

    await t.step("it is small", () => {
      const { length } = gzipSync(module);
      assert.ok(length < MAX_GZIPPED_BYTES, `${length} bytes`);
    });

    await t.step("it imports nothing and names neither Deno nor Node", () => {
      for (const text of [module, types]) {
        assert.doesNotMatch(text, /^\s*(import|export)\b.*\bfrom\b/m);
        assert.doesNotMatch(text, /\bimport\(/);
        assert.doesNotMatch(text, /\bDeno\.|\bprocess\.|\bBuffer\b|node:/);
      }
    });

    await t.step("its map leads to the sources", async () => {
      const { sources, sourcesContent } = JSON.parse(await read("client.js.map"));
      const index = sources.findIndex((path: string) => path.endsWith("analyse-picture.ts"));
      assert.ok(sourcesContent[index].includes("export async function analysePicture"));
      assert.match(sources[index], /^supabase\/functions/, "a path of this machine");
    });

    await t.step("it analyses a picture as the sources do", async () => {
      const built: { analysePicture: typeof analysePicture } = await import(
        `file://${folder}/${PACKAGE_NAME}/client.js`
      );
      const { client } = createFakeClient(() => Response.json(ANALYSIS));
      assert.deepEqual(await built.analysePicture(client, { image_data: "AAAA" }), ANALYSIS);
    });

    await Deno.remove(folder, { recursive: true });
  },
});
