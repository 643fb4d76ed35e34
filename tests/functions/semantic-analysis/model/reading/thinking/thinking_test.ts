import assert from "node:assert/strict";
import {
  createThinkingFilter,
  endsThinking,
  withoutThinking,
} from "../../../../../../supabase/functions/semantic-analysis/model/reading/thinking/thinking.ts";

const TAGS = [
  ["<think>", "</think>"],
  ["&lt;Reasoning&gt;", "&lt;/Reasoning&gt;"],
  ["[THINK]", "[/THINK]"],
  ["[think]", "[/think]"],
  ["◁think▷", "◁/think▷"],
  ["<thought_process>", "</thought_process>"],
  ["<inner_monologue>", "</inner_monologue>"],
  ["<antThinking>", "</antThinking>"],
  ["<reasoning_content>", "</reasoning_content>"],
  ["<rationale>", "</rationale>"],
  ["[REASONING]", "[/REASONING]"],
  ["<unused94>thought\n", "<unused95>"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["<|channel>thought", "<channel|>"],
  ["<|channel|>analysis<|message|>", "<|channel|>final<|message|>"],
  ["<|channel|>analysis<|message|>", "<|channel|>final <|constrain|>json<|message|>"],
  ["<|channel|>commentary to=x <|constrain|>json<|message|>", "<|channel|>final<|message|>"],
  ["<chain_of_thought>", "</chain_of_thought>"],
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

Deno.test("thinking that its only tag says there is none of leaves the text", () => {
  for (const tag of ["<think/>", "<think />", "&lt;think/&gt;"]) {
    assert.equal(filter(`${tag}A wall.`), "A wall.", tag);
    assert.equal(filter([`${tag}A wall.`]), "A wall.", tag);
    assert.equal(withoutThinking(`${tag}A wall.`), "A wall.", tag);
    assert.equal(withoutThinking(`<think>hm ${tag} hm</think>A wall.`), "A wall.", tag);
  }
});

Deno.test("a tag whose name only begins like thinking's is no tag of it", () => {
  for (const text of ["<cotton> weave", "<thinner> boards", "[R] oak", "[Red] oak"]) {
    assert.equal(filter(text), text);
  }
});
