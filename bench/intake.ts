/** CPU and memory of taking a large picture in and passing it on. */
import { findHostedDeno, HOSTED_VERSION } from "../dev/stack/hosted-deno.ts";
import { startStack } from "../dev/stack/stack.ts";
import { serve, type Served, type ServerName } from "./functions.ts";
import { readCpuMs, readMemory, resetPeakMemory } from "./process-usage.ts";
import { createPicture, FORMS, send, sendOk, type Sent } from "./requests.ts";
import { judge, mean, printTable, toText } from "./table.ts";
import { startUpstream } from "./upstream.ts";

type Form = keyof typeof FORMS;

interface Row {
  name: string;
  server: ServerName;
  form: Form;
}

const ROWS: Row[] = [
  { name: "floor", server: "floor", form: "json" },
  { name: "ours, JSON", server: "semantic-analysis", form: "json" },
  { name: "ours, form", server: "semantic-analysis", form: "form" },
  { name: "ours, bytes", server: "semantic-analysis", form: "bytes" },
  { name: "naive", server: "naive", form: "json" },
];

const [ROUNDS, REQUESTS_A_ROUND, WARM_UP_REQUESTS] = [10, 10, 8];

const SETTLE_MS = 500;

const PARALLEL_REQUESTS = 30;

/** Budgets of one request, and of any number of them at once, in MiB; and of CPU over the floor. */
const [MAX_MB, MAX_PARALLEL_MB, MAX_CPU_RATIO] = [45, 200, 1.6];

/** Prints the tables. */
export async function benchIntake(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  const token = await stack.signUserToken();
  const binaries = [[HOSTED_VERSION, await findHostedDeno()], [
    Deno.version.deno,
    Deno.execPath(),
  ]] as const;
  for (const [version, denoBinary] of binaries) {
    await using upstream = startUpstream();
    const options = { stack, upstreamUrl: upstream.baseUrl, denoBinary };
    for (const kibibytes of [5 * 1024, 1024]) {
      console.log(`\n### One request, ${kibibytes / 1024} MiB picture, Deno ${version}\n`);
      await using cleanUp = new AsyncDisposableStack();
      const rows = [];
      for (const row of ROWS) {
        rows.push({ ...row, served: cleanUp.use(await serve(row.server, options)) });
      }
      await printCost(rows, kibibytes, token);
    }
    console.log(`\n### ${PARALLEL_REQUESTS} requests of 5 MiB at once, Deno ${version}\n`);
    upstream.delayMs = 1_000;
    await using ours = await serve("semantic-analysis", options);
    await printParallel(ours, token);
  }
}

interface Measured {
  name: string;
  memoryMb: number;
  /** Of a request, by round; with the picture and with one of 1 KiB. */
  cpuMs: number[];
  tinyCpuMs: number[];
  measure: () => Promise<number>;
  measureTiny: () => Promise<number>;
}

async function printCost(
  rows: (Row & { served: Served })[],
  kibibytes: number,
  token: string,
): Promise<void> {
  const picture = createPicture(kibibytes);
  const measured: Measured[] = [];
  for (const { name, form, served } of rows) {
    const [sent, tiny] = [FORMS[form](picture), FORMS[form](createPicture(1))];
    const { pid, url } = served;
    const sendMany = async (count: number, what: Sent) => {
      for (let i = 0; i < count; i++) await sendOk(url, token, what);
    };
    await sendMany(WARM_UP_REQUESTS, tiny);
    await sleep(SETTLE_MS);
    const { nowMb } = await readMemory(pid);
    await resetPeakMemory(pid);
    await sendMany(1, sent);
    const { peakMb } = await readMemory(pid);
    await sendMany(WARM_UP_REQUESTS, sent);
    const measureCpuMs = async (what: Sent) => {
      const before = await readCpuMs(pid);
      await sendMany(REQUESTS_A_ROUND, what);
      return (await readCpuMs(pid) - before) / REQUESTS_A_ROUND;
    };
    measured.push({
      name,
      memoryMb: peakMb - nowMb,
      cpuMs: [],
      tinyCpuMs: [],
      measure: () => measureCpuMs(sent),
      measureTiny: () => measureCpuMs(tiny),
    });
  }
  // In turns, so that a noisy minute hits all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const { cpuMs, tinyCpuMs, measure, measureTiny } of measured) {
      cpuMs.push(await measure());
      tinyCpuMs.push(await measureTiny());
    }
  }
  const pictureMs = ({ cpuMs, tinyCpuMs }: Measured) => mean(cpuMs) - mean(tinyCpuMs);
  const floor = measured[0]!;
  printTable(
    [
      "",
      "CPU ms",
      "without a picture",
      "× floor",
      "picture's share × floor's",
      "peak MiB above idle",
    ],
    measured.map((row) => {
      const isOurs = row.name.startsWith("ours");
      const withBudget = (value: number, most: number, digits: number) =>
        toText(value, digits) + (isOurs ? ` (≤ ${most}: ${judge({ value, most })})` : "");
      return [
        row.name,
        toText(mean(row.cpuMs)),
        toText(mean(row.tinyCpuMs)),
        withBudget(mean(row.cpuMs) / mean(floor.cpuMs), MAX_CPU_RATIO, 2),
        withBudget(pictureMs(row) / pictureMs(floor), MAX_CPU_RATIO, 2),
        withBudget(row.memoryMb, MAX_MB, 0),
      ];
    }),
  );
}

async function printParallel({ url, pid }: Served, token: string): Promise<void> {
  const sent = FORMS.json(createPicture(5 * 1024));
  for (let i = 0; i < WARM_UP_REQUESTS; i++) {
    await sendOk(url, token, FORMS.json(createPicture(1)));
  }
  await sleep(SETTLE_MS);
  const { nowMb } = await readMemory(pid);
  await resetPeakMemory(pid);
  const answers = await Promise.all(
    Array.from({ length: PARALLEL_REQUESTS }, () => send(url, token, sent)),
  );
  const { peakMb } = await readMemory(pid);
  const count = (status: number, code = "") =>
    answers.filter((answer) => answer.status === status && answer.text.includes(code)).length;
  const value = peakMb - nowMb;
  const [served, overloaded] = [count(200), count(503, '"OVERLOADED"')];
  printTable(
    ["answered", "OVERLOADED", "otherwise", "idle MiB", "peak MiB", "peak above idle"],
    [[
      String(served),
      String(overloaded),
      String(answers.length - served - overloaded),
      toText(nowMb, 0),
      toText(peakMb, 0),
      `${toText(value, 0)} (≤ ${MAX_PARALLEL_MB}: ${judge({ value, most: MAX_PARALLEL_MB })})`,
    ]],
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
