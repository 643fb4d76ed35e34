/** Where the project's own files are, whatever directory a task is started from. */
import { fileURLToPath } from "node:url";

/** The folder of `deno.json`, without a trailing slash. */
export const projectDirectory: string = fileURLToPath(new URL("../..", import.meta.url))
  .replace(/\/$/, "");

/** Everything the local stack keeps between runs; ignored by git, safe to delete. */
export const localDirectory: string = `${projectDirectory}/.local`;
