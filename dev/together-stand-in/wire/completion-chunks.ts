import type { Completion, Usage } from "./completion.ts";
import { type ScoredToken, toLogprobsFields } from "../answer/logprobs.ts";

/** A part of a streamed chat completion as Together sends it. */
export interface ChatCompletionChunk {
  id: string;
  object: "chat.completion.chunk";
  /** Unix time in seconds. */
  created: number;
  choices: {
    index: number;
    /** The same as `delta.content`. */
    text: string;
    /** In one of several shapes; null where not asked for. */
    logprobs: unknown;
    finish_reason: string | null;
    seed: null;
    delta: { role: "assistant"; content: string; tool_calls: null };
  }[];
  model: string;
  usage: Usage | null;
}

/**
 * Splits a completion into a chunk per token and one that tells the end.
 *
 * The usage is in the last of them, as Together sends it, or with `isUsageApart` (what
 * `stream_options.include_usage` asks for) in one more, without choices, as OpenAI does.
 */
export function toCompletionChunks(
  completion: Completion,
  { isUsageApart }: { isUsageApart: boolean },
): ChatCompletionChunk[] {
  const { tokens, finishReason, usage } = completion;
  const chunks = (tokens ?? []).map((token) =>
    createChunk(completion, [createChoice(completion, token, null)])
  );
  if (tokens !== null && finishReason !== null) {
    chunks.push(createChunk(completion, [createChoice(completion, null, finishReason)]));
  }
  if (isUsageApart || tokens === null) chunks.push(createChunk(completion, []));
  const last = chunks.at(-1);
  if (last !== undefined) last.usage = usage;
  return chunks;
}

function createChunk(
  { id, createdAtMs, model }: Completion,
  choices: ChatCompletionChunk["choices"],
): ChatCompletionChunk {
  return {
    id,
    object: "chat.completion.chunk",
    created: Math.floor(createdAtMs / 1000),
    choices,
    model,
    usage: null,
  };
}

function createChoice(
  { logprobs }: Completion,
  token: ScoredToken | null,
  finishReason: string | null,
): ChatCompletionChunk["choices"][number] {
  const text = token?.text ?? "";
  return {
    index: 0,
    text,
    logprobs: null,
    ...(token === null || logprobs === null ? {} : toLogprobsFields([token], logprobs)),
    finish_reason: finishReason,
    seed: null,
    delta: { role: "assistant", content: text, tool_calls: null },
  };
}
