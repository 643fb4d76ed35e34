/** What an honest user notices of an attack, and what it does to the workers' memory. */
import { connect } from "../../dev/stack/postgres/connect.ts";
import { type Stack, startStack } from "../../dev/stack/stack.ts";
import { serve, type Served } from "../functions.ts";
import { readMemory, resetPeakMemory } from "../process-usage.ts";
import { createPicture, FORMS, send } from "../requests.ts";
import { printTable, quantile, toText } from "../table.ts";
import { type Attack, ATTACKS, type Target } from "./attacks.ts";

/** How long each attack lasts, and how long its traces have to go. */
const [ATTACK_MS, REST_MS] = [30_000, 5_000];

/** The honest user looks at something between two requests. */
const APART_MS = 100;

/** Prints the table. */
export async function benchAbuse(): Promise<void> {
  const upstream = startFailingUpstream();
  await using stack = await startStack({
    standIn: false,
    functionEnvironment: { TOGETHER_API_KEY: "bench" },
  });
  const options = { stack, upstreamUrl: upstream.baseUrl, denoBinary: Deno.execPath() };
  await using analysis = await serve("semantic-analysis", options);
  await using search = await serve("visual-search", options);
  const target: Target = {
    analysisUrl: analysis.url,
    searchUrl: search.url,
    restUrl: `${stack.apiUrl}/rest/v1`,
    publishableKey: stack.publishableKey,
    tokens: [await signAnonymous(stack), await signAnonymous(stack)],
    searchFunction: await findSearchFunction(stack.databaseUrl),
  };
  const rows: string[][] = [];
  for (const [name, attack] of Object.entries(ATTACKS)) {
    rows.push([name, ...await measure(attack, target, stack, [analysis, search])]);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  console.log(`\nAn honest user's requests during ${ATTACK_MS / 1000} s of each attack\n`);
  printTable(
    ["attack", "analyses", "not answered", "p50 ms", "p95 ms", "searches", "p95 ms", "peak MiB"],
    rows,
  );
  await upstream.stop();
}

async function measure(
  attack: Attack,
  target: Target,
  stack: Stack,
  servers: readonly Served[],
): Promise<string[]> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ATTACK_MS);
  for (const { pid } of servers) await resetPeakMemory(pid);
  // Another user for each attack, so that none meets the limits of the one before.
  const token = await stack.signUserToken({ sub: crypto.randomUUID() });
  const attacked = attack(target, over.signal);
  const [analyses, searches] = await Promise.all([
    askAgain(over.signal, () => askForAnalysis(target, token)),
    askAgain(over.signal, () => askForSearch(target, stack, token)),
  ]);
  await attacked;
  clearTimeout(timer);
  const peaks = await Promise.all(servers.map(({ pid }) => readMemory(pid)));
  const answered = analyses.filter(({ isAnswered }) => isAnswered).map(({ ms }) => ms);
  const found = searches.filter(({ isAnswered }) => isAnswered).map(({ ms }) => ms);
  return [
    String(analyses.length),
    String(analyses.length - answered.length),
    toText(quantile(answered, 0.5)),
    toText(quantile(answered, 0.95)),
    `${found.length} of ${searches.length}`,
    toText(quantile(found, 0.95)),
    toText(Math.max(...peaks.map(({ peakMib }) => peakMib)), 0),
  ];
}

interface Asked {
  ms: number;
  isAnswered: boolean;
}

async function askAgain(signal: AbortSignal, ask: () => Promise<boolean>): Promise<Asked[]> {
  const asked: Asked[] = [];
  while (!signal.aborted) {
    const startedAt = performance.now();
    const isAnswered = await ask().catch(() => false);
    asked.push({ ms: performance.now() - startedAt, isAnswered });
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
  return asked;
}

/** A picture of 100 KiB, another each time. */
async function askForAnalysis({ analysisUrl }: Target, token: string): Promise<boolean> {
  return (await send(analysisUrl, token, FORMS.json(createPicture(100)))).status === 200;
}

async function askForSearch(target: Target, stack: Stack, token: string): Promise<boolean> {
  const response = await fetch(`${target.restUrl}/rpc/${target.searchFunction}`, {
    method: "POST",
    headers: {
      "apikey": stack.publishableKey,
      "Authorization": `Bearer ${token}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ p_query_text: "oak" }),
  });
  await response.body?.cancel();
  // A search's own limit is not what is measured here.
  return response.ok || response.status === 429;
}

async function signAnonymous(stack: Stack): Promise<string> {
  return await stack.signUserToken({ sub: crypto.randomUUID(), is_anonymous: true });
}

async function findSearchFunction(databaseUrl: string): Promise<string> {
  const sql = connect(databaseUrl);
  try {
    const [row] = await sql`
      select proname from pg_proc
      where pronamespace = 'public'::regnamespace
        and proname in ('material_search_find_materials', 'search_materials')`;
    return row!.proname;
  } finally {
    await sql.end();
  }
}

/** Answers at once, but fails on pictures of 1025 × 1025. */
function startFailingUpstream() {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    // "GIF89a" and the two sizes, in base64.
    if ((await request.text()).includes("R0lGODlhAQQBB")) {
      return Response.json({ error: { message: "failed" } }, { status: 500 });
    }
    return Response.json({
      model: "local/bench",
      choices: [{
        finish_reason: "stop",
        message: { role: "assistant", content: "Oak with a matt finish and a straight grain." },
      }],
      usage: { prompt_tokens: 1_700, completion_tokens: 12 },
    });
  });
  return { baseUrl: `http://127.0.0.1:${server.addr.port}/v1`, stop: () => server.shutdown() };
}
