/** The probabilities of a completion's tokens, in any of the shapes that servers send. */

import { asObject } from "./reported-failure.ts";

/** One token of a completion. */
export interface TokenLogprob {
  token: string;
  /** Natural logarithm of its probability; at most 0. */
  logprob: number;
  /** What else might have stood here, as it came: for `readAlternatives`. */
  alternatives?: unknown;
}

/**
 * Log probabilities as OpenAI sends them, one object a token; as Together always has, parallel arrays; and
 * in a stream one number for the chunk's one token.
 *
 * @param text What they belong to.
 * @param alternatives Of the one token, where they stand beside its number.
 */
export function readLogprobs(
  value: unknown,
  text: string,
  alternatives?: unknown,
): TokenLogprob[] | null {
  if (Number.isFinite(value)) return toTokens([text], [value], [alternatives]);
  const logprobs = asObject(value);
  if (logprobs === null) return null;
  if (!Array.isArray(logprobs.content)) {
    return toTokens(logprobs.tokens, logprobs.token_logprobs, logprobs.top_logprobs);
  }
  const tokens = logprobs.content.map(asObject);
  const membersOf = (name: string) => tokens.map((each) => each?.[name]);
  return toTokens(membersOf("token"), membersOf("logprob"), membersOf("top_logprobs"));
}

/**
 * The likeliest tokens in place of one, itself among them or not: an object of logarithms as Together sends
 * it, or a list as OpenAI does. They are read for the few tokens of a label alone, and not as they come.
 *
 * @example
 * ```ts
 * const [likeliest] = readAlternatives({
 *   token: "wood",
 *   logprob: -0.3,
 *   alternatives: { wood: -0.3, stone: -1.6 },
 * });
 * console.log(likeliest?.token);
 * ```
 */
export function readAlternatives({ alternatives }: TokenLogprob): TokenLogprob[] {
  if (Array.isArray(alternatives)) {
    const tokens = alternatives.map(asObject);
    return toTokens(tokens.map((each) => each?.token), tokens.map((each) => each?.logprob)) ?? [];
  }
  const byToken = asObject(alternatives);
  return byToken === null ? [] : toTokens(Object.keys(byToken), Object.values(byToken)) ?? [];
}

function toTokens(
  tokens: unknown,
  logprobs: unknown,
  alternatives?: unknown,
): TokenLogprob[] | null {
  if (!Array.isArray(tokens) || !Array.isArray(logprobs)) return null;
  if (tokens.length === 0 || tokens.length !== logprobs.length) return null;
  const pairs = tokens.map((token, at) => ({ token, logprob: logprobs[at] }));
  const isUsable = pairs.every(({ token, logprob }) =>
    typeof token === "string" && typeof logprob === "number" && Number.isFinite(logprob)
  );
  if (!isUsable) return null;
  return pairs.map(({ token, logprob }, at) => ({
    token,
    // Rounding at the provider can leave a certain token a hair above 0.
    logprob: Math.min(0, logprob),
    ...(Array.isArray(alternatives) && hasMembers(alternatives[at]) && {
      alternatives: alternatives[at],
    }),
  }));
}

function hasMembers(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : asObject(value) !== null;
}
