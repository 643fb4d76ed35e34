/** `deno task bench` prints all tables, `deno task bench intake load` those named. */
import { benchAbuse } from "./abuse/abuse.ts";
import { benchCalibration } from "./calibration/calibration.ts";
import { benchMaps } from "./maps.ts";
import { benchCatalogue } from "./catalogue.ts";
import { benchFaults } from "./faults/faults.ts";
import { benchHop } from "./hop.ts";
import { benchIntake } from "./intake.ts";
import { benchLatency } from "./latency.ts";
import { benchLimiter } from "./limiter.ts";
import { benchLoad } from "./load/load.ts";
import { benchPeers } from "./peers.ts";
import { benchRanking } from "./ranking/ranking.ts";
import { benchMillion, benchSearch } from "./search/search.ts";
import { benchWrites } from "./writes.ts";
import { runTask, type Task, UsageError } from "../dev/run-task.ts";

const TABLES: Record<string, () => Promise<void>> = {
  intake: benchIntake,
  load: benchLoad,
  peers: benchPeers,
  latency: benchLatency,
  limiter: benchLimiter,
  hop: benchHop,
  faults: benchFaults,
  ranking: benchRanking,
  search: benchSearch,
  million: benchMillion,
  writes: benchWrites,
  abuse: benchAbuse,
  catalogue: benchCatalogue,
  calibration: benchCalibration,
  maps: benchMaps,
};

/** Takes half an hour: only where it is asked for. */
const LONGEST = "million";

/** `deno task bench`. */
export const task: Task<Record<never, never>> = {
  name: "bench",
  usage: ` [table …]

Prints what the functions cost, beside their budgets: these tables, or all but ${LONGEST}.

  ${Object.keys(TABLES).join(", ")}`,
  takes: [0, Infinity],
  async run(_, typed) {
    const unknown = typed.find((name) => !Object.hasOwn(TABLES, name));
    if (unknown !== undefined) throw new UsageError(`There is no table "${unknown}"`);
    const names = typed.length > 0 ? typed : Object.keys(TABLES).filter((name) => name !== LONGEST);
    for (const name of names) {
      console.log(`\n## ${name}`);
      await TABLES[name]!();
    }
    return 0;
  },
};

if (import.meta.main) Deno.exit(await runTask(task));
