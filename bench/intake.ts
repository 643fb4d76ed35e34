/** CPU and memory of taking a large picture in and passing it on. */
import { findHostedDeno, HOSTED_VERSION } from "../dev/stack/functions/hosted-deno.ts";
import { startStack } from "../dev/stack/stack.ts";
import { serve, type Served, type ServeOptions, type ServerName } from "./functions.ts";
import { createMeter, type Meter, SETTLE_MS, sleep } from "./meter.ts";
import { readMemory, resetPeakMemory } from "./process-usage.ts";
import { printStoredPictureCost } from "./stored-picture.ts";
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

/**
 * A hosted worker is retired after a second of CPU, so a server is measured in the beginning of its
 * life, in several lives.
 */
const LIVES = 8;

const [WARM_UP_REQUESTS, TINY_REQUESTS, LARGE_REQUESTS] = [8, 20, 20];

/** V8 takes stock some 8 s after it has collected all of its heap. */
const PAUSE_MS = 15_000;

const PARALLEL_REQUESTS = 30;

/** Budgets of one request, and of any number of them at once, in MiB; and of CPU over the floor. */
const [MAX_MIB, MAX_PARALLEL_MIB, MAX_CPU_RATIO] = [45, 200, 1.6];

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
      await printCost(kibibytes, token, options);
    }
    console.log(`\n### A picture of 5 MiB by its URL, and in a private bucket, Deno ${version}\n`);
    await printStoredPictureCost(token, options);
    console.log(`\n### One request, 5 MiB picture, after a pause, Deno ${version}\n`);
    await printCostAfterPause(token, options);
    console.log(
      `\n### ${PARALLEL_REQUESTS} requests of 5 MiB of one user at once, Deno ${version}\n`,
    );
    upstream.delayMs = 1_000;
    await using ours = await serve("semantic-analysis", options);
    await printParallel(ours, token);
  }
}

/** What a worker took, a request, in milliseconds of CPU. */
interface Life {
  cpuMs: number;
  /** With a picture of 1 KiB. */
  tinyCpuMs: number;
  /** The peak of the first large request, in MiB above idle. */
  memoryMib: number;
}

async function printCost(kibibytes: number, token: string, options: ServeOptions): Promise<void> {
  const picture = createPicture(kibibytes);
  const lives: Life[][] = ROWS.map(() => []);
  // In turns, so that a noisy minute hits all of them.
  for (let life = 0; life < LIVES; life++) {
    for (const [index, { server, form }] of ROWS.entries()) {
      await using served = await serve(server, options);
      const { sent, tiny } = toRequests(form, picture);
      lives[index]!.push(await measureLife(createMeter(served, token), sent, tiny));
    }
  }
  const rows = ROWS.map(({ name }, index) => {
    const average = (key: keyof Life) => mean(lives[index]!.map((life) => life[key]));
    const [cpuMs, tinyCpuMs] = [average("cpuMs"), average("tinyCpuMs")];
    return {
      name,
      cpuMs,
      tinyCpuMs,
      pictureMs: cpuMs - tinyCpuMs,
      memoryMib: average("memoryMib"),
    };
  });
  const floor = rows[0]!;
  printTable(
    [
      "",
      "CPU ms",
      "without a picture",
      "× floor",
      "picture's share × floor's",
      "peak MiB above idle",
    ],
    rows.map((row) => {
      const isOurs = row.name.startsWith("ours");
      const withBudget = (value: number, most: number, digits: number) =>
        toText(value, digits) + (isOurs ? ` (≤ ${most}: ${judge({ value, most })})` : "");
      return [
        row.name,
        toText(row.cpuMs),
        toText(row.tinyCpuMs),
        withBudget(row.cpuMs / floor.cpuMs, MAX_CPU_RATIO, 2),
        withBudget(row.pictureMs / floor.pictureMs, MAX_CPU_RATIO, 2),
        withBudget(row.memoryMib, MAX_MIB, 0),
      ];
    }),
  );
}

async function measureLife(meter: Meter, sent: Sent, tiny: Sent): Promise<Life> {
  await meter.sendMany(WARM_UP_REQUESTS, tiny);
  const memoryMib = await meter.measureMemoryMib(sent);
  return {
    memoryMib,
    cpuMs: await meter.measureCpuMs(LARGE_REQUESTS, sent),
    tinyCpuMs: await meter.measureCpuMs(TINY_REQUESTS, tiny),
  };
}

/** What V8 does when a worker that had a rest gets large requests again. */
async function printCostAfterPause(token: string, options: ServeOptions): Promise<void> {
  const picture = createPicture(5 * 1024);
  const rows = await Promise.all(
    ROWS.filter(({ name }) => ["floor", "ours, JSON"].includes(name)).map(
      async ({ name, server, form }) => {
        await using served = await serve(server, options);
        const { sent, tiny } = toRequests(form, picture);
        const meter = createMeter(served, token);
        await meter.sendMany(WARM_UP_REQUESTS, tiny);
        await meter.sendMany(LARGE_REQUESTS, sent);
        await sleep(PAUSE_MS);
        return [name, toText(await meter.measureCpuMs(LARGE_REQUESTS, sent))];
      },
    ),
  );
  printTable(["", "CPU ms"], rows);
}

function toRequests(form: Form, picture: Uint8Array<ArrayBuffer>): { sent: Sent; tiny: Sent } {
  return { sent: FORMS[form](picture), tiny: FORMS[form](createPicture(1)) };
}

async function printParallel({ url, pid }: Served, token: string): Promise<void> {
  const sent = FORMS.json(createPicture(5 * 1024));
  for (let i = 0; i < WARM_UP_REQUESTS; i++) {
    await sendOk(url, token, FORMS.json(createPicture(1)));
  }
  await sleep(SETTLE_MS);
  const { nowMib } = await readMemory(pid);
  await resetPeakMemory(pid);
  const answers = await Promise.all(
    Array.from({ length: PARALLEL_REQUESTS }, () => send(url, token, sent)),
  );
  const { peakMib } = await readMemory(pid);
  const count = (status: number, code = "") =>
    answers.filter((answer) => answer.status === status && answer.text.includes(code)).length;
  const value = peakMib - nowMib;
  const [served, overloaded] = [count(200), count(503, '"OVERLOADED"')];
  printTable(
    ["answered", "OVERLOADED", "otherwise", "idle MiB", "peak MiB", "peak above idle"],
    [[
      String(served),
      String(overloaded),
      String(answers.length - served - overloaded),
      toText(nowMib, 0),
      toText(peakMib, 0),
      `${toText(value, 0)} (≤ ${MAX_PARALLEL_MIB}: ${judge({ value, most: MAX_PARALLEL_MIB })})`,
    ]],
  );
}
