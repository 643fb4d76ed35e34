/** What a program gets of replies that providers really sent: ours, both official SDKs, a gateway. */
import OpenAI from "openai";
import Together from "together-ai";
import { projectDirectory } from "../../dev/stack/process/project-paths.ts";
import { createTogetherClient } from "../../supabase/functions/_shared/together-ai/client.ts";
import { encodeBase64Buffer } from "../../supabase/functions/_shared/platform/base64/base64-buffer.ts";
import { createAnalyse } from "../../supabase/functions/semantic-analysis/model/analysis.ts";
import { toPlan } from "../../supabase/functions/semantic-analysis/model/plan.ts";
import type { AnalysisRequest } from "../../supabase/functions/semantic-analysis/request/request.ts";
import { printTable } from "../table.ts";

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body: string;
}

interface Case {
  name: string;
  request: { analysis_type?: string; prompt?: string; options?: { stream?: boolean } };
  replies: Reply[];
  want: {
    status?: number;
    code?: unknown;
    analysis?: string;
    analysisNot?: string;
    family?: string;
    storable?: boolean;
    minSpentUsd?: number;
    maxSpentUsd?: number;
    confidenceAbove?: number;
    kept?: boolean;
  };
}

const MODELS = [
  "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
  "Qwen/Qwen3.5-9B",
  "zai-org/GLM-5.3-Flash",
] as const;

/** What a program shows; the family where it could be read. */
interface Shown {
  text: string;
  family: string | null;
}

type Ask = (baseUrl: string, each: Case, headers?: Record<string, string>) => Promise<Shown>;

const askOurs: Ask = async (baseUrl, { request }) => {
  const client = createTogetherClient({
    apiKey: "bench",
    baseUrl,
    models: MODELS,
    effects: { sleep: (ms, signal) => sleep(Math.min(ms, 60_000), signal), random: () => 0 },
  });
  const analyse = createAnalyse({ client });
  const analysisRequest: AnalysisRequest = {
    picture: {
      kind: "bytes",
      mediaType: "image/gif",
      base64: encodeBase64Buffer(new Uint8Array(12)),
      sha256: "00".repeat(32),
      byteLength: 12,
      width: 3,
      height: 3,
    },
    analysisType: request.analysis_type === "general_description"
      ? "general_description"
      : "material_identification",
    prompt: request.prompt ?? null,
    model: null,
    temperature: 0.1,
    maxTokens: null,
    palette: null,
    isStreamed: request.options?.stream ?? false,
    minPrecision: null,
    cacheMode: "off",
    warnings: [],
  };
  const { analysis } = await analyse(analysisRequest, toPlan(analysisRequest, 4096, MODELS), {
    timeoutMs: 60_000,
    onText: request.options?.stream ? () => {} : undefined,
  });
  return { text: analysis.analysis, family: analysis.material?.family ?? null };
};

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/** As their READMEs show it: the content is the answer, and JSON is parsed. */
const askSdk =
  (Sdk: typeof Together | typeof OpenAI): Ask =>
  async (baseUrl, { request }, defaultHeaders = {}) => {
    const client = new Sdk({
      apiKey: "bench",
      baseURL: baseUrl,
      maxRetries: 2,
      defaultHeaders,
    }) as OpenAI;
    const messages = [{ role: "user" as const, content: request.prompt ?? "What is it?" }];
    let text = "";
    if (request.options?.stream) {
      const stream = await client.chat.completions.create({
        model: MODELS[0],
        messages,
        stream: true,
      });
      for await (const chunk of stream) text += chunk.choices?.[0]?.delta?.content ?? "";
    } else {
      const completion = await client.chat.completions.create({ model: MODELS[0], messages });
      text = completion.choices[0]!.message.content ?? "";
    }
    const isStructured = request.analysis_type === undefined && request.prompt === undefined;
    if (!isStructured) return { text, family: null };
    const answer = JSON.parse(text);
    return { text: answer.description, family: answer.family };
  };

/** The SDK behind a gateway that falls back to the next model, as its documentation has it. */
const askGateway = (gatewayUrl: string): Ask => (baseUrl, each) => {
  const targets = MODELS.map((model) => ({
    provider: "openai",
    api_key: "bench",
    custom_host: baseUrl,
    override_params: { model },
  }));
  const config = { strategy: { mode: "fallback" }, targets };
  return askSdk(OpenAI)(gatewayUrl, each, { "x-portkey-config": JSON.stringify(config) });
};

/** Started with npx, as the Supabase CLI is: with all it brings it is no dependency of this project. */
const GATEWAY = "@portkey-ai/gateway@1.15.2";

interface Gateway extends AsyncDisposable {
  url: string;
}

/** Starts Portkey's gateway in a process of its own; null where there is no npx. */
async function startGateway(): Promise<Gateway | null> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  try {
    const child = new Deno.Command("npx", {
      args: [
        "-y",
        GATEWAY,
        "--headless",
        `--port=${port}`,
      ],
      env: { TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const url = `http://127.0.0.1:${port}/v1`;
    for (let attempt = 0; attempt < 240; attempt++) {
      const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
      await response?.body?.cancel();
      if (response) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill("SIGTERM");
        await child.status;
      },
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** `right`, or what is wrong with what is shown. */
function judge({ want }: Case, shown: Shown | Error): string {
  const mayFail = want.status === undefined;
  const isFailureWanted = want.status !== undefined && want.status !== 200 ||
    want.code !== undefined;
  if (shown instanceof Error) {
    const { name, constructor } = shown;
    return isFailureWanted || mayFail ? "right" : name === "Error" ? constructor.name : name;
  }
  if (isFailureWanted) return `shows ${quote(shown.text)}`;
  const text = String(shown.text ?? "");
  if (want.family !== undefined && shown.family !== want.family) {
    return `family ${quote(shown.family)}`;
  }
  const isWrong = want.analysis !== undefined && !new RegExp(want.analysis).test(text) ||
    want.analysisNot !== undefined && new RegExp(want.analysisNot).test(text) ||
    // deno-lint-ignore no-control-regex -- control characters are what it is about
    want.storable && /[\u0000-\u0008]/.test(text) || text === "";
  return isWrong ? `shows ${quote(text)}` : "right";
}

const quote = (value: unknown) => `"${String(JSON.stringify(value)).slice(1, 25)}…"`;

/** Prints the table of what is shown; what is charged and kept, no SDK has a word in. */
export async function benchReplies(): Promise<void> {
  const cases = readCases();
  await using gateway = await startGateway();
  const contenders: [string, Ask][] = [
    ["ours", askOurs],
    ["together-ai", askSdk(Together)],
    ["openai", askSdk(OpenAI)],
    ...(gateway ? [["openai behind a gateway", askGateway(gateway.url)] as [string, Ask]] : []),
  ];
  const rows = await Promise.all(cases.map(async (each) => [
    each.name,
    ...await Promise.all(contenders.map(async ([, ask]) => judge(each, await measure(each, ask)))),
  ]));
  console.log("\nWhat is shown of replies that providers really sent (tests/cases/provider).\n");
  printTable(["reply", ...contenders.map(([name]) => name)], rows);
  const right = contenders.map((_, at) => rows.filter((row) => row[at + 1] === "right").length);
  console.log(
    `\nRight of ${rows.length}: ${
      contenders.map(([name], at) => `${name} ${right[at]}`).join(", ")
    }.`,
  );
}

async function measure(each: Case, ask: Ask): Promise<Shown | Error> {
  let count = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const { status = 200, headers, body } = each
      .replies[Math.min(count++, each.replies.length - 1)]!;
    return new Response(body === "" ? null : body, {
      status,
      headers: { "content-type": "application/json", ...headers },
    });
  });
  try {
    return await ask(`http://127.0.0.1:${server.addr.port}/v1`, each);
  } catch (error) {
    return error as Error;
  } finally {
    await server.shutdown();
  }
}

/** Those that are about what is shown. */
function readCases(): Case[] {
  const folder = `${projectDirectory}/tests/cases/provider`;
  const cases = [...Deno.readDirSync(folder)].map(({ name }): Case => ({
    name: name.replace(".json", ""),
    ...JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)),
  }));
  return cases.sort((a, b) => a.name < b.name ? -1 : 1);
}
