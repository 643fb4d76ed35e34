import assert from "node:assert/strict";
import {
  createThinkingFilter,
  endsThinking,
  withoutThinking,
} from "../../../../../supabase/functions/semantic-analysis/model/reading/thinking.ts";

const TAGS = [
  ["<think>", "</think>"],
  ["&lt;Reasoning&gt;", "&lt;/Reasoning&gt;"],
  ["[THINK]", "[/THINK]"],
  ["[think]", "[/think]"],
  ["◁think▷", "◁/think▷"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["<|channel>thought", "<channel|>"],
  ["<|channel|>analysis<|message|>", "<|channel|>final<|message|>"],
] as const;

/** What is left of a text that comes in these pieces. */
function filter(pieces: Iterable<string>): string {
  let left = "";
  const thinking = createThinkingFilter({
    isUnopened: false,
    emit: (text) => left += text,
    onRestart: () => left = "",
  });
  for (const piece of pieces) thinking.push(piece);
  thinking.end(false);
  return left;
}

for (const [opening, closing] of TAGS) {
  const text = `${opening} It could be ash. ${closing}Oak [matt] & "grained".`;

  Deno.test(`createThinkingFilter() takes out what ${opening} begins, whole or by single characters`, () => {
    assert.equal(filter([text]), 'Oak [matt] & "grained".');
    assert.equal(filter(text), 'Oak [matt] & "grained".');
  });

  Deno.test(`withoutThinking() and endsThinking() know ${closing}`, () => {
    assert.equal(withoutThinking(text), 'Oak [matt] & "grained".');
    assert.ok(endsThinking(text));
  });
}

Deno.test("createThinkingFilter() passes on a list that is no tag, whole or by single characters", () => {
  const text = '{"colors":["brown",[teal]],"note":"a [t-shaped] joint [';
  assert.equal(filter([text]), text);
  assert.equal(filter(text), text);
  assert.equal(withoutThinking(text), text);
  assert.equal(endsThinking(text), false);
});
