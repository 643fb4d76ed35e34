/** Our client and both official SDKs, each against every way in which Together can fail. */
import OpenAI from "openai";
import Together from "together-ai";
import type { FaultInput } from "../../dev/together-stand-in/faults/faults.ts";
import { createStandIn } from "../../dev/together-stand-in/server.ts";
import { createTogetherClient } from "../../supabase/functions/_shared/together-ai/client.ts";
import { TogetherError } from "../../supabase/functions/_shared/together-ai/errors.ts";
import { printTable, toText } from "../table.ts";
import { benchReplies } from "./replies.ts";

/** Every time limit of both is a tenth of its default; waits between attempts are not. */
const SCALE = 10;

const [TOTAL_MS, ATTEMPT_MS, SDK_ATTEMPT_MS] = [60_000 / SCALE, 30_000 / SCALE, 60_000 / SCALE];

/** Who has not given up after half as long again as three attempts of an SDK never will. */
const GIVE_UP_MS = 27_000;

const [MODEL, OTHER_MODEL] = ["Qwen/Qwen3.5-9B", "zai-org/GLM-5.3-Flash"] as const;

interface Case {
  name: string;
  /** null: no server listens. */
  fault: FaultInput | null;
}

const always = { times: "always" } as const;

const CASES: Case[] = [
  { name: "none", fault: { kind: "delay", delayMs: 0 } },
  { name: "stall before the headers", fault: { kind: "stall_before_headers", ...always } },
  { name: "stall in the body, once", fault: { kind: "stall_in_body" } },
  { name: "stall in the body", fault: { kind: "stall_in_body", ...always } },
  {
    name: "429, x-ratelimit-reset: 2, once",
    fault: { kind: "status", status: 429, headers: { "x-ratelimit-reset": "2" } },
  },
  { name: "503, once", fault: { kind: "status", status: 503 } },
  { name: "503", fault: { kind: "status", status: 503, ...always } },
  { name: "500, once", fault: { kind: "status", status: 500 } },
  { name: "retired model", fault: { kind: "retired", model: MODEL, ...always } },
  { name: "truncated JSON, once", fault: { kind: "truncated_json" } },
  { name: "HTML with 200, once", fault: { kind: "html" } },
  { name: "connection cut in the body, once", fault: { kind: "cut_body" } },
  { name: "no content, once", fault: { kind: "empty_content" } },
  { name: "refused connection", fault: null },
];

const IMAGE_URL = "data:image/gif;base64,";
const IMAGE = "R0lGODlhAwADAIAAAExpcaBQICH5BAUAAAAALAAAAAADAAMAAAIDjH8FADs=";

type Ask = (baseUrl: string, signal: AbortSignal) => Promise<string>;

const askOurs: Ask = async (baseUrl, signal) => {
  const client = createTogetherClient({
    apiKey: "bench",
    baseUrl,
    models: [MODEL, OTHER_MODEL],
    attemptTimeoutMs: ATTEMPT_MS,
  });
  const { completion, askedModel } = await client.ask({
    systemPrompt: "Describe the material.",
    userPrompt: "What is it?",
    picture: { kind: "bytes", mediaType: "image/gif", base64: IMAGE },
    temperature: 0,
    maxTokens: 50,
  }, { timeoutMs: TOTAL_MS, signal });
  return `${completion.text === "" ? "empty " : ""}answer of ${askedModel}`;
};

/** Both are made by the same generator, and have the same options. */
const askSdk = (Sdk: typeof Together | typeof OpenAI): Ask => async (baseUrl, signal) => {
  const client = new Sdk({ apiKey: "bench", baseURL: baseUrl, timeout: SDK_ATTEMPT_MS }) as OpenAI;
  const url = IMAGE_URL + IMAGE;
  const completion: unknown = await client.chat.completions.create({
    model: MODEL,
    max_tokens: 50,
    messages: [{
      role: "user",
      content: [{ type: "text", text: "What is it?" }, { type: "image_url", image_url: { url } }],
    }],
  }, { signal });
  if (typeof completion === "string") return "the text of the page, as if it were an answer";
  const text = (completion as OpenAI.ChatCompletion).choices?.[0]?.message?.content;
  return text ? `answer of ${MODEL}` : "an answer without text";
};

/** Prints both tables. */
export async function benchFaults(): Promise<void> {
  console.log(
    `\nTime limits a tenth of the defaults: ours ${TOTAL_MS / 1000} s in all and ` +
      `${ATTEMPT_MS / 1000} s an attempt, the SDKs' ${SDK_ATTEMPT_MS / 1000} s an attempt. ` +
      `Given up for good after ${GIVE_UP_MS / 1000} s.\n`,
  );
  const rows = await Promise.all(CASES.map(async ({ name, fault }) => [
    name,
    ...await measure(fault, askOurs),
    ...await measure(fault, askSdk(Together)),
    ...await measure(fault, askSdk(OpenAI)),
  ]));
  const columns = ["ours", "together-ai", "openai"].flatMap((name) => [
    `${name}: attempts`,
    "s",
    "outcome",
  ]);
  printTable(["fault", ...columns], rows);
  await benchReplies();
}

async function measure(fault: FaultInput | null, ask: Ask): Promise<string[]> {
  let attempts = 0;
  const standIn = createStandIn(fault === null ? {} : { faults: [fault] });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    attempts++;
    return standIn.fetch(request);
  });
  const baseUrl = `http://127.0.0.1:${server.addr.port}/v1`;
  const stop = async () => {
    standIn.stop();
    await server.shutdown();
  };
  if (fault === null) await stop();
  const gaveUp = new AbortController();
  const timer = setTimeout(() => gaveUp.abort(), GIVE_UP_MS);
  const startedAt = performance.now();
  // What hangs need not heed its signal.
  const hung = new Promise<string>((resolve) =>
    gaveUp.signal.addEventListener("abort", () => resolve("still waiting"))
  );
  const outcome = await Promise.race([ask(baseUrl, gaveUp.signal), hung]).catch(describe);
  clearTimeout(timer);
  const seconds = (performance.now() - startedAt) / 1000;
  if (fault !== null) await stop();
  return [fault === null ? "–" : String(attempts), toText(seconds), outcome];
}

function describe(error: unknown): string {
  if (error instanceof TogetherError) return `${error.name}: ${error.reason}`;
  const { name, constructor } = error as Error;
  const text = name === "Error" ? constructor.name : name;
  return error instanceof SyntaxError ? `raw ${text}` : text;
}
