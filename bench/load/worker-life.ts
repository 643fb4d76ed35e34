/** One life of a worker: it loads a bundle, and answers. */
import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";

/** What is bundled. */
export interface BundleSource {
  /** A module. */
  source: string;
  /** Where its imports are, if not in this checkout. */
  folder?: string;
}

/**
 * Bundles as `functions deploy` does: one file, nothing left out.
 *
 * @returns its bytes
 */
export async function bundle(
  { source, folder = projectDirectory }: BundleSource,
  file: string,
): Promise<number> {
  const { metafile } = await esbuild.build({
    stdin: { contents: source, resolveDir: folder, loader: "ts" },
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    mainFields: ["module", "main"],
    conditions: ["deno", "import", "module"],
    external: ["node:*"],
    metafile: true,
    logLevel: "error",
  });
  return Object.values(metafile.outputs)[0]!.bytes;
}

/** How workers are started. */
export interface WorkerOptions {
  denoBinary: string;
  environment: Record<string, string>;
  /** Headers and body of its requests, as a file of JSON; without one nothing is asked. */
  requestFile?: string;
  /** Between the end of the load and the first request. */
  pauseMs: number;
}

/** Of one process. */
export interface WorkerLife {
  load: Cost;
  /** From each request to the end of its answer, a while apart; none where nothing is asked. */
  answers: Cost[];
}

/** What something took. */
export interface Cost {
  ms: number;
  /** Of the main thread, which other work on the machine lengthens less. */
  cpuMs: number;
}

/** Starts a process that loads a bundle and answers two requests. @throws {Error} with what it printed */
export async function measureLife(
  file: string,
  { denoBinary, environment, requestFile, pauseMs }: WorkerOptions,
): Promise<WorkerLife> {
  const script = fileURLToPath(new URL("measured-worker.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(denoBinary, {
    args: [
      // The hosted runtime keeps no compiled code from one worker to the next.
      ...["run", "-A", "--no-lock", "--no-config", "--no-code-cache", script],
      ...[`file://${file}`, String(pauseMs), ...(requestFile ? [requestFile] : [])],
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...environment },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}
