/** What models say, each in many variants: plain and streamed, prose and structure, any prompt. */
import type { Want } from "./case.ts";
import { assertCase } from "./replay.ts";
import { JSON_TEXT, streamed } from "./replies.ts";
import { asStream, OWN, PROSE, STRUCTURE, test, WALL } from "./variants.ts";

const WALL_ALONE: Want = {
  status: 200,
  analysis: "^A wall of red bricks\\.$",
  maxCalls: 1,
  kept: true,
};
const LATE: Want = { status: 599, code: "UPSTREAM_INVALID_RESPONSE", kept: false };

const THOUGHTS: [name: string, before: string][] = [
  ["think", "<think>I should look at the picture.</think>\n\n"],
  ["upper case", "<THINK>I should look.</THINK>"],
  ["thinking", "<thinking>I should look.</thinking>"],
  ["thought, with white space before", "\n  <thought>I should\nlook.</thought> "],
  ["reasoning", "<reasoning>I should look</reasoning>\n"],
  ["attributes", '<think effort="low">I should look</think>'],
  ["escaped", "&lt;think&gt;I should look&lt;/think&gt;"],
  ["wide brackets", "＜think＞I should look＜/think＞"],
  ["a fence of its own", "```thinking\nI should look.\n```\n"],
  ["channels without their marks", "analysisI should look at it.assistantfinal"],
  ["Seed", "<seed:think>I should look</seed:think>"],
  ["Mistral", "[THINK]I should look[/THINK]"],
  ["Kimi", "◁think▷I should look◁/think▷"],
  [
    "channels",
    "<|channel|>analysis<|message|>I should look.<|end|><|start|>assistant<|channel|>final<|message|>",
  ],
  [
    "channels whose answer is JSON",
    "<|channel|>analysis<|message|>I should look.<|end|><|start|>assistant<|channel|>final <|constrain|>JSON<|message|>",
  ],
  [
    "Apriel",
    "Here are my reasoning steps:\nI should look at the picture.\n[BEGIN FINAL RESPONSE]\n",
  ],
  ["Granite", "Here is my thought process:\nI should look.\n\nHere is my response:\n"],
  ["a chain", "<chain_of_thought>I should look.</chain_of_thought>"],
  ["two of them", "<think>I should</think> <think>look again</think>"],
  ["one within one", "<think>I <think>should</think> look</think>"],
  ["empty", "<think></think>"],
  ["a draft in it", `<think>{"description":"DRAFT","family":"stone"}</think>`],
  ["a less-than in it", "<think>a < b, and I should <b>look</think>"],
];

/** Not with a caller's prompt, which may have asked for this. */
const PREFACES: [name: string, before: string][] = [
  ["an analysis", "<analysis>I should look.</analysis>\n"],
  ["an analysis with a draft", `<analysis>{"description":"DRAFT","family":"stone"}</analysis>`],
  ["a plan and an observation", "<plan>I should</plan>\n<observation>look</observation>\n"],
  ["a fold", "<details>\n<summary>Thought for 3 s</summary>\nI should look.\n</details>\n\n"],
  ["headings", "**Thinking**\n\nI should look.\n\n**Final answer:** "],
  ["headings of Markdown", "## Reasoning\nI should look.\n\n## Answer\n"],
];

test(
  "thinking before prose",
  PROSE,
  [...THOUGHTS, ...PREFACES].map(([name, before]) => ({
    name,
    texts: [before + WALL],
    want: { ...WALL_ALONE, analysisNot: "should|think|DRAFT|<" },
  })),
);
test(
  "thinking before prose, own prompt",
  OWN,
  THOUGHTS.map(([name, before]) => ({
    name,
    texts: [before + WALL],
    want: { ...WALL_ALONE, analysisNot: "should|think|DRAFT|<" },
  })),
);
test(
  "thinking before an object",
  STRUCTURE,
  [...THOUGHTS, ...PREFACES].map(([name, before]) => ({
    name,
    texts: [before + JSON_TEXT],
    want: {
      status: 200,
      family: "wood",
      analysisNot: "should|think|DRAFT",
      maxCalls: 1,
      kept: true,
    },
  })),
);

test("thinking without its opening tag", PROSE, [
  {
    name: "prose",
    texts: [`I should look.</think>${WALL}`],
    want: { ...WALL_ALONE, analysisNot: "should" },
    wantStreamed: LATE,
  },
]);
test("thinking without its opening tag, own prompt", OWN, [
  {
    name: "prose",
    texts: [`Okay, the user wants…\n</think>\n\n${WALL}`],
    want: WALL_ALONE,
    wantStreamed: LATE,
  },
]);
test("thinking without its opening tag, structure", STRUCTURE, [
  {
    name: "chat before it",
    texts: [`I should look.</think>${JSON_TEXT}`],
    want: { status: 200, family: "wood", maxCalls: 1 },
  },
  {
    name: "a draft before it",
    texts: [`First: {"description":"DRAFT slab.","family":"stone"} no.</think>${JSON_TEXT}`],
    want: { status: 200, family: "wood", analysisNot: "DRAFT", maxCalls: 1 },
    wantStreamed: LATE,
  },
]);

Deno.test("a model known to leave out the opening tag is held back until the closing one", async () => {
  const variables = {
    TOGETHER_MODEL_CAPABILITIES: '{"*":{"thinking":"unopened"}}',
    TOGETHER_MODEL: "a/b",
  };
  for (const [request, text] of [[PROSE, WALL], [OWN, WALL], [STRUCTURE, JSON_TEXT]] as const) {
    const draft = 'A DRAFT {"description":"DRAFT","family":"stone"}';
    const want = {
      status: 200,
      analysisNot: "DRAFT",
      analysis: "bricks|Oak",
      maxCalls: 1,
      kept: true,
    };
    for (const said of [`${draft}</think>${text}`, text]) {
      const replies = [streamed(said, { size: 3 })];
      await assertCase({ request: asStream(request), replies, want }, variables);
    }
  }
});

test("cut in the thinking", OWN, [
  {
    name: "of every model",
    texts: ["<think>I should look at the picture. It shows"],
    reply: { finishReason: "length" },
    want: { status: 502, code: "UPSTREAM_INVALID_RESPONSE", kept: false },
    wantStreamed: { status: 599, code: "UPSTREAM_INVALID_RESPONSE", analysisNot: "should" },
  },
  {
    name: "of the first",
    texts: ["<think>I should look at the picture. It shows", WALL],
    want: { status: 200, analysis: "bricks", analysisNot: "should", maxCalls: 2 },
  },
]);

const MARKED: [name: string, text: string][] = [
  ["GLM's box", `<|begin_of_box|>${WALL}<|end_of_box|>`],
  ["the end of a turn", `${WALL}<|im_end|>`],
  ["the end of a text", `${WALL}</s>`],
  ["Apriel's", `[BEGIN FINAL RESPONSE]\n${WALL}\n[END FINAL RESPONSE]\n<|end|>`],
  ["DeepSeek's", `${WALL}<｜end▁of▁sentence｜>`],
  ["an answer's tags", `<answer>${WALL}</answer>`],
  ["a fence", "```\n" + WALL + "\n```"],
  ["a fence with a name", "```text\n" + WALL + "\n```"],
  ["a box of TeX", `\\boxed{${WALL}}`],
  ["quotes", `"${WALL}"`],
  ["an object", JSON.stringify({ description: WALL })],
  ["an object in a fence", "```json\n" + JSON.stringify({ answer: WALL }) + "\n```"],
  ["an object within one", JSON.stringify({ result: { text: WALL, score: 1 } })],
  ["a list", JSON.stringify([{ caption: WALL }])],
  ["a list of texts", JSON.stringify([WALL])],
  ["an object that is a text", JSON.stringify(JSON.stringify({ description: WALL }))],
  ["an object with escaped quotes", `{\\"description\\": \\"${WALL}\\"}`],
  ["an object in HTML", JSON.stringify({ description: WALL }).replaceAll('"', "&quot;")],
  ["white space", `\n\n  ${WALL}  \n\t`],
  ["carriage returns", `\r\n${WALL}\r\n`],
  ["the head of a turn without its marks", `assistant\n${WALL}`],
  ["the speaker", `Assistant: ${WALL}`],
];
const ANNOUNCED: [name: string, text: string][] = [
  ["what announces it", `Answer: ${WALL}`],
  ["what announces it, in bold", `**Final Answer:**\n\n${WALL}`],
  ["what announces it, twice", `assistant\n\nFinal answer: ${WALL}`],
  ["what announces it, before an object", `Answer: ${JSON.stringify({ description: WALL })}`],
  ["what announces it, before quotes", `The answer: "${WALL}"`],
];
test(
  "marks around prose",
  PROSE,
  [...MARKED, ...ANNOUNCED].map(([name, text]) => ({
    name,
    texts: [text],
    want: { ...WALL_ALONE, storable: true },
  })),
);
test(
  "marks around prose, own prompt",
  OWN,
  MARKED.map(([name, text]) => ({
    name,
    texts: [text],
    want: { ...WALL_ALONE, storable: true },
  })),
);

test(
  "words that announce nothing, or were asked for",
  OWN,
  [
    "Answer",
    "Assistant managers like oak.",
    "Final answers: 3.",
    "Answer the door: oak.",
    "Answer: oak.",
  ].map((text) => ({
    name: text,
    texts: [text],
    want: { status: 200, analysis: `^${text.replace(".", "\\.")}$`, maxCalls: 1 },
  })),
);
test("a no that is announced", PROSE, [{
  name: "is a no",
  texts: ["Answer: I'm sorry, I can't see the image.", WALL],
  want: { status: 200, analysis: "bricks", analysisNot: "sorry", maxCalls: 2 },
}]);

test("JSON that the caller asked for", { prompt: 'Reply with JSON: {"material": …}' }, [
  {
    name: "stays",
    texts: ['```json\n{"material":"brick"}\n```'],
    want: { status: 200, analysis: '^\\{"material":"brick"\\}$' },
  },
]);
