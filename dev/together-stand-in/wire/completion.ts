import {
  type Guess,
  type LogprobsRequest,
  type ScoredToken,
  scoreTokens,
  toLogprobsFields,
} from "../answer/logprobs.ts";

/** What is to be said, before it is cut to size. */
export interface Answer {
  text: string;
  /** The word that is a guess among others; absent where the text holds no guess. */
  guess?: Guess;
}

/** An answer cut to size, on its way to the wire, whole or as a stream. */
export interface Completion {
  id: string;
  model: string;
  /** Unix time in milliseconds. */
  createdAtMs: number;
  /** null: there is no choice at all. */
  tokens: ScoredToken[] | null;
  /** null: nothing is said of how it ended. */
  finishReason: string | null;
  usage: Usage | null;
  /** null: not reported. */
  logprobs: LogprobsRequest | null;
}

/** Token counts as Together sends them. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** A chat completion as Together sends it. */
export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  /** Unix time in seconds. */
  created: number;
  model: string;
  choices: {
    index: number;
    finish_reason: string | null;
    message: { role: "assistant"; content: string };
    /** In one of several shapes. */
    logprobs?: unknown;
  }[];
  usage: Usage | null;
}

/** What {@linkcode createCompletion} needs beside the answer. */
export interface CompletionOptions {
  id: string;
  model: string;
  /** Unix time in milliseconds. */
  createdAtMs: number;
  promptTokens: number;
  /** null: not limited. */
  maxTokens: number | null;
  /** null: not asked for. */
  logprobs: LogprobsRequest | null;
}

/** Cuts an answer to `maxTokens`. */
export function createCompletion(answer: Answer, options: CompletionOptions): Completion {
  const { id, model, createdAtMs, promptTokens, maxTokens, logprobs } = options;
  const all = scoreTokens(answer.text, answer.guess);
  const tokens = all.slice(0, maxTokens ?? all.length);
  return {
    id,
    model,
    createdAtMs,
    tokens,
    finishReason: tokens.length < all.length ? "length" : "stop",
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: tokens.length,
      total_tokens: promptTokens + tokens.length,
    },
    logprobs,
  };
}

/** Puts a completion into Together's response body. */
export function toChatCompletion(completion: Completion): ChatCompletion {
  const { id, model, createdAtMs, tokens, finishReason, usage, logprobs } = completion;
  return {
    id,
    object: "chat.completion",
    created: Math.floor(createdAtMs / 1000),
    model,
    choices: tokens === null ? [] : [{
      index: 0,
      finish_reason: finishReason,
      message: { role: "assistant", content: tokens.map(({ text }) => text).join("") },
      ...(logprobs === null ? {} : toLogprobsFields(tokens, logprobs)),
    }],
    usage,
  };
}
