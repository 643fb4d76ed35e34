/** Where the project's own files are, whatever directory a task is started from. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of `deno.json`, without a trailing slash. */
export const projectDirectory: string = resolve(
  fileURLToPath(new URL("../../..", import.meta.url)),
);

/** Where a task was typed: `deno task` itself runs in the folder of `deno.json`. */
export function callerDirectory(): string {
  return Deno.env.get("INIT_CWD") ?? Deno.cwd();
}

/**
 * The folder of everything the local stack keeps between runs: `.local/`, ignored by git and safe to
 * delete, or the one `DEV_DATA_DIRECTORY` names.
 */
export function localDirectory(): string {
  return resolve(projectDirectory, Deno.env.get("DEV_DATA_DIRECTORY") || ".local");
}
