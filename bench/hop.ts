/** What it takes to have semantic-analysis asked by another function, against asking it oneself. */
import { startStack } from "../dev/stack/stack.ts";
import { serve } from "./functions.ts";
import { createPicture, FORMS, sendOk, type Sent } from "./requests.ts";
import { median, printTable, toText } from "./table.ts";
import { startUpstream } from "./upstream.ts";

const [ROUNDS, REQUESTS_A_ROUND, WARM_UP_REQUESTS] = [10, 5, 20];

const PICTURES_KIB = [100, 1024];

/** Prints the table. */
export async function benchHop(): Promise<void> {
  await using upstream = startUpstream();
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: {
      TOGETHER_API_KEY: "bench",
      TOGETHER_BASE_URL: upstream.baseUrl,
      RATE_LIMIT_PER_MINUTE: "60000",
      RATE_LIMIT_PER_DAY: "100000000",
    },
  });
  const token = await stack.signUserToken();
  const options = { stack, upstreamUrl: upstream.baseUrl, denoBinary: Deno.execPath() };
  await using naive = await serve("naive", options);
  await using direct = await serve("semantic-analysis", options);
  await using gateway = await serve("mivaa-gateway", options);

  const rows: string[][] = [];
  for (const kibibytes of PICTURES_KIB) {
    const plain = FORMS.json(createPicture(kibibytes));
    const servers = [
      { name: "inline code, no limits", url: naive.url, sent: plain, ms: [] as number[] },
      { name: "semantic-analysis, direct", url: direct.url, sent: plain, ms: [] as number[] },
      {
        name: "… through mivaa-gateway",
        url: gateway.url,
        sent: toEnvelope(plain),
        ms: [] as number[],
      },
    ];
    for (const { url, sent } of servers) {
      for (let i = 0; i < WARM_UP_REQUESTS; i++) await sendOk(url, token, sent);
    }
    // In turns, so that a noisy minute hits all of them.
    for (let round = 0; round < ROUNDS; round++) {
      for (const { url, sent, ms } of servers) {
        for (let i = 0; i < REQUESTS_A_ROUND; i++) {
          const startedAt = performance.now();
          await sendOk(url, token, sent);
          ms.push(performance.now() - startedAt);
        }
      }
    }
    const p50 = servers.map(({ ms }) => median(ms));
    for (const [index, { name }] of servers.entries()) {
      rows.push([`${kibibytes} KiB`, name, toText(p50[index]!)]);
    }
    rows.push([`${kibibytes} KiB`, "the hop", toText(p50[2]! - p50[1]!)]);
  }
  console.log(`\nOne after another, the provider answers at once, Deno ${Deno.version.deno}\n`);
  printTable(["picture", "", "p50 ms"], rows);
}

/** The same request as existing clients of the gateway put it. */
function toEnvelope({ body, ...rest }: Sent): Sent {
  const text = `{"action":"semantic_analysis","payload":${new TextDecoder().decode(body)}}`;
  return { ...rest, body: new TextEncoder().encode(text), path: "/mivaa-gateway" };
}
