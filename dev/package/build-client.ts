/**
 * Builds `_shared/client/` into one module for the owners of other code: their functions import it
 * from an installed project, their apps from the npm package. It imports nothing, names neither Deno
 * nor Node, and runs in Safari 16, so no step of theirs has to know TypeScript or our import map.
 */
import * as esbuild from "esbuild";
// dts-bundle-generator takes any TypeScript from 5 on; imported here, it is the one of import_map.json.
import "typescript";
import { generateDtsBundle } from "dts-bundle-generator";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";

const entryPath = `${projectDirectory}/supabase/functions/_shared/client/client.ts`;

const banner = `/*! semantic-analysis-client ${VERSION}, MIT.
 * Holds eventsource-parser, MIT, (c) Espen Hovlandsdal <espen@hovlandsdal.com> */`;

/** The oldest runtimes that the built module is for. */
export const TARGETS = ["es2022", "safari16", "chrome100", "firefox100", "node20"];

/**
 * Writes `client.js`, `client.js.map` and `client.d.ts` into a folder, which is made if it is absent.
 * The same sources give the same bytes.
 *
 * @throws {Error} when the sources don't compile
 */
export async function buildClient(targetFolder: string): Promise<void> {
  await Deno.mkdir(targetFolder, { recursive: true });
  await bundleModule(targetFolder);
  await Deno.writeTextFile(`${targetFolder}/client.d.ts`, bundleTypes());
}

async function bundleModule(targetFolder: string): Promise<void> {
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entryPath],
      absWorkingDir: projectDirectory,
      // The map's paths start here, whichever folder is built into.
      outfile: `${projectDirectory}/client.js`,
      write: false,
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      target: TARGETS,
      sourcemap: "linked",
      banner: { js: banner },
      legalComments: "none",
      logLevel: "error",
    });
    for (const { path, contents } of outputFiles) {
      await Deno.writeFile(`${targetFolder}/${basename(path)}`, contents);
    }
  } finally {
    await esbuild.stop();
  }
}

function bundleTypes(): string {
  const [types] = generateDtsBundle(
    [{ filePath: entryPath, output: { noBanner: true, exportReferencedTypes: false } }],
    { preferredConfigPath: fileURLToPath(new URL("tsconfig.json", import.meta.url)) },
  );
  return `${banner}\n${types}`;
}
