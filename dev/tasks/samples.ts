/** `deno task samples`: draws labelled pictures to try evaluations with. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { LABELS_FILE, STAND_IN_FILE, writeSamples } from "../samples/labelled/write-samples.ts";
import { callerDirectory, localDirectory } from "../stack/process/project-paths.ts";

const usage = `Usage: deno task samples [folder]

Draws pictures of six materials, each source from a seed of its own, with labels.csv for deno task
evaluate and stand-in.json, which has the Together stand-in play models of known reliability. The folder
is .local/samples where none is named.

  --sources <n>   materials, default 600
  --views <n>     pictures of each: all of it, then parts in other light and size; default 2
  --seed <n>      another one draws other materials; default 1`;

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals: [folder] } = parseArgs({
      args,
      options: {
        sources: { type: "string", default: "600" },
        views: { type: "string", default: "2" },
        seed: { type: "string", default: "1" },
        help: { type: "boolean" },
      },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const path = folder === undefined
      ? join(localDirectory(), "samples")
      : resolve(callerDirectory(), folder);
    const [sources, views, seed] = [values.sources, values.views, values.seed].map(toWhole);
    const isTerminal = Deno.stdout.isTerminal();
    await writeSamples({
      folder: path,
      sources: sources!,
      views: views!,
      seed: seed!,
      onProgress(drawn) {
        if (!isTerminal) return;
        Deno.stdout.writeSync(new TextEncoder().encode(`\r\x1b[K${drawn}/${sources}`));
      },
    });
    console.log(`${isTerminal ? "\n" : ""}labels    ${join(path, LABELS_FILE)}`);
    console.log(`stand-in  ${join(path, STAND_IN_FILE)}`);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 1;
  }
}

function toWhole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new Error(`"${text}" is no whole number from 1 on`);
  }
  return number;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
