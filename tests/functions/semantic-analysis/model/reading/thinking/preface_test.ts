import assert from "node:assert/strict";
import { createPrefaceFilter } from "../../../../../../supabase/functions/semantic-analysis/model/reading/thinking/preface.ts";

/** What is left of a text without its prefaces, by single characters and whole. */
function withoutPreface(text: string, { isOwnPrompt = false, isTruncated = false } = {}): string {
  const [whole, streamed] = [[text], text].map((pieces) => {
    let left = "";
    const preface = createPrefaceFilter({ isOwnPrompt, emit: (text) => left += text });
    for (const piece of pieces) preface.push(piece);
    preface.end(isTruncated);
    return left;
  });
  assert.equal(streamed, whole);
  return whole!;
}

Deno.test("createPrefaceFilter() passes on what no answer follows, without its tags", () => {
  assert.equal(withoutPreface("<analysis>A brick wall.</analysis>"), "A brick wall.");
  assert.equal(
    withoutPreface("<observation>A brick wall.</observation> Sure: 90%"),
    "A brick wall. Sure: 90%",
  );
  assert.equal(withoutPreface("<analysis>Hm.</analysis>一面红色的砖墙。"), "一面红色的砖墙。");
});

Deno.test("createPrefaceFilter() passes on what does not end, as it stands", () => {
  for (
    const text of [
      "<analysis>A brick wall.",
      "**Thinking**\nA brick wall.",
      "```thinking\nA brick wall.",
      "analysis",
      "analysis of a brick wall",
      "**Brick** wall, red.",
      "<details",
    ]
  ) assert.equal(withoutPreface(text), text);
});

Deno.test("createPrefaceFilter() drops what is thinking for sure and was cut within it", () => {
  assert.equal(withoutPreface("analysisI should look", { isTruncated: true }), "");
  assert.equal(withoutPreface("```thinking\nI should look", { isTruncated: true }), "");
  assert.equal(withoutPreface("<details>A wall", { isTruncated: true }), "<details>A wall");
});

Deno.test("createPrefaceFilter() leaves a caller's prompt the form that it may have asked for", () => {
  const text = "<analysis>A wall.</analysis>\n<use>For a garden shed.</use>";
  assert.equal(withoutPreface(text, { isOwnPrompt: true }), text);
  const headings = "**Reasoning**\nIt is red.\n**Answer** A wall of bricks.";
  assert.equal(withoutPreface(headings, { isOwnPrompt: true }), headings);
  const thinking = "```think\nHm.\n```\nA wall of bricks.";
  assert.equal(withoutPreface(thinking, { isOwnPrompt: true }), "A wall of bricks.");
});

Deno.test("createPrefaceFilter(): blank lines in a thousand pieces are not searched anew with each", () => {
  let searchedLength = 0;
  const search = RegExp.prototype.exec;
  const preface = createPrefaceFilter({ isOwnPrompt: false, emit: () => {} });
  RegExp.prototype.exec = function (text) {
    searchedLength += text.length;
    return search.call(this, text);
  };
  try {
    for (let piece = 0; piece < 1_000; piece++) preface.push(" \n");
    preface.push("<details>");
    for (let piece = 0; piece < 100; piece++) preface.push("A");
  } finally {
    RegExp.prototype.exec = search;
  }
  assert.ok(searchedLength <= 100_000, `${searchedLength} characters were searched`);
});
