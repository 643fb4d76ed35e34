/** Which tokens of a completion spell the label of its answer. */

import type { TokenLogprob } from "../../../_shared/together-ai/completion/logprobs.ts";
import type { MemberSpan } from "../reading/json/parser.ts";
import { endsThinking } from "../reading/thinking/thinking.ts";

/** Where an answer has its label. */
export interface LabelPlace {
  /** What the model said, without its thinking. */
  text: string;
  span: MemberSpan;
  /** Where the object ends. */
  end: number;
}

/** A token with a part of the label in it. */
export interface LabelToken extends TokenLogprob {
  /** Where the token begins, counted from the label's first letter; below 0 where it holds more. */
  at: number;
}

/**
 * The tokens that spell the label in the answer; null when they can't be told. There may be more tokens
 * than the answer has, such as those of the thinking before it, which may hold a label as well: so the
 * answer's own are those that spell all of it from the label on, the last time.
 */
export function findLabelTokens(
  tokens: readonly TokenLogprob[],
  { text, span, end }: LabelPlace,
  family: string,
): LabelToken[] | null {
  const value = text.slice(span.valueStart, span.valueEnd);
  const label = /\p{L}[\p{L}_ -]*/u.exec(value);
  if (label === null || toFamilyName(label[0]) !== family) return null;
  const said = tokens.map(({ token }) => token).join("");
  const answerStart = said.lastIndexOf(text.slice(span.keyStart, end));
  if (answerStart === -1 || endsThinking(said.slice(answerStart))) return null;
  const start = answerStart + span.valueStart - span.keyStart + label.index;
  const stop = start + label[0].trimEnd().length;
  const found: LabelToken[] = [];
  let offset = 0;
  for (const token of tokens) {
    if (offset >= stop) break;
    const at = offset - start;
    offset += token.token.length;
    if (offset > start) found.push({ ...token, at });
  }
  return found;
}

/** A family in the vocabulary's spelling, whatever the model's. */
export function toFamilyName(label: string): string {
  return label.trim().toLowerCase().replace(/[\s-]+/g, "_");
}
