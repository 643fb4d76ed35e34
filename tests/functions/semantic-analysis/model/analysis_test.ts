/** Structured answers: read, repaired, raised, or taken as prose. */
import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { AnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import {
  analyse,
  CHAIN,
  cut,
  hasImage,
  JSON_TEXT,
  MATERIAL,
  MODEL,
  REQUEST,
  unsure,
} from "../../../support/analyse.ts";
import {
  type Answer,
  chunk,
  OAK,
  refusal,
  saying,
  streaming,
} from "../../../support/fake-together.ts";

Deno.test("a structured answer is asked for with 700 tokens, in the form and with probabilities", async () => {
  const { bodies: [body] } = await analyse([saying(OAK)]);
  assert.equal(body.max_tokens, 700);
  assert.equal(body.response_format.type, "json_schema");
  assert.equal(body.logprobs, 5);
  assert.match(body.messages[1].content[0].text, /Answer with one JSON object/);
});

Deno.test("prose is asked for with 300 tokens, and without a form", async () => {
  for (
    const request of [
      { analysisType: "general_description" as const },
      { prompt: "Which wood is this?" },
    ]
  ) {
    const { bodies: [body], analysis } = await analyse([saying("Oak.")], request);
    assert.equal(body.max_tokens, 300);
    assert.equal("response_format" in body, false);
    assert.equal(analysis.material, null);
    assert.equal(analysis.figure.raw, null);
  }
});

Deno.test("with less than 600 tokens an answer is prose, as the existing clients ask for", async () => {
  for (const [maxTokens, isStructured] of [[200, false], [599, false], [600, true]] as const) {
    const { bodies: [body] } = await analyse([saying(OAK)], { maxTokens });
    assert.equal("response_format" in body, isStructured, String(maxTokens));
    assert.equal(body.max_tokens, maxTokens);
  }
  const { bodies: [body] } = await analyse([saying("Oak.")], {}, { maxTokens: 500 });
  assert.equal(body.max_tokens, 300);
});

Deno.test("a structured answer becomes prose, material and confidence", async () => {
  const answer = saying("", {
    choices: [{ message: { content: JSON_TEXT }, ...unsure(JSON_TEXT, 0.8) }],
  });
  const { analysis, codes } = await analyse([answer]);
  assert.equal(analysis.analysis, OAK.description);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(analysis.figure, {
    raw: Math.round(0.8 ** 0.7 * 0.9 ** 0.3 * 1e4) / 1e4,
    method: "fused",
    families: null,
    model: analysis.model_requested,
  });
  assert.deepEqual(codes, []);
});

Deno.test("an answer in another form is repaired once, without the picture", async () => {
  const { analysis, bodies, attempts, codes } = await analyse([saying("It is oak."), saying(OAK)]);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.equal(analysis.analysis, OAK.description);
  assert.deepEqual(bodies.map(hasImage), [true, false]);
  assert.match(bodies[1].messages[1].content, /-----\nIt is oak\.\n-----/);
  // The label was copied, so its tokens say nothing about it.
  assert.equal(analysis.figure.method, "verbalized");
  assert.equal(analysis.usage.prompt_tokens, 2000);
  assert.equal(attempts.length, 2);
  assert.deepEqual(codes, []);
});

Deno.test("a completion that a repair can't mend is given as prose", async () => {
  const { analysis, bodies, codes } = await analyse([saying("It is oak."), saying("Still oak.")]);
  assert.equal(analysis.analysis, "It is oak.");
  assert.equal(analysis.material, null);
  assert.equal(analysis.figure.raw, null);
  assert.equal(bodies.length, 2);
  assert.deepEqual(codes, ["STRUCTURE_UNAVAILABLE"]);
});

Deno.test("a repair that fails leaves the prose, and its attempts are told", async () => {
  const { analysis, attempts, codes } = await analyse([saying("It is oak."), refusal(422)]);
  assert.equal(analysis.analysis, "It is oak.");
  assert.deepEqual(attempts.map(({ reason }) => reason), ["ok", "status_422", "status_422"]);
  assert.deepEqual(codes, ["STRUCTURE_UNAVAILABLE"]);
});

Deno.test("a cut answer is asked for once more with twice the length", async () => {
  const { analysis, bodies, codes } = await analyse([cut(JSON_TEXT.slice(0, 120)), saying(OAK)]);
  assert.deepEqual(bodies.map(({ max_tokens }) => max_tokens), [700, 1400]);
  assert.deepEqual(bodies.map(hasImage), [true, true]);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(codes, []);
});

Deno.test("a cut answer is not asked for beyond the cap: what is whole of it is kept", async () => {
  const text = JSON_TEXT.slice(0, JSON_TEXT.indexOf('"texture"') + 5);
  for (const [request, options] of [[{ maxTokens: 700 }, {}], [{}, { maxTokens: 700 }]] as const) {
    const { analysis, bodies, codes } = await analyse([cut(text)], request, options);
    assert.equal(bodies.length, 1);
    assert.equal(analysis.analysis, OAK.description);
    assert.equal(analysis.material?.finish, "matte");
    assert.equal(analysis.material?.texture, "unknown");
    assert.deepEqual(codes, ["ANSWER_TRUNCATED"]);
  }
});

Deno.test("a cut answer that was complete all the same is taken, and marked", async () => {
  const { analysis, bodies, codes } = await analyse([cut(`${JSON_TEXT}\nAnd now let me`)]);
  assert.equal(bodies.length, 1);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(codes, ["ANSWER_TRUNCATED"]);
});

Deno.test("an answer that breaks off is marked in words that hold for every cause", async () => {
  const text = JSON_TEXT.slice(0, JSON_TEXT.indexOf('"texture"'));
  for (
    const [name, answers, request] of [
      ["at max_tokens", [cut(text)], { maxTokens: 700 }],
      ["by the model", [saying(text), refusal(422)], {}],
    ] as const
  ) {
    const { analysis } = await analyse([...answers], request);
    assert.equal(analysis.material?.finish, "matte", name);
    assert.deepEqual(analysis.warnings, [{
      code: "ANSWER_TRUNCATED",
      message: "The answer breaks off: at max_tokens, or where the model left it unfinished",
    }], name);
  }
});

Deno.test("the model told is the one whose answer was read, and the usage that of all", async () => {
  const { analysis, codes } = await analyse(
    [
      cut(JSON_TEXT.slice(0, 60), {}, { model: MODEL }),
      refusal(503),
      saying(OAK, { model: "b/second" }),
    ],
    {},
    { models: CHAIN },
  );
  assert.equal(analysis.model_requested, MODEL);
  assert.equal(analysis.model_used, "b/second");
  assert.deepEqual(codes, ["MODEL_FALLBACK"]);
  assert.equal(analysis.usage.prompt_tokens, 2000);
  assert.ok(analysis.usage.cost_usd! > 0);
});

Deno.test("the model told is the first one's where the second answer could not be read", async () => {
  const { analysis, codes } = await analyse(
    [
      saying("It is oak.", { model: MODEL }),
      refusal(503),
      saying("Sorry.", { model: "b/second" }),
    ],
    {},
    { models: CHAIN },
  );
  assert.equal(analysis.model_used, MODEL);
  assert.equal(analysis.analysis, "It is oak.");
  assert.deepEqual(codes, ["STRUCTURE_UNAVAILABLE"]);
});

Deno.test("a confidence rests on the tokens of the answer that was read", async () => {
  const text = JSON_TEXT.slice(0, JSON_TEXT.indexOf('"style"'));
  const cases: [string, Answer[], number | null][] = [
    ["whole after cut", [
      cut(text, unsure(text, 0.1)),
      saying("", { choices: [{ message: { content: JSON_TEXT }, ...unsure(JSON_TEXT, 0.8) }] }),
    ], 0.8 ** 0.7 * 0.9 ** 0.3],
    ["both cut", [cut(text, unsure(text, 0.1)), cut(text, unsure(text, 0.8))], 0.8],
    ["the second cut too soon", [
      cut(text, unsure(text, 0.1)),
      cut(JSON_TEXT.slice(0, 20), unsure(text, 0.8)),
    ], 0.1],
    ["a repair, cut", [saying("It is oak."), cut(text, unsure(text, 0.8))], null],
    ["the first, unfinished, and no repair", [
      saying("", { choices: [{ message: { content: text }, ...unsure(text, 0.8) }] }),
      refusal(422),
    ], 0.8],
  ];
  for (const [name, answers, expected] of cases) {
    const { analysis } = await analyse(answers);
    assert.equal(analysis.material?.family, "wood", name);
    assert.equal(analysis.figure.raw, expected && Math.round(expected * 1e4) / 1e4, name);
  }
});

Deno.test("a term that isn't in the vocabulary is noted", async () => {
  const { analysis, codes } = await analyse([saying({ ...OAK, finish: "like velvet" })]);
  assert.equal(analysis.material?.finish, "unknown");
  assert.deepEqual(codes, ["VALUE_NOT_IN_VOCABULARY"]);
  assert.match(analysis.warnings[0]!.message, /finish "like velvet"/);
});

Deno.test("the picture's cost is known before, and a picture too large said to be so", async () => {
  const picture = { ...REQUEST.picture, width: 4000, height: 3000 } as AnalysisRequest["picture"];
  const { analysis, codes } = await analyse([saying(OAK)], { picture });
  assert.ok(analysis.usage.estimated_prompt_tokens > 6404);
  assert.equal(
    analysis.usage.estimated_cost_usd,
    (analysis.usage.estimated_prompt_tokens * 170 + 700 * 250) / 1e9,
  );
  assert.deepEqual(codes, ["IMAGE_LARGER_THAN_USED"]);
  assert.match(analysis.warnings[0]!.message, /4000 × 3000 .*6404.* 1119 × 839 costs 1601/);
});

Deno.test("an object without a description, and nothing beside it, is no answer", async () => {
  const { description: _, ...silent } = OAK;
  const texts: string[] = [];
  for (
    const text of [
      "{}",
      JSON.stringify(silent),
      "```json\n" + JSON.stringify(silent) + "\n```",
      '{"family":"wo',
      "<think>It may be oak, or",
      '<think>Oak.</think>{"family":"wood"}',
    ]
  ) {
    for (const onText of [undefined, (piece: string) => void texts.push(piece)]) {
      const answer = onText ? streaming([chunk(text)]) : saying(text);
      await assert.rejects(
        analyse([answer], {}, { onText }),
        (error) => error instanceof ApiError && error.code === "UPSTREAM_INVALID_RESPONSE",
        text,
      );
    }
  }
  assert.deepEqual(texts, []);
});

Deno.test("of a completion that is cut and can't be repaired its prose is given, and no JSON", async () => {
  const cases: [Answer[], string][] = [
    [[cut('{"description":"Oak with a m'), cut('{"description":"Oak')], "Oak with a m"],
    [[saying('Oak, I think. {"family":"wood"}'), refusal(422)], "Oak, I think."],
    [[saying('{"family":"wood"}'), saying("It is wood.")], "It is wood."],
  ];
  for (const [answers, expected] of cases) {
    const { analysis, codes } = await analyse(answers);
    assert.equal(analysis.analysis, expected);
    assert.equal(analysis.material, null);
    assert.equal(codes[0], "STRUCTURE_UNAVAILABLE");
  }
});
