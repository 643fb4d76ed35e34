/**
 * Replies made by a grammar of all that was seen, in any order and any pieces. Whatever comes: no answer
 * holds thinking, JSON or what can't be stored; plain and streamed agree, but for repairs and for closing
 * tags that come too late; no request costs more than was set aside for it.
 */
import assert from "node:assert/strict";
import { MATERIAL_VOCABULARY } from "../../supabase/functions/_shared/client/material.ts";
import { OAK } from "../support/fake-together.ts";
import fc from "../support/fast-check.ts";
import type { Reply } from "./fake-provider.ts";
import { type Replay, replay } from "./replay.ts";
import { chunk, DONE, event, events, JSON_TEXT, whole } from "./replies.ts";
import { asStream, OWN, PROSE, STRUCTURE } from "./variants.ts";

const RUNS = Number(Deno.env.get("FUZZ_RUNS") ?? 60);

/** In every thought, and nowhere else. */
const THOUGHT = "SECRET";

const pick = <Value>(...values: Value[]) => fc.constantFrom(...values);
const join = (...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((texts) => texts.join(""));

const thought = pick(
  `I should look, ${THOUGHT}.`,
  `{"description":"${THOUGHT} draft","family":"stone"}`,
  `a < b ${THOUGHT} {`,
  `"${THOUGHT}`,
);
const thinking = join(pick("<think>", "<THINKING>", "[THINK]", "◁think▷"), thought).chain((text) =>
  fc.constant(
    text +
      (text.startsWith("<think>")
        ? "</think>"
        : text.startsWith("<T")
        ? "</THINKING>"
        : text.startsWith("[")
        ? "[/THINK]"
        : "◁/think▷"),
  )
);
const unopened = thought.map((text) => `${text}</think>`);
const unclosed = thought.map((text) => `<think>${text}`);

const chat = pick(
  "",
  "Sure, here it is:\n",
  "\n\n",
  "```json\n",
  "```",
  "<|begin_of_box|>",
  "<|im_end|>",
  "A wall of red bricks.",
  "It is oak, I think. ",
  "Oak\u0000 from K\u001b[31m\ud800.",
  "!!!!!!!!!!!!",
  "I'm sorry, but I can't help with that.",
);
const object = pick(
  JSON_TEXT,
  JSON.stringify(OAK, null, 2),
  JSON_TEXT.replaceAll('"', "'"),
  JSON_TEXT.replace(/}$/, ",}"),
  JSON_TEXT.replace("with a matt", "with\na \\u0000matt"),
  JSON_TEXT.replace("matt", '"matt"'),
  JSON.stringify({ answer: OAK }),
  JSON.stringify([OAK]),
  JSON.stringify({ answer: JSON_TEXT }),
  JSON.stringify({ ...OAK, description: JSON_TEXT }),
  JSON.stringify({ ...OAK, family: ["wood"], colors: "brown, beige" }),
  JSON.stringify({ description: "A wall." }),
  JSON.stringify({ family: "wood" }),
  JSON_TEXT.slice(0, 80),
  JSON_TEXT.slice(0, 30),
  '{"description":"A material","type":"object","properties":{}}',
  '{"description": broken} ',
  "{}",
);
const text = fc.oneof(
  { weight: 4, arbitrary: join(fc.oneof(chat, thinking), chat, object, chat) },
  { weight: 2, arbitrary: join(thinking, thinking, chat) },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(chat, thinking, object), { maxLength: 5 }).map((all) =>
      all.join("")
    ),
  },
  { weight: 1, arbitrary: join(unopened, chat, object) },
  { weight: 1, arbitrary: join(chat, unclosed) },
);

const usage = fc.oneof(
  fc.constant({ prompt_tokens: 1_000, completion_tokens: 200 }),
  fc.record({
    prompt_tokens: pick<unknown>(0, -1, 1e18, 9e12, "x", null, 1_000),
    completion_tokens: pick<unknown>(0, -1, 1e18, "x", null, 5),
  }),
  fc.constant(null),
);

interface Said {
  text: string;
  finishReason: unknown;
  usage: unknown;
  /** Where a stream is cut into chunks, and what comes between them. */
  cuts: number[];
  between: string;
}
const said: fc.Arbitrary<Said> = fc.record({
  text,
  finishReason: fc.oneof(
    { weight: 6, arbitrary: pick<unknown>("stop", "eos", null) },
    { weight: 2, arbitrary: fc.constant("length") },
    { weight: 1, arbitrary: pick<unknown>("error", "content_filter") },
  ),
  usage,
  cuts: fc.array(fc.nat(400), { maxLength: 12 }),
  between: pick("", "data: \n\n", "event: ping\ndata: {}\n\n", ": x\n\n", event({ choices: null })),
});
/** Instead of a completion. */
const refusal: fc.Arbitrary<Reply> = pick<Reply>(
  { status: 404, body: "{}" },
  { status: 400, body: '{"error":{"code":null}}' },
  { status: 503, body: "" },
  { status: 200, body: '{"error":{"message":"x"}}' },
);

const toWhole = ({ text, finishReason, usage }: Said) => whole(text, { finishReason, usage });

function toStream({ text, finishReason, usage, cuts, between }: Said): Reply {
  const edges = [
    0,
    ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
    text.length,
  ];
  const pieces = edges.slice(1).map((end, at) => text.slice(edges[at], end));
  const chunks = pieces.filter((piece) => piece !== "").map((piece) => chunk(piece) + between);
  return events(chunks.join("") + chunk("", finishReason, { usage }) + DONE);
}

// deno-lint-ignore no-control-regex -- control characters are what it is about
const UNSTORABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** What must hold of every answer. */
function assertSound({ answer, spentNanoUsd, ceilingNanoUsd }: Replay): void {
  const { status, body, shown } = answer;
  const told = JSON.stringify(answer);
  assert.ok([200, 599, 502, 503, 504].includes(status), told);
  assert.ok(spentNanoUsd <= ceilingNanoUsd, `spent ${spentNanoUsd} of ${ceilingNanoUsd}; ${told}`);
  assert.ok(spentNanoUsd >= 0 && Number.isSafeInteger(spentNanoUsd));
  if (status !== 200) return assert.match(body.error.code, /^UPSTREAM_|NOT_CONFIGURED/, told);
  const { analysis, material, confidence, usage } = body;
  assert.match(analysis, /\p{L}/u, told);
  assert.doesNotMatch(analysis + shown, new RegExp(`${THOUGHT}|[{}]|"\\w+" ?:|<\\|`), told);
  assert.ok(confidence === null || confidence >= 0 && confidence <= 1);
  assert.ok(usage.cost_usd === null || usage.cost_usd <= ceilingNanoUsd / 1e9);
  for (const value of [analysis, ...Object.values(material ?? {}).flat()] as string[]) {
    assert.doesNotMatch(value, UNSTORABLE, told);
    assert.ok(value.isWellFormed(), told);
  }
  for (const [field, values] of Object.entries(MATERIAL_VOCABULARY)) {
    if (material) assert.ok((values as readonly string[]).includes(material[field]), told);
  }
}

/** Thinking that is told to be thinking only by its end, or is shown before it begins. */
const hasLateTag = ({ text }: Said) =>
  /^(?!\s*(<think|\[think|◁think))[^]*(<\/think|\[\/think|◁\/think)/i.test(text);

for (
  const [name, request] of [["structure", STRUCTURE], ["prose", PROSE], [
    "own prompt",
    OWN,
  ]] as const
) {
  Deno.test(`fuzz, ${name}: what comes of any replies is sound, plain as streamed`, async () => {
    const replies = fc.array(fc.oneof({ weight: 5, arbitrary: said }, refusal), {
      minLength: 1,
      maxLength: 5,
    });
    const property = fc.asyncProperty(replies, async (all) => {
      const isSaid = (each: Said | Reply): each is Said => "text" in each;
      const plain = await replay(request, all.map((each) => isSaid(each) ? toWhole(each) : each));
      const streams = all.map((each) => isSaid(each) ? toStream(each) : each);
      const streamed = await replay(asStream(request), streams);
      assertSound(plain);
      assertSound(streamed);
      const completions = all.filter(isSaid);
      // What was shown can't be taken back: not repaired, not asked for again, not withdrawn.
      const isStuck = streamed.calls.length < plain.calls.length || streamed.answer.shown !== "" &&
          (completions.some(hasLateTag) || streamed.answer.status !== 200 ||
            streamed.answer.body.warnings.some(({ code }: { code: string }) =>
              code === "ANSWER_TRUNCATED"
            ));
      if (isStuck) return;
      const told = `${JSON.stringify(plain.answer)}\n${JSON.stringify(streamed.answer)}`;
      assert.equal(streamed.answer.status === 200, plain.answer.status === 200, told);
      if (plain.answer.status !== 200) {
        return assert.equal(streamed.answer.body.error.code, plain.answer.body.error.code, told);
      }
      assert.equal(streamed.answer.body.analysis, plain.answer.body.analysis, told);
      assert.deepEqual(streamed.answer.body.material, plain.answer.body.material, told);
      assert.equal(streamed.ttlSeconds, plain.ttlSeconds, told);
    });
    await fc.assert(property, { numRuns: RUNS });
  });
}
