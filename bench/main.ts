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
import { benchLoad } from "./load.ts";
import { benchPeers } from "./peers.ts";
import { benchRanking } from "./ranking/ranking.ts";
import { benchMillion, benchSearch } from "./search/search.ts";
import { benchWrites } from "./writes.ts";

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

const names = Deno.args.length > 0
  ? Deno.args
  : Object.keys(TABLES).filter((name) => name !== LONGEST);
const unknown = names.filter((name) => !Object.hasOwn(TABLES, name));
if (unknown.length > 0) {
  const known = Object.keys(TABLES).join(", ");
  console.error(`There is no table "${unknown.join('", "')}", only ${known}`);
  Deno.exit(2);
}
for (const name of names) {
  console.log(`\n## ${name}`);
  await TABLES[name]!();
}
