import { tokenize } from "./tokens.ts";

/** A word of the answer that might have been another, with real probabilities. */
export interface Guess {
  word: string;
  /** Where the word stands in the answer's text. */
  start: number;
  /** Of all words that might have stood there, `word` included. */
  probabilities: ReadonlyMap<string, number>;
}

/** A token of the answer and how likely it was. */
export interface ScoredToken {
  text: string;
  /** Natural logarithm of the probability, given the tokens before. */
  logprob: number;
  /** What might have stood here, likeliest first, the token itself included. */
  alternatives: [text: string, logprob: number][];
}

/**
 * How log probabilities are written.
 *
 * `tokens` is Together's own in a whole answer, `number` its own in a stream, `content` is OpenAI's.
 */
export type LogprobsShape = "tokens" | "number" | "content" | "null";

/** That log probabilities are wanted, and how. */
export interface LogprobsRequest {
  shape: LogprobsShape;
  /** Alternatives to report per token, 0 to 20. */
  top: number;
}

/**
 * Splits an answer into tokens and scores them.
 *
 * Only the guessed word is uncertain, every other token has the log 0. Where the word is of several
 * tokens, each is scored given those before it, so that together they make the word's probability.
 */
export function scoreTokens(text: string, guess?: Guess): ScoredToken[] {
  let end = 0;
  let place = 0;
  let possible: { pieces: string[]; probability: number }[] | null = null;
  return tokenize(text).map((token) => {
    const start = end;
    end += token.length;
    const isGuessed = guess !== undefined && end > guess.start &&
      start < guess.start + guess.word.length;
    if (!isGuessed) return { text: token, logprob: 0, alternatives: [[token, 0]] };
    possible ??= [...guess.probabilities].map(([word, probability]) => ({
      // The first token may bring the space before the word.
      pieces: tokenize(token.slice(0, Math.max(0, guess.start - start)) + word),
      probability,
    }));
    const alternatives = rank(possible.map(({ pieces, probability }) => ({
      piece: pieces[place] ?? "",
      probability,
    })));
    possible = possible.filter(({ pieces }) => pieces[place] === token);
    place++;
    const logprob = alternatives.find(([piece]) => piece === token)?.[1] ?? 0;
    return { text: token, logprob, alternatives };
  });
}

/** The members of a choice that report log probabilities. */
export function toLogprobsFields(
  tokens: readonly ScoredToken[],
  { shape, top }: LogprobsRequest,
): { logprobs: unknown; top_logprobs?: unknown } {
  const topOf = ({ alternatives }: ScoredToken) => Object.fromEntries(alternatives.slice(0, top));
  switch (shape) {
    case "null":
      return { logprobs: null };
    case "number":
      return {
        logprobs: tokens.reduce((sum, { logprob }) => sum + logprob, 0),
        ...(top === 0 ? {} : { top_logprobs: Object.assign({}, ...tokens.map(topOf)) }),
      };
    case "tokens":
      return {
        logprobs: {
          tokens: tokens.map(({ text }) => text),
          token_logprobs: tokens.map(({ logprob }) => logprob),
          ...(top === 0 ? {} : { top_logprobs: tokens.map(topOf) }),
        },
      };
    case "content":
      return {
        logprobs: {
          content: tokens.map(({ text, logprob, alternatives }) => ({
            ...toContentEntry([text, logprob]),
            top_logprobs: alternatives.slice(0, top).map(toContentEntry),
          })),
          refusal: null,
        },
      };
  }
}

function toContentEntry([token, logprob]: [string, number]) {
  return { token, logprob, bytes: [...new TextEncoder().encode(token)] };
}

function rank(odds: { piece: string; probability: number }[]): [string, number][] {
  const total = odds.reduce((sum, { probability }) => sum + probability, 0);
  const byPiece = new Map<string, number>();
  for (const { piece, probability } of odds) {
    byPiece.set(piece, (byPiece.get(piece) ?? 0) + probability);
  }
  return [...byPiece]
    .sort(([, left], [, right]) => right - left)
    .map(([piece, probability]) => [piece, Math.min(0, Math.log(probability / total))]);
}
