/** `deno task samples`: draws labelled pictures to try evaluations with. */
import { join, resolve } from "node:path";
import { writeOver } from "../demo/terminal.ts";
import { runTask, type Task, toCount } from "../run-task.ts";
import { LABELS_FILE, STAND_IN_FILE, writeSamples } from "../samples/labelled/write-samples.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = ` [folder]

Draws pictures of six materials, each source from a seed of its own, with labels.csv for deno task
evaluate and stand-in.json, which has the Together stand-in play models of known reliability. The folder
is .local/samples where none is named.

  --sources <n>   materials, default 600
  --views <n>     pictures of each: all of it, then parts in other light and size; default 2
  --seed <n>      another one draws other materials; default 1`;

const options = {
  sources: { type: "string" },
  views: { type: "string" },
  seed: { type: "string" },
} as const;

/** `deno task samples`. */
export const task: Task<typeof options> = {
  name: "samples",
  usage,
  options,
  takes: [0, 1],
  // Why a folder can't be written is said by the system.
  expects: [Error],
  async run(values, [folder]) {
    const path = folder === undefined
      ? join(localDirectory(), "samples")
      : resolve(callerDirectory(), folder);
    const sources = toCount("--sources", values.sources ?? "600");
    await writeSamples({
      folder: path,
      sources,
      views: toCount("--views", values.views ?? "2"),
      seed: toCount("--seed", values.seed ?? "1"),
      onProgress(drawn) {
        writeOver(`${drawn}/${sources}`);
      },
    });
    console.log(`${Deno.stdout.isTerminal() ? "\n" : ""}labels    ${join(path, LABELS_FILE)}`);
    console.log(`stand-in  ${join(path, STAND_IN_FILE)}`);
    return 0;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
