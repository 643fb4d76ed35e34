/** Structured answers: read, repaired, raised, or taken as prose. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeBase64Text } from "../../../supabase/functions/_shared/base64/base64-text.ts";
import { ApiError } from "../../../supabase/functions/_shared/http/api-error.ts";
import { createTogetherClient } from "../../../supabase/functions/_shared/together-ai/client.ts";
import {
  type AnalyseOptions,
  createAnalyse,
} from "../../../supabase/functions/semantic-analysis/analysis.ts";
import { createSpending } from "../../../supabase/functions/_shared/together-ai/spending.ts";
import { toPlan } from "../../../supabase/functions/semantic-analysis/plan.ts";
import type { AnalysisRequest } from "../../../supabase/functions/semantic-analysis/request.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { toGifOfLength } from "../../support/images.ts";
import {
  type Answer,
  chunk,
  createFakeTogether,
  OAK,
  refusal,
  saying,
  streaming,
} from "../../support/fake-together.ts";

const MODEL = "Qwen/Qwen3.5-9B";

const REQUEST: AnalysisRequest = {
  image: {
    kind: "bytes",
    mediaType: "image/gif",
    base64: encodeBase64Text(toGifOfLength(12)),
    sha256: "00".repeat(32),
    byteLength: 12,
    width: 3,
    height: 2,
  },
  analysisType: "material_identification",
  prompt: null,
  temperature: 0.1,
  maxTokens: null,
  isStreamed: false,
  cacheMode: "use",
  warnings: [],
};

const LENGTH = { finish_reason: "length" };
const cut = (text: string, choice: object = {}, overrides: object = {}): Answer =>
  saying("", { choices: [{ ...LENGTH, message: { content: text }, ...choice }], ...overrides });
/** The probabilities of an answer's tokens: certain of all but the family. */
const unsure = (text: string, probability: number) => {
  const [before, after] = text.split("wood");
  const token_logprobs = [0, Math.log(probability), 0];
  return { logprobs: { tokens: [before, "wood", after], token_logprobs } };
};
const JSON_TEXT = JSON.stringify(OAK);
const streamingText = (text: string, size = 9, end?: Parameters<typeof streaming>[1]): Answer =>
  streaming(text.match(new RegExp(`[^]{1,${size}}`, "g"))!.map((piece) => chunk(piece)), end);
const { description: _, confidence: __, ...MATERIAL } = OAK;

type Options = Partial<AnalyseOptions> & { maxTokens?: number; models?: [string, ...string[]] };

async function analyse(
  answers: Answer[],
  request: Partial<AnalysisRequest> = {},
  { maxTokens = 4096, models = [MODEL], ...options }: Options = {},
) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const client = createTogetherClient({
    apiKey: "k",
    baseUrl: "https://api.together.example/v1",
    models,
    effects: { fetch: together.fetch, now: clock.now, sleep: clock.sleep, random: () => 0 },
  });
  const run = createAnalyse({ client, preferredModel: MODEL, now: clock.now });
  const wanted = { ...REQUEST, ...request };
  const spending = createSpending();
  const outcome = await clock.run(
    run(wanted, toPlan(wanted, maxTokens), { timeoutMs: 60_000, spending, ...options }),
  );
  const { attempts } = spending;
  const bodies = together.requests.map(({ body }) => body);
  return { ...outcome, attempts, bodies, codes: outcome.analysis.warnings.map(({ code }) => code) };
}

const hasImage = (body: { messages: { content: unknown }[] }) =>
  JSON.stringify(body.messages).includes("image_url");

Deno.test("a structured answer is asked for with 700 tokens, in the form and with probabilities", async () => {
  const { bodies: [body] } = await analyse([saying(OAK)]);
  assert.equal(body.max_tokens, 700);
  assert.equal(body.response_format.type, "json_schema");
  assert.equal(body.logprobs, 1);
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
    assert.equal(analysis.confidence, null);
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
  const logprobs = {
    tokens: ['{"family":"', "wood", '"}'],
    token_logprobs: [0, Math.log(0.8), 0],
  };
  const answer = saying("", { choices: [{ message: { content: JSON_TEXT }, logprobs }] });
  const { analysis, codes } = await analyse([answer]);
  assert.equal(analysis.analysis, OAK.description);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.equal(analysis.confidence, Math.round(0.8 ** 0.7 * 0.9 ** 0.3 * 1e4) / 1e4);
  assert.deepEqual(analysis.confidence_detail, { method: "fused", calibrated: false });
  assert.deepEqual(codes, []);
});

Deno.test("an answer in another form is repaired once, without the picture", async () => {
  const { analysis, bodies, attempts, codes } = await analyse([saying("It is oak."), saying(OAK)]);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.equal(analysis.analysis, OAK.description);
  assert.deepEqual(bodies.map(hasImage), [true, false]);
  assert.match(bodies[1].messages[1].content, /-----\nIt is oak\.\n-----/);
  // The label was copied, so its tokens say nothing about it.
  assert.equal(analysis.confidence_detail.method, "verbalized");
  assert.equal(analysis.usage.prompt_tokens, 2000);
  assert.equal(attempts.length, 2);
  assert.deepEqual(codes, []);
});

Deno.test("what can't be repaired is prose", async () => {
  const { analysis, bodies, codes } = await analyse([saying("It is oak."), saying("Sorry.")]);
  assert.equal(analysis.analysis, "It is oak.");
  assert.equal(analysis.material, null);
  assert.equal(analysis.confidence, null);
  assert.equal(bodies.length, 2);
  assert.deepEqual(codes, ["STRUCTURE_UNAVAILABLE"]);
});

Deno.test("a repair that fails leaves the prose, and its attempts are told", async () => {
  const { analysis, attempts, codes } = await analyse([saying("It is oak."), refusal(422)]);
  assert.equal(analysis.analysis, "It is oak.");
  assert.deepEqual(attempts.map(({ reason }) => reason), ["ok", "status_422"]);
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

Deno.test("an answer that breaks off is marked in words that hold whoever ended it", async () => {
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

const CHAIN: [string, string] = [MODEL, "b/second"];

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
    assert.equal(analysis.confidence, expected && Math.round(expected * 1e4) / 1e4, name);
  }
});

Deno.test("a term that isn't in the vocabulary is noted", async () => {
  const { analysis, codes } = await analyse([saying({ ...OAK, finish: "like velvet" })]);
  assert.equal(analysis.material?.finish, "unknown");
  assert.deepEqual(codes, ["VALUE_NOT_IN_VOCABULARY"]);
  assert.match(analysis.warnings[0]!.message, /finish "like velvet"/);
});

Deno.test("the picture's cost is known before, and a picture too large said to be so", async () => {
  const image = { ...REQUEST.image, width: 4000, height: 3000 } as AnalysisRequest["image"];
  const { analysis, codes } = await analyse([saying(OAK)], { image });
  assert.ok(analysis.usage.estimated_prompt_tokens > 6404);
  assert.equal(
    analysis.usage.estimated_cost_usd,
    (analysis.usage.estimated_prompt_tokens * 170 + 700 * 250) / 1e9,
  );
  assert.deepEqual(codes, ["IMAGE_LARGER_THAN_USED"]);
  assert.match(analysis.warnings[0]!.message, /4000 × 3000 .*6404.* 1119 × 839 costs 1601/);
});

/** As `analyse`, streamed: the pieces that are shown must be the analysis. */
async function analyseStreamed(
  answers: Answer[],
  request: Partial<AnalysisRequest> = {},
  options: Options = {},
) {
  const texts: string[] = [];
  const onText = (text: string) => void texts.push(text);
  const outcome = await analyse(answers, request, { ...options, onText });
  assert.equal(texts.join(""), outcome.analysis.analysis);
  assert.ok(!texts.includes(""), "an empty piece was shown");
  return { ...outcome, texts, reasons: outcome.attempts.map(({ reason }) => reason) };
}

Deno.test("a streamed answer shows the description as it comes, then all of it", async () => {
  const { analysis, bodies, texts } = await analyseStreamed([streamingText(JSON_TEXT, 7)]);
  assert.ok(texts.length > 2);
  assert.equal(analysis.analysis, OAK.description);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.equal(bodies[0].stream, true);
});

Deno.test("whatever a streamed answer is, its pieces are the analysis", async () => {
  const long = "It is oak, with a matt finish and a straight grain. ".repeat(5).trim();
  const backwards = JSON.stringify(Object.fromEntries(Object.entries(OAK).toReversed()));
  for (
    const text of [
      "It is oak.",
      long,
      backwards,
      "```json\n" + JSON_TEXT + "\n```",
      JSON_TEXT.slice(0, 25),
      '{"description":"Oak","family":',
      '{"description":"Oak", family: wood}',
      `${long}\n\n${JSON_TEXT}`,
      `${long}\n\n${backwards}`,
      `<think>{"description":"a draft"}</think>${JSON_TEXT}`,
      `<think>{"plan":1}</think>${long}`,
      `{"type":"object"} ${JSON_TEXT}`,
      `{"material":${JSON_TEXT}}`,
      `${long} {"family":"wood"}`,
      `{"description": text} {"description":"Oak, at last."}`,
      `{"description":"text", family: one of them} ${JSON_TEXT}`,
      "```\n" + long + "\n```",
    ]
  ) {
    for (const second of [refusal(422), saying("Sorry."), saying(text), saying(OAK)]) {
      const { analysis } = await analyseStreamed([streamingText(text), second]);
      assert.match(analysis.analysis, /^[^{}<>`]+$/, text);
    }
  }
});

Deno.test("a stream that breaks before anything was shown of it is tried again, and begins anew", async () => {
  const beginnings = ['{"desc', "Here is the JSON:\n```json\n", "<think>{", '{"description":" \\n'];
  const ends: [Parameters<typeof streaming>[1], string][] = [
    ["cut", "stream"],
    ["reset", "connection"],
    ["stall", "timeout"],
  ];
  for (const text of beginnings) {
    for (const [end, reason] of ends) {
      const { analysis, reasons, texts } = await analyseStreamed(
        [streamingText(text, 9, end), streamingText(JSON_TEXT)],
      );
      assert.deepEqual(reasons, [reason, "ok"], `${text} ${end}`);
      assert.equal(analysis.analysis, OAK.description);
      assert.ok(texts.length > 1, "it was not shown as it came");
    }
  }
});

Deno.test("a stream that breaks before anything was shown of it falls back to the next model", async () => {
  const { analysis, attempts, codes } = await analyseStreamed(
    [streamingText('{"desc', 9, "cut"), streamingText(JSON_TEXT)],
    {},
    { models: CHAIN },
  );
  assert.deepEqual(attempts.map(({ model }) => model), CHAIN);
  assert.equal(attempts[0]!.mayBeBilled, true);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(codes, ["MODEL_FALLBACK"]);
});

Deno.test("a stream of prose is tried again until its first word", async () => {
  const prose = { analysisType: "general_description" } as const;
  const { analysis, reasons } = await analyseStreamed(
    [streamingText(" \n", 1, "cut"), streamingText("It is oak.")],
    prose,
  );
  assert.deepEqual(reasons, ["stream", "ok"]);
  assert.equal(analysis.analysis, "It is oak.");
});

Deno.test("a stream that breaks after something was shown is an error at once", async () => {
  for (
    const [text, request] of [
      ['{"description":"Oak', {}],
      ["Oak", { prompt: "Which wood is this?" }],
    ] as const
  ) {
    for (const end of ["cut", "reset", "stall"] as const) {
      const texts: string[] = [];
      const spending = createSpending();
      await assert.rejects(
        analyse([streamingText(text, 9, end), saying(OAK)], request, {
          models: CHAIN,
          spending,
          onText: (piece) => texts.push(piece),
        }),
        (error) => error instanceof ApiError && error.code.startsWith("UPSTREAM_"),
      );
      assert.equal(texts.join(""), "Oak");
      assert.equal(spending.attempts.length, 1);
    }
  }
});

Deno.test("a streamed answer in another form of which nothing was shown is repaired once", async () => {
  const { analysis, bodies, texts, codes, isWorthKeeping } = await analyseStreamed(
    [streamingText("It is oak."), saying(OAK)],
  );
  assert.deepEqual(bodies.map(hasImage), [true, false]);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(texts, [OAK.description]);
  assert.equal(isWorthKeeping, false);
  assert.deepEqual(codes, []);
});

Deno.test("a streamed answer that is cut before anything was shown is asked for with twice the length", async () => {
  const { analysis, bodies, texts } = await analyseStreamed([
    streaming([chunk("Looking at this picture, "), chunk('{"desc', {}, LENGTH)], "cut"),
    saying(OAK),
  ]);
  assert.deepEqual(bodies.map(({ max_tokens }) => max_tokens), [700, 1400]);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(texts, [OAK.description]);
});

Deno.test("a streamed answer of which something was shown is not asked for again", async () => {
  for (const text of ['{"description":"Oak", family: wood}', '{"description":"Oak","family":']) {
    const { analysis, bodies } = await analyseStreamed([streamingText(text), saying(OAK)]);
    assert.equal(bodies.length, 1, text);
    assert.equal(analysis.analysis, "Oak");
  }
});

Deno.test("no attempt of a stream begins that could cost more than was set aside", async () => {
  const broken = streamingText('{"desc', 9, "cut");
  const { costNanoUsd } = (await analyseStreamed([broken, streamingText(JSON_TEXT)])).attempts[0]!;
  const spending = createSpending(2 * costNanoUsd - 1);
  await assert.rejects(
    analyse([broken, streamingText(JSON_TEXT)], {}, { spending, onText: () => {} }),
    { code: "UPSTREAM_UNAVAILABLE" },
  );
  assert.deepEqual(spending.attempts.map((attempt) => attempt.costNanoUsd), [costNanoUsd]);
});

Deno.test("a streamed answer of any parts is the same as one that comes as a whole", async () => {
  const broken = '{"description":"Oak, broken off","family":"wood","type":"oa';
  const part = fc.constantFrom(
    "It is oak, I think. ",
    "A {brace} or two: ",
    "\n```json\n",
    "{}",
    '{"type":"object"} ',
    '{"family":"stone","notes":{"description":"not it"}}',
    '{"description":"Ash.","family":"wood"}',
    JSON_TEXT,
    broken,
  );
  const answer = fc.tuple(
    fc.constantFrom("", "<think>{</think>"),
    fc.array(part, { maxLength: 4 }).map((parts) => parts.join("")),
    fc.constantFrom("", JSON_TEXT, JSON.stringify(OAK, null, 2)),
  ).map((parts) => parts.join("")).filter((text) => text !== "");
  const second = fc.constantFrom(OAK, "Sorry.", broken);
  const outcomeOf = (asking: Promise<Awaited<ReturnType<typeof analyse>>>) =>
    asking.catch((error) => {
      assert.ok(error instanceof ApiError, Deno.inspect(error));
      return error.code;
    });
  await fc.assert(
    fc.asyncProperty(
      answer,
      second,
      fc.integer({ min: 1, max: 40 }),
      async (text, second, size) => {
        const streamed = await outcomeOf(
          analyseStreamed([streamingText(text, size), saying(second)]),
        );
        const whole = await outcomeOf(analyse([saying(text), saying(second)]));
        if (typeof streamed === "string" || typeof whole === "string") {
          return assert.equal(streamed, whole);
        }
        const isStuck = streamed.bodies.length < whole.bodies.length ||
          streamed.analysis.analysis !== whole.analysis.analysis;
        // What was shown of a broken object can't be taken back; it is nothing to keep.
        if (isStuck && text.includes(broken)) return assert.equal(streamed.isWorthKeeping, false);
        assert.equal(streamed.bodies.length, whole.bodies.length);
        assert.deepEqual(streamed.analysis, whole.analysis);
        assert.equal(streamed.isWorthKeeping, whole.isWorthKeeping);
      },
    ),
    // Each of them turns the event loop many times.
    { numRuns: 30 },
  );
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

Deno.test("what is neither whole nor to be repaired is the prose that is in it, and no JSON", async () => {
  const cases: [Answer[], string][] = [
    [[saying('{"description":"Oak, \\"A\\"", family: wood}'), saying("Sorry.")], 'Oak, "A"'],
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

Deno.test("what was shown and isn't what was read is not kept", async () => {
  const text = `{"description":"text", family: one of them} ${JSON_TEXT}`;
  const texts: string[] = [];
  const { analysis, isWorthKeeping } = await analyse([streaming([chunk(text)])], {}, {
    onText: (piece) => texts.push(piece),
  });
  assert.equal(analysis.analysis, "text");
  assert.deepEqual(texts, ["text"]);
  assert.equal(isWorthKeeping, false);
});
