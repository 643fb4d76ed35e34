/** What the tokens that might have stood in place of the label's say of the families. */

import type { FamilyProbabilities } from "../../../_shared/client/contract.ts";
import { type Material, MATERIAL_VOCABULARY } from "../../../_shared/client/material.ts";
import { readAlternatives } from "../../../_shared/together-ai/completion/logprobs.ts";
import { type LabelToken, toFamilyName } from "./label-tokens.ts";

type Family = Material["family"];

/**
 * Follows the label's tokens to the first that can begin no other family, and adds to each family the
 * probabilities of the tokens on the way that can begin it alone. What several families may begin with,
 * or none, belongs to no family here.
 *
 * @returns null where no token came with an alternative.
 */
export function toFamilyProbabilities(tokens: readonly LabelToken[]): FamilyProbabilities | null {
  const found: FamilyProbabilities = {};
  let hasAlternatives = false;
  let reached = 1;
  let said = "";
  const add = (family: Family, logprob: number) => {
    const sum = (found[family] ?? 0) + reached * Math.exp(logprob);
    found[family] = Math.min(1, Math.round(sum * 10_000) / 10_000);
  };
  for (const token of tokens) {
    for (const { token: alternative, logprob } of readAlternatives(token)) {
      if (alternative === token.token) continue;
      hasAlternatives = true;
      const family = findOnlyFamily(said + withoutPrefix(alternative, token.at));
      if (family !== null) add(family, logprob);
    }
    said += withoutPrefix(token.token, token.at);
    const answered = findOnlyFamily(said);
    if (answered !== null) {
      add(answered, token.logprob);
      return hasAlternatives ? found : null;
    }
    reached *= Math.exp(token.logprob);
  }
  // A label that is also the beginning of another: there is none in the vocabulary.
  return null;
}

/** The first of the label's tokens may begin before it, with a quote or a space. */
function withoutPrefix(token: string, at: number): string {
  return at <= 0 ? token.replace(/^[^\p{L}]+/u, "") : token;
}

/** The one family that begins with these letters; where a mark follows them, the one that they spell. */
function findOnlyFamily(said: string): Family | null {
  const [word = ""] = /^[\p{L}_ -]*/u.exec(said)!;
  const isWhole = word.length < said.length;
  const name = toFamilyName(word);
  if (name === "") return null;
  const families = MATERIAL_VOCABULARY.family.filter((family) =>
    isWhole ? family === name : family.startsWith(name)
  );
  return families.length === 1 ? families[0]! : null;
}
