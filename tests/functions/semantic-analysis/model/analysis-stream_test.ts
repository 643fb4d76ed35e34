/** Streamed answers: what is shown of them and when, and until when they are asked for again. */
import assert from "node:assert/strict";
import { ApiError } from "../../../../supabase/functions/_shared/platform/http/api-error.ts";
import type { AnalysisRequest } from "../../../../supabase/functions/semantic-analysis/request/request.ts";
import { createSpending } from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import {
  analyse,
  CHAIN,
  hasImage,
  JSON_TEXT,
  LENGTH,
  MATERIAL,
  type Options,
  streamingText,
} from "../../../support/analyse.ts";
import {
  type Answer,
  chunk,
  OAK,
  refusal,
  saying,
  streaming,
} from "../../../support/fake-together.ts";
import fc from "../../../support/fast-check.ts";

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

Deno.test("the pieces of a stream are the analysis, whatever the completion is", async () => {
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
  const { analysis, bodies, texts, codes, keeping } = await analyseStreamed(
    [streamingText("It is oak."), saying(OAK)],
  );
  assert.deepEqual(bodies.map(hasImage), [true, false]);
  assert.deepEqual(analysis.material, MATERIAL);
  assert.deepEqual(texts, [OAK.description]);
  assert.equal(keeping, "unsure");
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
        if (isStuck && `${text}${second}`.includes(broken)) {
          return assert.notEqual(streamed.keeping, "full");
        }
        assert.equal(streamed.bodies.length, whole.bodies.length);
        assert.deepEqual(streamed.analysis, whole.analysis);
        assert.equal(streamed.keeping, whole.keeping);
      },
    ),
    // Each of them turns the event loop many times.
    { numRuns: 30 },
  );
});

Deno.test("a completion whose shown text differs from the one read is not kept", async () => {
  const text = `{"description":"text", family: one of them} ${JSON_TEXT}`;
  const texts: string[] = [];
  const { analysis, keeping } = await analyse([streaming([chunk(text)])], {}, {
    onText: (piece) => texts.push(piece),
  });
  assert.equal(analysis.analysis, "text");
  assert.deepEqual(texts, ["text"]);
  assert.equal(keeping, "none");
});
