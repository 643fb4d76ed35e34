import { tokenize } from "./tokens.ts";

/** What is to be said, before it is cut to size. */
export interface Answer {
  text: string;
  /** The word that is a guess among others; absent where the text holds no guess. */
  guess?: Guess;
}

/** A word of the answer that might have been another, with real probabilities. */
export interface Guess {
  word: string;
  /** Of all words that might have stood there, `word` included. */
  probabilities: ReadonlyMap<string, number>;
}

/** Log probabilities in the older of Together's two shapes. */
export interface Logprobs {
  tokens: string[];
  token_logprobs: number[];
  /** Per token the likeliest alternatives, the token itself included. */
  top_logprobs?: Record<string, number>[];
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
    finish_reason: "stop" | "length";
    message: { role: "assistant"; content: string };
    logprobs?: Logprobs;
  }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
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
  /** null: not asked for; otherwise the number of alternatives per token, 0 to 20. */
  logprobs: number | null;
}

/** Cuts an answer to `maxTokens` and puts it into Together's response body. */
export function createCompletion(answer: Answer, options: CompletionOptions): ChatCompletion {
  const all = tokenize(answer.text);
  const tokens = all.slice(0, options.maxTokens ?? all.length);
  return {
    id: options.id,
    object: "chat.completion",
    created: Math.floor(options.createdAtMs / 1000),
    model: options.model,
    choices: [{
      index: 0,
      finish_reason: tokens.length < all.length ? "length" : "stop",
      message: { role: "assistant", content: tokens.join("") },
      ...(options.logprobs === null
        ? {}
        : { logprobs: createLogprobs(tokens, answer.guess, options.logprobs) }),
    }],
    usage: {
      prompt_tokens: options.promptTokens,
      completion_tokens: tokens.length,
      total_tokens: options.promptTokens + tokens.length,
    },
  };
}

/** Only the guessed word is uncertain; every other token follows from it, so its log is 0. */
function createLogprobs(tokens: string[], guess: Guess | undefined, top: number): Logprobs {
  const guessed = tokens.findIndex((token) => token.trim() === guess?.word);
  const alternatives = tokens.map((token, index): [string, number][] => {
    if (index !== guessed || guess === undefined) return [[token, 0]];
    const lead = token.slice(0, token.length - guess.word.length);
    return [...guess.probabilities]
      .sort(([, left], [, right]) => right - left)
      .map(([word, probability]) => [lead + word, Math.log(probability)]);
  });
  return {
    tokens,
    token_logprobs: tokens.map((token, index) =>
      alternatives[index]?.find(([word]) => word === token)?.[1] ?? 0
    ),
    ...(top === 0 ? {} : {
      top_logprobs: alternatives.map((entries) => Object.fromEntries(entries.slice(0, top))),
    }),
  };
}
