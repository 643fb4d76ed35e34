/** The npm package `semantic-analysis-client`: the built module with what npm wants beside it. */
import { fileURLToPath } from "node:url";
import { runCommand } from "../stack/process/run-command.ts";
import { projectDirectory } from "../stack/process/project-paths.ts";
import { VERSION } from "../../supabase/functions/_shared/platform/version.ts";
import { buildClient } from "./build-client.ts";

/** Its name on npm. */
export const PACKAGE_NAME = "semantic-analysis-client";

const manifest = {
  name: PACKAGE_NAME,
  version: VERSION,
  description: "Has pictures of materials analysed by the Supabase Edge Function semantic-analysis",
  license: "MIT",
  type: "module",
  sideEffects: false,
  main: "./client.js",
  module: "./client.js",
  types: "./client.d.ts",
  exports: {
    ".": { types: "./client.d.ts", default: "./client.js" },
    "./package.json": "./package.json",
  },
  files: ["client.js", "client.js.map", "client.d.ts"],
  engines: { node: ">=20" },
};

/**
 * Builds the package into a folder and packs it there, by npm.
 *
 * @returns path of the tarball
 * @throws {Error} when the sources don't compile, or npm can't be run
 */
export async function buildPackage(folder: string): Promise<string> {
  // Beside the tarball, so that it doesn't end up in itself.
  const contents = `${folder}/${PACKAGE_NAME}`;
  await buildClient(contents);
  await Deno.writeTextFile(
    `${contents}/package.json`,
    `${JSON.stringify(manifest, null, 2)}\n`,
  );
  await Deno.copyFile(
    fileURLToPath(new URL("README.md", import.meta.url)),
    `${contents}/README.md`,
  );
  await Deno.copyFile(`${projectDirectory}/LICENSE`, `${contents}/LICENSE`);
  await runCommand({
    name: "npm pack",
    command: "npm",
    args: ["pack", "--silent", "--pack-destination", folder],
    cwd: contents,
  });
  return `${folder}/${PACKAGE_NAME}-${VERSION}.tgz`;
}
