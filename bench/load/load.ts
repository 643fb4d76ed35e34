/** How long the hosted runtime takes to load a function's modules, and then to answer for the first time. */
import * as esbuild from "esbuild";
import { findHostedDeno, HOSTED_VERSION } from "../../dev/stack/functions/hosted-deno.ts";
import { startStack } from "../../dev/stack/stack.ts";
import { prepareBenchDatabase } from "../bench-database.ts";
import { createServerEnvironment } from "../functions.ts";
import { createPicture, FORMS } from "../requests.ts";
import { judge, median, printTable, toText } from "../table.ts";
import { startUpstream } from "../upstream.ts";
import { createCertificate, ONE_WAY_MS, placeFarAway } from "./far-away.ts";
import {
  bundle,
  type BundleSource,
  measureLife,
  type WorkerLife,
  type WorkerOptions,
} from "./worker-life.ts";

interface Bundle extends BundleSource {
  name: string;
  /** It is a function that answers an analysis request. */
  answers?: boolean;
}

const serve = (path: string) => `export { default } from "./${path}/index.ts"`;

/** The measure of loading: the two libraries that each function has, as little of them as there is. */
const LIBRARIES = "supabase-js with its client, zod/mini";

/** The measure of the first request. */
const SDK = "SDK with the usual limit";

const OURS = "semantic-analysis";

const MAX_LOAD_RATIO = 1.5;

const MAX_FIRST_REQUEST_RATIO = 0.7;

const BUNDLES: Bundle[] = [
  { name: "bare", source: "export default {}" },
  { name: OURS, source: serve("supabase/functions/semantic-analysis"), answers: true },
  { name: "visual-search", source: serve("supabase/functions/visual-search") },
  {
    name: LIBRARIES,
    source: `import { createClient } from "@supabase/supabase-js"; import * as z from "zod/mini";
      export default [createClient("http://127.0.0.1:54321", "key"), z.object({ a: z.string() })]`,
  },
  { name: SDK, source: serve("bench/servers/sdk-with-limit"), answers: true },
  { name: "SDK without a limit", source: serve("bench/servers/sdk"), answers: true },
  { name: "@supabase/supabase-js", source: `export { createClient } from "@supabase/supabase-js"` },
  {
    name: "@supabase/server/core",
    source: `export { verifyCredentials } from "@supabase/server/core"`,
  },
  {
    name: "zod/mini",
    source: `import * as z from "zod/mini"; export default z.object({ a: z.string() })`,
  },
  { name: "zod", source: `import { z } from "zod"; export default z.object({ a: z.string() })` },
];

/** Another checkout of this project, to be measured in the same run. */
const otherCheckout = Deno.env.get("BENCH_OTHER_CHECKOUT");
if (otherCheckout) {
  for (const bundle of BUNDLES.slice(1, 3)) {
    BUNDLES.push({
      ...bundle,
      name: `${bundle.name} of the other checkout`,
      folder: otherCheckout,
    });
  }
}

const RUNS = 15;

/** Whatever the modules still have to do by themselves is not the first request's, where CPU is compared. */
const PAUSE_MS = 20;

/** Prints the tables. */
export async function benchLoad(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  await prepareBenchDatabase(stack);
  await using upstream = startUpstream();
  const folder = await Deno.makeTempDir();
  try {
    const requestFile = `${folder}/request.json`;
    await writeRequest(requestFile, await stack.signUserToken());
    const bundles: Bundled[] = [];
    for (const [index, of] of BUNDLES.entries()) {
      const file = `${folder}/${index}.mjs`;
      bundles.push({ ...of, file, bytes: await bundle(of, file) });
    }
    const denoBinary = await findHostedDeno();
    const environment = createServerEnvironment(stack, upstream.baseUrl);
    const near = { denoBinary, environment, requestFile, pauseMs: PAUSE_MS };
    printNear(await measureLives(bundles, near));

    const certificate = await createCertificate(folder);
    await using farProject = await placeFarAway(stack.apiUrl, certificate);
    await using farProvider = await placeFarAway(upstream.baseUrl, certificate);
    const farEnvironment = {
      ...environment,
      DENO_CERT: certificate.certFile,
      SUPABASE_URL: farProject.url,
      TOGETHER_BASE_URL: `${farProvider.url}/v1`,
    };
    const answering = bundles.filter(({ answers }) => answers);
    // A hosted worker is loaded because a request waits for it.
    printFar(await measureLives(answering, { ...near, environment: farEnvironment, pauseMs: 0 }));
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeRequest(file: string, token: string): Promise<void> {
  const { headers, body } = FORMS.json(createPicture(100));
  const request = {
    headers: { ...headers, Authorization: `Bearer ${token}` },
    body: new TextDecoder().decode(body),
  };
  await Deno.writeTextFile(file, JSON.stringify(request));
}

interface Bundled extends Bundle {
  file: string;
  bytes: number;
}

interface Measured extends Bundled {
  lives: WorkerLife[];
}

async function measureLives(
  bundles: Bundled[],
  { requestFile, ...worker }: Required<WorkerOptions>,
): Promise<Measured[]> {
  const measured = bundles.map((bundle) => ({ ...bundle, lives: [] as WorkerLife[] }));
  // In turns, so that a noisy minute hits all of them.
  for (let run = 0; run < RUNS; run++) {
    for (const { file, answers, lives } of measured) {
      lives.push(await measureLife(file, { ...worker, ...(answers && { requestFile }) }));
    }
  }
  return measured;
}

type Read = (life: WorkerLife) => number;

/** Cells of the medians, and for ours how they compare with those of another bundle. */
function createCells(bundles: Measured[]) {
  const medianOf = ({ lives }: Measured, read: Read) => median(lives.map(read));
  return (bundle: Measured, read: Read, other?: string, most = 1) => {
    const value = medianOf(bundle, read);
    const compared = bundles.find(({ name }) => name === other);
    if (bundle.name !== OURS || compared === undefined) return toText(value);
    const ratio = value / medianOf(compared, read);
    return `${toText(value)} (${toText(ratio, 2)} ×, ≤ ${most}: ${judge({ value: ratio, most })})`;
  };
}

const toBothMs: Read = ({ load, answers: [first] }) => load.ms + first!.ms;

function printNear(bundles: Measured[]): void {
  const cell = createCells(bundles);
  console.log(`\nDeno ${HOSTED_VERSION}, medians of ${RUNS} processes\n`);
  printTable(
    ["bundle", "KiB", "load: ms", "its CPU ms", "first answer: ms", "its CPU ms", "both: ms"],
    bundles.map((bundle) => [
      bundle.name,
      toText(bundle.bytes / 1024, 0),
      cell(bundle, ({ load }) => load.ms, LIBRARIES, MAX_LOAD_RATIO),
      cell(bundle, ({ load }) => load.cpuMs, LIBRARIES, MAX_LOAD_RATIO),
      ...(bundle.answers
        ? [
          cell(bundle, ({ answers: [first] }) => first!.ms, SDK, MAX_FIRST_REQUEST_RATIO),
          cell(bundle, ({ answers: [first] }) => first!.cpuMs, SDK, MAX_FIRST_REQUEST_RATIO),
          cell(bundle, toBothMs),
        ]
        : ["", "", ""]),
    ]),
  );
}

function printFar(bundles: Measured[]): void {
  const cell = createCells(bundles);
  console.log(
    `\n### First answer, database and provider ${2 * ONE_WAY_MS} ms away, TLS\n\n` +
      `Deno ${HOSTED_VERSION}, medians of ${RUNS} processes, the request right behind the load\n`,
  );
  printTable(
    ["bundle", "load: ms", "first answer: ms", "both: ms", "second answer: ms"],
    bundles.map((bundle) => [
      bundle.name,
      cell(bundle, ({ load }) => load.ms),
      cell(bundle, ({ answers: [first] }) => first!.ms, SDK, MAX_FIRST_REQUEST_RATIO),
      cell(bundle, toBothMs, SDK),
      cell(bundle, ({ answers: [, second] }) => second!.ms, SDK),
    ]),
  );
}
