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

const sourceFolder = `${projectDirectory}/supabase/functions/_shared/client`;

const banner = `/*! semantic-analysis-client ${VERSION}, MIT */`;

/** The oldest runtimes that the built module is for. */
const TARGETS = ["es2022", "safari16", "chrome100", "firefox100", "node20"];

const buildOptions = {
  absWorkingDir: projectDirectory,
  bundle: true,
  write: false,
  platform: "neutral",
  mainFields: ["module", "main"],
  target: TARGETS,
  minify: true,
  legalComments: "none",
  logLevel: "error",
} as const satisfies esbuild.BuildOptions;

/**
 * Writes `client.js`, `client.js.map` and `client.d.ts` into a folder, which is made if it is absent.
 * The same sources give the same bytes.
 *
 * @throws {Error} when the sources don't compile
 */
export async function buildClient(targetFolder: string): Promise<void> {
  await buildClientModule(targetFolder);
  await Deno.writeTextFile(`${targetFolder}/client.d.ts`, bundleTypes());
}

/**
 * The same without the types, which take longest.
 *
 * @throws {Error} when the sources don't compile
 */
export async function buildClientModule(targetFolder: string): Promise<void> {
  await Deno.mkdir(targetFolder, { recursive: true });
  try {
    const rendering = await bundleRendering();
    const { outputFiles } = await esbuild.build({
      ...buildOptions,
      entryPoints: [`${sourceFolder}/client.ts`],
      // The map's paths start here, whichever folder is built into.
      outfile: `${projectDirectory}/client.js`,
      format: "esm",
      sourcemap: "linked",
      banner: { js: `${banner}\n${rendering}` },
      plugins: [fromBanner],
    });
    for (const { path, contents } of outputFiles) {
      await Deno.writeFile(`${targetFolder}/${basename(path)}`, contents);
    }
  } finally {
    await esbuild.stop();
  }
}

/**
 * What prepares pictures, once as code for a page and once as text for a worker: as the same text, so
 * that gzip stores it once. Minified apart it would be different text, and 2 kB more.
 */
async function bundleRendering(): Promise<string> {
  const { outputFiles } = await esbuild.build({
    ...buildOptions,
    // An assignment, because exports of a script bring half a kilobyte of esbuild's own.
    stdin: {
      contents: `import { answerRequests, renderPicture } from "./picture-worker.ts";
        rendering = { answerRequests, renderPicture };`,
      resolveDir: `${sourceFolder}/picture`,
    },
    format: "iife",
  });
  const code = `var rendering;${outputFiles[0]!.text.trim()}`;
  const script = `${code}rendering.answerRequests()`.replace(/[`\\]|\$\{/g, "\\$&");
  return `${code}\nvar workerScript=\`${script}\`;`;
}

/** The two that the banner declares, in place of their modules. */
const fromBanner: esbuild.Plugin = {
  name: "from-banner",
  setup(build) {
    build.onLoad({ filter: /\/picture\/picture-worker\.ts$/ }, () => ({
      contents: "export const renderPicture = rendering.renderPicture;",
    }));
    build.onLoad({ filter: /\/picture\/worker-script\.ts$/ }, () => ({
      contents: "export const WORKER_SCRIPT = workerScript;",
    }));
  },
};

function bundleTypes(): string {
  const [types] = generateDtsBundle(
    [{
      filePath: `${sourceFolder}/client.ts`,
      output: { noBanner: true, exportReferencedTypes: false },
    }],
    { preferredConfigPath: fileURLToPath(new URL("tsconfig.json", import.meta.url)) },
  );
  return `${banner}\n${types}`;
}
