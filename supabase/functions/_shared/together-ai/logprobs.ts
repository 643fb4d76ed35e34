/** The shapes in which Together sends log probabilities. */

import * as z from "zod/mini";

/** One token of an answer. */
export interface TokenLogprob {
  token: string;
  /** Natural logarithm of its probability; at most 0. */
  logprob: number;
}

/** As OpenAI sends them: one object a token. */
const contentSchema = z.object({
  content: z.array(z.object({ token: z.string(), logprob: z.number() })),
});

/** As Together has always sent them: parallel arrays. */
const tokensSchema = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.nullable(z.number())),
});

/**
 * Reads any of the shapes; null when there are none, or none that can be used.
 *
 * @param text What they belong to: in a stream Together sends one number for the chunk's one token.
 */
export function parseLogprobs(value: unknown, text: string): TokenLogprob[] | null {
  if (Number.isFinite(value)) return [clamp({ token: text, logprob: value as number })];
  const content = contentSchema.safeParse(value);
  if (content.success && content.data.content.length > 0) return content.data.content.map(clamp);
  const arrays = tokensSchema.safeParse(value);
  if (!arrays.success) return null;
  const { tokens, token_logprobs: logprobs } = arrays.data;
  if (tokens.length === 0 || tokens.length !== logprobs.length) return null;
  if (logprobs.includes(null)) return null;
  return tokens.map((token, index) => clamp({ token, logprob: logprobs[index]! }));
}

/** Rounding at the provider can leave a certain token a hair above 0. */
function clamp({ token, logprob }: TokenLogprob): TokenLogprob {
  return { token, logprob: Math.min(0, logprob) };
}
