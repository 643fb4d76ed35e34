/**
 * Builds the playground's page into static files: Preact, an unmodified supabase-js and the built client,
 * in modules that the rooms load when they are opened.
 */
import * as esbuild from "esbuild";
import { basename, relative } from "node:path";
import sharp from "sharp";
import { buildClientModule } from "../package/build-client.ts";
import { findNpmPackage } from "../stack/process/npm-package.ts";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import type { PageSettings } from "./page-settings.ts";

const samplesFolder = `${projectDirectory}/dev/samples`;

/** Side of a sample's small picture: 48 CSS pixels on a dense display. */
const SMALL_SIDE_PIXELS = 112;

const pageFolder = `${projectDirectory}/dev/playground/page`;

/** What the page imports; no module of Deno's does, so Deno alone would not install them. */
const PACKAGES = [
  "@fontsource-variable/instrument-sans",
  "@preact/signals",
  "@supabase/supabase-js",
  "preact",
];

/** The page's files by path, such as `page.js`. */
export type PageFiles = Map<string, Uint8Array>;

/** For whom it is built. */
export interface PlaygroundBuildOptions {
  /** With the rooms that need the local stack's server. */
  isLocalStack: boolean;
  /** Told to the page. */
  settings: Omit<PageSettings, "samples">;
  /** `Content-Security-Policy` as a tag of the page, for hosts that send no header. */
  policy?: string;
}

/** @throws {Error} when the sources don't compile */
export async function buildPlayground(
  { isLocalStack, settings, policy }: PlaygroundBuildOptions,
): Promise<PageFiles> {
  const clientFolder = await Deno.makeTempDir();
  try {
    for (const name of PACKAGES) await findNpmPackage(name);
    // Before the page is bundled: building the client ends esbuild's process, which the page would be using.
    await buildClientModule(clientFolder);
    const files = await bundlePage(isLocalStack, `${clientFolder}/client.js`);
    const samples = await addSamples(files);
    files.set("index.html", await renderIndex({ ...settings, samples }, policy));
    files.set("icon.svg", await Deno.readFile(`${pageFolder}/icon.svg`));
    // Browsers show a text, and save a file that ends in .md.
    files.set("evaluating.txt", await Deno.readFile(`${projectDirectory}/docs/evaluating.md`));
    return files;
  } finally {
    await Deno.remove(clientFolder, { recursive: true });
  }
}

async function bundlePage(isLocalStack: boolean, clientPath: string): Promise<PageFiles> {
  try {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: projectDirectory,
      entryPoints: { page: `${pageFolder}/main.tsx` },
      outdir: `${projectDirectory}/page`,
      bundle: true,
      write: false,
      splitting: true,
      format: "esm",
      platform: "browser",
      target: ["es2022", "safari16", "chrome111", "firefox113"],
      jsx: "automatic",
      jsxImportSource: "preact",
      define: { IS_LOCAL_STACK: String(isLocalStack), VERSION: JSON.stringify(VERSION) },
      loader: { ".woff2": "file" },
      assetNames: "assets/[name]",
      chunkNames: "assets/[name]-[hash]",
      minify: true,
      legalComments: "none",
      logLevel: "error",
      plugins: [fromPackage(clientPath)],
    });
    return new Map(
      outputFiles.map(({ path, contents }) => [
        relative(`${projectDirectory}/page`, path),
        contents,
      ]),
    );
  } finally {
    await esbuild.stop();
  }
}

/** The client as apps install it: the built one alone has the worker that prepares pictures. */
function fromPackage(clientPath: string): esbuild.Plugin {
  return {
    name: "from-package",
    setup(build) {
      build.onResolve({ filter: /\/_shared\/client\/client\.ts$/ }, () => ({ path: clientPath }));
    },
  };
}

/** @returns their names */
async function addSamples(files: PageFiles): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(samplesFolder));
  const names = entries.filter(({ name }) => name.endsWith(".jpg"))
    .map(({ name }) => name.replace(".jpg", "")).sort();
  for (const name of names) {
    const picture = await Deno.readFile(`${samplesFolder}/${name}.jpg`);
    files.set(`samples/${name}.jpg`, picture);
    const small = await sharp(picture).resize(SMALL_SIDE_PIXELS).webp({ quality: 50, effort: 6 })
      .toBuffer();
    files.set(`samples/${name}.webp`, small);
  }
  return names;
}

async function renderIndex(settings: PageSettings, policy?: string): Promise<Uint8Array> {
  const template = await Deno.readTextFile(`${pageFolder}/index.html`);
  const tag = policy
    ? `<meta http-equiv="Content-Security-Policy" content="${policy.replaceAll('"', "&quot;")}">`
    : "";
  const json = JSON.stringify(settings).replaceAll("<", "\\u003c");
  return new TextEncoder().encode(
    template.replace("<!-- policy -->", () => tag)
      .replace(
        "<!-- settings -->",
        () => `<script type="application/json" id="settings">${json}</script>`,
      ),
  );
}

/** Writes a page into a folder, which is made if it is absent. */
export async function writePage(files: PageFiles, folder: string): Promise<void> {
  for (const [path, contents] of files) {
    const target = `${folder}/${path}`;
    await Deno.mkdir(target.slice(0, -basename(path).length - 1), { recursive: true });
    await Deno.writeFile(target, contents);
  }
}
