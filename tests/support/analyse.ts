/** The analysis on virtual time, with a fake of the provider. */
import { encodeBase64Buffer } from "../../supabase/functions/_shared/platform/base64/base64-buffer.ts";
import { createTogetherClient } from "../../supabase/functions/_shared/together-ai/client.ts";
import { createSpending } from "../../supabase/functions/_shared/together-ai/spending.ts";
import {
  type AnalyseOptions,
  createAnalyse,
} from "../../supabase/functions/semantic-analysis/model/analysis.ts";
import { toPlan } from "../../supabase/functions/semantic-analysis/model/plan.ts";
import type { AnalysisRequest } from "../../supabase/functions/semantic-analysis/request/request.ts";
import { createFakeClock } from "./fake-clock.ts";
import { type Answer, chunk, createFakeTogether, OAK, saying, streaming } from "./fake-together.ts";
import { toGifOfLength } from "./pictures.ts";

/** The one model of the chain, unless `Options` names others. */
export const MODEL = "Qwen/Qwen3.5-9B";

/** A small picture and nothing else said. */
export const REQUEST: AnalysisRequest = {
  picture: {
    kind: "bytes",
    mediaType: "image/gif",
    base64: encodeBase64Buffer(toGifOfLength(12)),
    sha256: "00".repeat(32),
    byteLength: 12,
    width: 4,
    height: 3,
  },
  analysisType: "material_identification",
  prompt: null,
  model: null,
  temperature: 0.1,
  maxTokens: null,
  palette: null,
  isStreamed: false,
  minPrecision: null,
  cacheMode: "use",
  warnings: [],
};

/** Of a choice that was cut at `max_tokens`. */
export const LENGTH = { finish_reason: "length" };

/** A completion that was cut at `max_tokens`. */
export const cut = (text: string, choice: object = {}, overrides: object = {}): Answer =>
  saying("", { choices: [{ ...LENGTH, message: { content: text }, ...choice }], ...overrides });
/** The probabilities of an answer's tokens: certain of all but the family. */
export const unsure = (text: string, probability: number) => {
  const [before, after] = text.split("wood");
  const token_logprobs = [0, Math.log(probability), 0];
  return { logprobs: { tokens: [before, "wood", after], token_logprobs } };
};

/** `OAK` as a model writes it. */
export const JSON_TEXT = JSON.stringify(OAK);

/** A text as a stream of pieces of `size` characters. */
export const streamingText = (
  text: string,
  size = 9,
  end?: Parameters<typeof streaming>[1],
): Answer =>
  streaming(text.match(new RegExp(`[^]{1,${size}}`, "g"))!.map((piece) => chunk(piece)), end);
const { description: _, confidence: __, ...material } = OAK;
/** What `OAK` is as `material`. */
export const MATERIAL = material;

/** What differs from an ordinary analysis. */
export type Options = Partial<AnalyseOptions> & {
  maxTokens?: number;
  models?: [string, ...string[]];
};

/** Has a picture analysed by a client that gets these answers. */
export async function analyse(
  answers: Answer[],
  request: Partial<AnalysisRequest> = {},
  { maxTokens = 4096, models = [MODEL], ...options }: Options = {},
) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const client = createTogetherClient({
    apiKey: "k",
    baseUrl: "https://api.together.example/v1",
    models,
    effects: { ...clock, fetch: together.fetch, random: () => 0 },
  });
  const run = createAnalyse({ client, now: clock.now });
  const wanted = { ...REQUEST, ...request };
  const spending = createSpending();
  const outcome = await clock.run(
    run(wanted, toPlan(wanted, maxTokens, models), { timeoutMs: 60_000, spending, ...options }),
  );
  const { attempts } = spending;
  const bodies = together.requests.map(({ body }) => body);
  return { ...outcome, attempts, bodies, codes: outcome.analysis.warnings.map(({ code }) => code) };
}

/** A chain of two. */
export const CHAIN: [string, string] = [MODEL, "b/second"];

/** Whether a request to the provider has a picture in it. */
export const hasImage = (body: { messages: { content: unknown }[] }) =>
  JSON.stringify(body.messages).includes("image_url");
