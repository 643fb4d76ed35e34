/** `deno task openapi`: writes docs/openapi.json from the schemas of dev/openapi. */
import { fileURLToPath } from "node:url";
import { buildDocument } from "../openapi/document.ts";
import { runTask, type Task } from "../run-task.ts";

const PATH = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));

/** The text of the file. */
export function toText(): string {
  return `${JSON.stringify(buildDocument(), null, 2)}\n`;
}

/** `deno task openapi`. */
export const task: Task<Record<never, never>> = {
  name: "openapi",
  usage: "\n\nGenerates docs/openapi.json from the schemas of dev/openapi.",
  async run() {
    await Deno.writeTextFile(PATH, toText());
    return 0;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
