/** What the function adds to the time that the database and the provider take. */
import { startStack } from "../dev/stack/stack.ts";
import { prepareBenchDatabase } from "./bench-database.ts";
import { serve } from "./functions.ts";
import { type Answer, createPicture, FORMS, sendOk } from "./requests.ts";
import { judge, median, printTable, toText } from "./table.ts";
import { startUpstream } from "./upstream.ts";

const [ROUNDS, REQUESTS_A_ROUND, WARM_UP_REQUESTS] = [15, 20, 200];

/** Long enough for what follows an answer: the limiter's settle. */
const APART_MS = 25;

const MAX_ADDED_MS = 3;

/** Prints the table. */
export async function benchLatency(): Promise<void> {
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  await prepareBenchDatabase(stack);
  await using upstream = startUpstream();
  const token = await stack.signUserToken();
  const sent = FORMS.json(createPicture(100));
  const options = { stack, upstreamUrl: upstream.baseUrl, denoBinary: Deno.execPath() };
  await using ours = await serve("semantic-analysis", options);
  await using passthrough = await serve("passthrough", options);

  const servers: Server[] = [
    { name: "select 1 and pass-through", url: passthrough.url },
    { name: "ours", url: ours.url },
  ];
  for (const { url } of servers) {
    for (let i = 0; i < WARM_UP_REQUESTS; i++) await sendOk(url, token, sent);
  }
  const send = (url: string) => sendOk(url, token, sent);
  console.log(`\n### 100 KiB picture, ${APART_MS} ms apart, Deno ${Deno.version.deno}\n`);
  await printLatency(servers, send, APART_MS);
  console.log(`\n### One right after another, Deno ${Deno.version.deno}\n`);
  await printLatency(servers, send, 0);
}

interface Server {
  name: string;
  url: string;
}

/** The last server against the first. */
async function printLatency(
  servers: Server[],
  send: (url: string) => Promise<Answer>,
  apartMs: number,
): Promise<void> {
  const measured = servers.map((server) => ({ ...server, ms: [] as number[] }));
  const phases = new Map<string, number[]>();
  // In turns, so that a noisy minute hits both of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const { url, ms } of measured) {
      for (let i = 0; i < REQUESTS_A_ROUND; i++) {
        if (apartMs > 0) await new Promise((resolve) => setTimeout(resolve, apartMs));
        const startedAt = performance.now();
        const { timings } = await send(url);
        ms.push(performance.now() - startedAt);
        for (const [phase, phaseMs] of timings) {
          phases.set(phase, [...phases.get(phase) ?? [], phaseMs]);
        }
      }
    }
  }
  const p50 = measured.map(({ ms }) => median(ms));
  const value = p50.at(-1)! - p50[0]!;
  printTable(["", "p50 ms"], [
    ...measured.map(({ name }, index) => [name, toText(p50[index]!, 2)]),
    ...[...phases].map(([phase, ms]) => [`  of it ${phase}`, toText(median(ms))]),
    [
      "added",
      `${toText(value, 2)} (≤ ${MAX_ADDED_MS}: ${judge({ value, most: MAX_ADDED_MS })})`,
    ],
  ]);
}
