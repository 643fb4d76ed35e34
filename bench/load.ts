/** How long the hosted runtime takes to load a function's modules, and then to answer for the first time. */
import * as esbuild from "esbuild";
import { findHostedDeno, HOSTED_VERSION } from "../dev/stack/functions/hosted-deno.ts";
import { projectDirectory } from "../dev/stack/process/project-paths.ts";
import { startStack } from "../dev/stack/stack.ts";
import { prepareBenchDatabase } from "./bench-database.ts";
import { createServerEnvironment } from "./functions.ts";
import { createPicture, FORMS } from "./requests.ts";
import { judge, median, printTable, toText } from "./table.ts";
import { startUpstream } from "./upstream.ts";

interface Bundle {
  name: string;
  /** What is bundled. */
  source: string;
  /** It is a function that answers an analysis request. */
  answers?: boolean;
  /** Where its sources are, if not here. */
  folder?: string;
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

/** Prints the table. */
export async function benchLoad(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  await prepareBenchDatabase(stack);
  await using upstream = startUpstream();
  const folder = await Deno.makeTempDir();
  try {
    const { headers, body } = FORMS.json(createPicture(100));
    const request = { headers, body: new TextDecoder().decode(body) };
    Object.assign(request.headers, { Authorization: `Bearer ${await stack.signUserToken()}` });
    await Deno.writeTextFile(`${folder}/request.json`, JSON.stringify(request));
    const worker: Worker = {
      denoBinary: await findHostedDeno(),
      requestFile: `${folder}/request.json`,
      environment: createServerEnvironment(stack, upstream.baseUrl),
    };
    const bundles = [];
    for (const [index, of] of BUNDLES.entries()) {
      const file = `${folder}/${index}.mjs`;
      bundles.push({ ...of, file, bytes: await bundle(of, file), lives: [] as Life[] });
    }
    // In turns, so that a noisy minute hits all of them.
    for (let run = 0; run < RUNS; run++) {
      for (const { file, answers, lives } of bundles) {
        lives.push(await measureLife(worker, file, answers));
      }
    }
    print(bundles);
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

interface Measured extends Bundle {
  bytes: number;
  lives: Life[];
}

function print(bundles: Measured[]): void {
  const find = (name: string) => bundles.find((bundle) => bundle.name === name)!;
  /** A cell of the medians, and for ours how they compare with another's. */
  const cell = (bundle: Measured, read: (life: Life) => number, other: string, most: number) => {
    const medianOf = ({ lives }: Measured) => median(lives.map(read));
    const value = medianOf(bundle);
    if (bundle.name !== OURS) return toText(value);
    const ratio = value / medianOf(find(other));
    return `${toText(value)} (${toText(ratio, 2)} ×, ≤ ${most}: ${judge({ value: ratio, most })})`;
  };
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
          cell(bundle, ({ first }) => first!.ms, SDK, MAX_FIRST_REQUEST_RATIO),
          cell(bundle, ({ first }) => first!.cpuMs, SDK, MAX_FIRST_REQUEST_RATIO),
          toText(median(bundle.lives.map(({ load, first }) => load.ms + first!.ms))),
        ]
        : ["", "", ""]),
    ]),
  );
}

/** Bundles as `functions deploy` does: one file, nothing left out. */
async function bundle(
  { source, folder = projectDirectory }: Bundle,
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
interface Worker {
  denoBinary: string;
  /** Headers and body of the first request, as JSON. */
  requestFile: string;
  environment: Record<string, string>;
}

/** Of one process. */
interface Life {
  load: Cost;
  /** From the request to the end of its answer; null where there is none. */
  first: Cost | null;
}

interface Cost {
  ms: number;
  /** Of the main thread, which other work on the machine lengthens less. */
  cpuMs: number;
}

const MEASURE = `
const readCpuMs = () => Number(Deno.readTextFileSync("/proc/self/schedstat").split(" ")[0]) / 1e6;
async function measure(run) {
  const [startedAt, cpuMsBefore] = [performance.now(), readCpuMs()];
  const result = await run();
  const [ms, cpuMs] = [performance.now() - startedAt, readCpuMs() - cpuMsBefore];
  return { result, cost: { ms, cpuMs } };
}
const [file, requestFile] = Deno.args;
const request = requestFile && JSON.parse(await Deno.readTextFile(requestFile));
// What measures is compiled before.
await measure(() => {});
const { result: { default: server }, cost: load } = await measure(() => import(file));
let first = null;
if (request) {
  // Whatever the modules still have to do by themselves is not the request's.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const url = "http://127.0.0.1/semantic-analysis";
  const { result, cost } = await measure(async () => {
    const response = await server.fetch(new Request(url, { method: "POST", ...request }));
    return { response, text: await response.text() };
  });
  if (!result.response.ok) throw new Error(result.text);
  first = cost;
}
console.log(JSON.stringify({ load, first }));
Deno.exit(0);
`;

async function measureLife(worker: Worker, file: string, answers = false): Promise<Life> {
  const script = `${file}.measure.mjs`;
  await Deno.writeTextFile(script, MEASURE);
  const { success, stdout, stderr } = await new Deno.Command(worker.denoBinary, {
    args: [
      // The hosted runtime keeps no compiled code from one worker to the next.
      ...["run", "-A", "--no-lock", "--no-config", "--no-code-cache", script, `file://${file}`],
      ...(answers ? [worker.requestFile] : []),
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...worker.environment },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}
