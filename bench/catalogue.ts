/**
 * `deno task bench catalogue`: a catalogue analyses itself while its workers are killed. 1,000 pictures, or as
 * many as `CATALOGUE_PICTURES` says.
 */
import { printTable } from "./table.ts";
import { runKillRun } from "../dev/kill-run/kill-run.ts";
import type { LatencyMs } from "../dev/kill-run/interactive-user.ts";
import { createRandom } from "../dev/random.ts";

/** Pictures that end every worker that analyses them. */
const DEADLY = 1;

/** Prints the table of one run. */
export async function benchCatalogue(): Promise<void> {
  const pictures = Number(Deno.env.get("CATALOGUE_PICTURES") ?? 1_000);
  const share = (part: number) => Math.round(pictures * part);
  const result = await runKillRun({
    counts: {
      good: pictures - share(0.03) - share(0.01) - share(0.005) - DEADLY,
      duplicates: share(0.03),
      bad: share(0.01),
      failingFirst: share(0.005),
      deadly: DEADLY,
    },
    delayMs: 150,
    killEverySeconds: [5, 20],
    postgresRestarts: 2,
    random: createRandom(7),
    timeoutMs: 3_600_000,
    samplesAlone: 100,
    onProgress: (message) => console.error(message),
  });
  const { alone, beside } = result.interactive;
  const toCells = (name: string, { p50, p95, answered }: LatencyMs) => [
    `an interactive user's p50 / p95 (answers), ${name}`,
    `${p50} / ${p95} ms (${answered})`,
  ];
  printTable(["what", "count"], [
    ["pictures", String(result.pictures)],
    ["distinct good ones", String(result.distinctGood)],
    ["analysed", String(result.analysed)],
    ["failed, by reason", JSON.stringify(result.failed)],
    ["completions of the provider", String(result.completions)],
    ["… repeated", String(result.repeated)],
    ["… whose worker was killed before it settled", String(result.unsettled)],
    ["stranded", String(result.stranded)],
    ["kills (-9)", String(result.kills)],
    ["… by the deadly picture, beside those", String(result.deadlyKills)],
    ["restarts of Postgres", String(result.postgresRestarts)],
    ["seconds", String(result.seconds)],
    toCells("alone", alone),
    toCells("beside the run", beside.all),
    toCells("beside it, 5 s after a kill or a restart and later", beside.undisturbed),
  ]);
}
