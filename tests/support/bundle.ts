import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** Bundles a module and all it imports into one script for browsers. */
export async function bundleForBrowser(
  entry: URL,
  { format = "iife" }: { format?: "iife" | "esm" } = {},
): Promise<string> {
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [fileURLToPath(entry)],
      absWorkingDir: projectDirectory,
      bundle: true,
      write: false,
      format,
      // What a page never comes to.
      external: ["node:*"],
      platform: "browser",
      target: "es2022",
      logLevel: "error",
    });
    return outputFiles[0]!.text;
  } finally {
    await esbuild.stop();
  }
}
