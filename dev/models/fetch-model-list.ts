/** The provider's list of models, with prices. */
import * as z from "zod/mini";
import { parseJson } from "../../supabase/functions/_shared/platform/parse-json.ts";

/** US dollars per million tokens. */
export interface Prices {
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
}

/** A model as the provider lists it. */
export interface ListedModel {
  id: string;
  /** Answers chat completions, or the list doesn't say what it does. */
  isChat: boolean;
  /** Unix time in seconds; null where the list has none. */
  createdAt: number | null;
  /** Null where the list has none. */
  prices: Prices | null;
  /** Prompt and completion tokens together; null where the list doesn't say. */
  contextTokens: number | null;
}

/** Where to ask and as whom. */
export interface FetchModelListOptions {
  /** e.g. `https://api.together.xyz/v1`. */
  baseUrl: string;
  apiKey: string;
  /** Default 15,000. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

const modelsSchema = z.array(z.object({
  id: z.string(),
  type: z.nullish(z.string()),
  created: z.nullish(z.number()),
  pricing: z.nullish(z.object({ input: z.number(), output: z.number() })),
  context_length: z.nullish(z.number()),
}));

/** Together answers with a bare array, OpenAI-compatible servers with `{ data: [...] }`. */
const answerSchema = z.union([modelsSchema, z.object({ data: modelsSchema })]);

/**
 * Asks for the list, once.
 *
 * @throws {Error} saying why there is none
 */
export async function fetchModelList(options: FetchModelListOptions): Promise<ListedModel[]> {
  const { baseUrl, apiKey, timeoutMs = 15_000, fetch = globalThis.fetch } = options;
  const url = `${baseUrl.replace(/\/+$/, "")}/models`;
  try {
    const response = await fetch(url, {
      headers: { "Authorization": `Bearer ${apiKey}`, "Accept": "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(describeRefusal(response.status));
    return parseModelList(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`Cannot read the list of models at "${url}": ${reason}`, { cause: error });
  }
}

/** @throws {Error} when the text is not a list of models */
export function parseModelList(text: string): ListedModel[] {
  const result = answerSchema.safeParse(parseJson(text));
  if (!result.success) throw new Error("the response is no list of models");
  const models = Array.isArray(result.data) ? result.data : result.data.data;
  return models.map(({ id, type, created, pricing, context_length }) => ({
    id,
    isChat: (type ?? "chat") === "chat",
    createdAt: created ?? null,
    prices: pricing
      ? { inputUsdPerMillion: pricing.input, outputUsdPerMillion: pricing.output }
      : null,
    contextTokens: context_length ?? null,
  }));
}

function describeRefusal(status: number): string {
  return status === 401
    ? "the key is refused, TOGETHER_API_KEY must be one from https://api.together.ai/settings/api-keys"
    : `the response is a ${status}`;
}
