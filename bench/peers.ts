/** The same work by what one would write instead, in the beginning of a worker's life. */
import { startChildProcess } from "../dev/stack/process/child-process.ts";
import { runCommand } from "../dev/stack/process/run-command.ts";
import { findHostedDeno, HOSTED_VERSION } from "../dev/stack/functions/hosted-deno.ts";
import { startStack } from "../dev/stack/stack.ts";
import { prepareBenchDatabase } from "./bench-database.ts";
import { serve, type Served, type ServeOptions, type ServerName } from "./functions.ts";
import { readCpuMs, readMemory, resetPeakMemory } from "./process-usage.ts";
import { createPicture, FORMS, sendOk, type Sent } from "./requests.ts";
import { mean, median, printTable, toText } from "./table.ts";
import { startUpstream } from "./upstream.ts";

const GATEWAY = "gateway (Portkey), no token";

const ROWS: [name: string, server: ServerName | null][] = [
  ["floor", "floor"],
  ["supabase-js, two calls", "supabase-js"],
  ["SDK", "sdk"],
  ["SDK with the usual limit", "sdk-with-limit"],
  ["AI SDK", "ai-sdk"],
  [GATEWAY, null],
  ["ours", "semantic-analysis"],
];

const SIZES_KIB = [250, 1024, 5 * 1024];

const [LIVES, WARM_UP_REQUESTS, REQUESTS] = [6, 8, 20];

/** Started with npx's help, as the Supabase CLI is: with all it brings it is no dependency of this project. */
const GATEWAY_PACKAGE = "@portkey-ai/gateway@1.15.2";

/** Prints the tables. */
export async function benchPeers(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  await prepareBenchDatabase(stack);
  await using upstream = startUpstream();
  const token = await stack.signUserToken();
  const options = { stack, upstreamUrl: upstream.baseUrl, denoBinary: await findHostedDeno() };
  for (const kibibytes of SIZES_KIB) {
    console.log(`\n### ${kibibytes} KiB picture, Deno ${HOSTED_VERSION}\n`);
    await printPeers(kibibytes, token, options);
  }
}

/** What one process took. */
interface Life {
  /** From its start to the end of its first answer. */
  firstMs: number;
  /** CPU a request, with the picture and with one of 1 KiB. */
  cpuMs: number;
  tinyCpuMs: number;
  /** Each request's time. */
  tookMs: number[];
  /** The peak of the first large request, above idle. */
  memoryMib: number;
}

async function printPeers(kibibytes: number, token: string, options: ServeOptions): Promise<void> {
  const lives: Life[][] = ROWS.map(() => []);
  // In turns, so that a noisy minute hits all of them.
  for (let life = 0; life < LIVES; life++) {
    for (const [index, [, server]] of ROWS.entries()) {
      const toSent = (kib: number) =>
        server === null
          ? toGatewayRequest(kib, options.upstreamUrl)
          : FORMS.json(createPicture(kib));
      const start = () => server === null ? startGateway() : serve(server, options);
      lives[index]!.push(await measureLife(start, token, toSent(kibibytes), toSent(1)));
    }
  }
  const p50 = lives.map((of) => median(of.flatMap(({ tookMs }) => tookMs)));
  printTable(
    ["", "CPU ms", "without a picture", "ms more than the floor", "peak MiB", "start to answer"],
    ROWS.map(([name], index) => {
      const of = lives[index]!;
      return [
        name,
        toText(mean(of.map(({ cpuMs }) => cpuMs))),
        toText(mean(of.map(({ tinyCpuMs }) => tinyCpuMs))),
        toText(p50[index]! - p50[0]!),
        toText(mean(of.map(({ memoryMib }) => memoryMib)), 0),
        toText(median(of.map(({ firstMs }) => firstMs)), 0),
      ];
    }),
  );
}

async function measureLife(
  start: () => Promise<Served>,
  token: string,
  sent: Sent,
  tiny: Sent,
): Promise<Life> {
  const startedAt = performance.now();
  await using served = await start();
  const { url, pid } = served;
  await sendOk(url, token, tiny);
  const firstMs = performance.now() - startedAt;
  const measureCpuMs = async (what: Sent, tookMs: number[]) => {
    const before = await readCpuMs(pid);
    for (let i = 0; i < REQUESTS; i++) {
      const sentAt = performance.now();
      await sendOk(url, token, what);
      tookMs.push(performance.now() - sentAt);
    }
    return (await readCpuMs(pid) - before) / REQUESTS;
  };
  for (let i = 1; i < WARM_UP_REQUESTS; i++) await sendOk(url, token, tiny);
  const { nowMib } = await readMemory(pid);
  await resetPeakMemory(pid);
  await sendOk(url, token, sent);
  const memoryMib = (await readMemory(pid)).peakMib - nowMib;
  const tookMs: number[] = [];
  return {
    firstMs,
    memoryMib,
    cpuMs: await measureCpuMs(sent, tookMs),
    tinyCpuMs: await measureCpuMs(tiny, []),
    tookMs,
  };
}

/** What the gateway takes is the provider's own request. */
function toGatewayRequest(kibibytes: number, upstreamUrl: string): Sent {
  const url = `data:image/jpeg;base64,${createPicture(kibibytes).toBase64()}`;
  const content = [
    { type: "text", text: "Describe this material." },
    { type: "image_url", image_url: { url } },
  ];
  const body = JSON.stringify({ model: "bench", messages: [{ role: "user", content }] });
  return {
    body: new TextEncoder().encode(body),
    headers: {
      "Content-Type": "application/json",
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": upstreamUrl,
    },
    path: "/v1/chat/completions",
    query: "",
  };
}

let gatewayPath: Promise<string> | undefined;

async function startGateway(): Promise<Served> {
  gatewayPath ??= runCommand({
    name: "npx",
    command: "npx",
    args: ["-y", "-p", GATEWAY_PACKAGE, "-c", "command -v gateway"],
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const child = startChildProcess({
    name: "gateway",
    command: "node",
    args: [(await gatewayPath).trim(), "--headless", `--port=${port}`],
    env: { TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, pid: child.pid, [Symbol.asyncDispose]: () => child.stop() };
}
