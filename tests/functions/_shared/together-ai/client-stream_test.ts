/** Streamed answers, through the whole client. */
import assert from "node:assert/strict";
import {
  TogetherConnectionError,
  type TogetherError,
  TogetherResponseError,
  TogetherStreamError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { createSpending } from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import {
  type Answer,
  chunk,
  completion,
  refusal,
  stallBeforeHeaders,
  streaming,
} from "../../../support/fake-together.ts";
import { createClient, REQUEST } from "./test-client.ts";

async function stream(
  answers: Answer[],
  { models, timeoutMs = 60_000, signal, isShown = () => true }: {
    models?: [string, ...string[]];
    timeoutMs?: number;
    signal?: AbortSignal;
    isShown?: (text: string) => boolean;
  } = {},
) {
  const { client, clock, together } = createClient(answers, models);
  const texts: string[] = [];
  const spending = createSpending();
  let readers = 0;
  const startedAt = clock.now();
  let error: unknown;
  const result = await clock.run(
    client.ask(REQUEST, {
      timeoutMs,
      signal,
      spending,
      isStreamed: true,
      createReader: () => {
        readers++;
        return {
          push(text) {
            texts.push(text);
            return isShown(text);
          },
          end: () => ({ judgement: "answer", reading: null }),
        };
      },
    }),
  ).catch((thrown) => {
    error = thrown;
    return null;
  });
  await clock.run(Promise.resolve());
  assert.equal(clock.pendingTimers(), 0, "a timer was left behind");
  assert.equal(together.openBodies(), 0, "a body was left open");
  assert.equal(readers, together.requests.length, "a reader for each attempt");
  return {
    result,
    texts,
    error: error as TogetherError,
    attempts: spending.attempts,
    together,
    elapsedMs: clock.now() - startedAt,
  };
}

const reasonsOf = (attempts: readonly { model: string; reason: string }[] | undefined) =>
  attempts?.map(({ model, reason }) => `${model} ${reason}`);

Deno.test("a streamed answer is told as it comes, and returned whole", async () => {
  const { result, texts, together } = await stream([streaming([chunk("Oak "), chunk("grain")])]);
  assert.deepEqual(texts, ["Oak ", "grain"]);
  assert.equal(result?.completion.text, "Oak grain");
  assert.deepEqual(result?.completion.usage, { promptTokens: 1000, completionTokens: 20 });
  const { body, headers } = together.requests[0]!;
  assert.equal(body.stream, true);
  assert.deepEqual(body.stream_options, { include_usage: true });
  assert.equal(headers.get("accept"), "text/event-stream");
});

Deno.test("a server that doesn't stream is told as one piece", async () => {
  const { result, texts } = await stream([completion()]);
  assert.deepEqual(texts, ["Oak with a matt finish."]);
  assert.equal(result?.completion.text, "Oak with a matt finish.");
});

const TWO: [string, string] = ["a/first", "b/second"];

Deno.test("before the first text everything is tried that is tried without streaming", async () => {
  const ok = streaming([chunk("Oak")]);
  const cases: [string, Answer[], string[]][] = [
    ["a retired model", [refusal(404), ok], ["a/first model_unavailable", "b/second ok"]],
    ["overload", [refusal(503), ok], ["a/first status_503", "b/second ok"]],
    ["a stall", [stallBeforeHeaders, ok], ["a/first timeout", "b/second ok"]],
    ["a stall after the headers", [streaming([], "stall"), ok], ["a/first timeout", "b/second ok"]],
    ["an empty stream", [streaming([], "cut"), ok], ["a/first stream", "b/second ok"]],
    ["an error event", [streaming(['data: {"error":{}}\n\n']), ok], [
      "a/first stream",
      "b/second ok",
    ]],
    ["garbage", [streaming(["data: x\n\n"]), ok], ["a/first invalid_response", "b/second ok"]],
    ["a reset", [streaming([], "reset"), ok], ["a/first connection", "a/first ok"]],
  ];
  for (const [name, answers, attempts] of cases) {
    const { attempts: made, texts } = await stream(answers, { models: TWO });
    assert.deepEqual(reasonsOf(made), attempts, name);
    assert.deepEqual(texts, ["Oak"], name);
  }
});

/** Streams that break after their first text, with the error and, for two models, who is asked next. */
const BROKEN: [string, Answer, abstract new (...args: never[]) => TogetherError, string][] = [
  ["cut", streaming([chunk("Oak")], "cut"), TogetherStreamError, "b/second"],
  ["reset", streaming([chunk("Oak")], "reset"), TogetherConnectionError, "a/first"],
  [
    "an error event",
    streaming([chunk("Oak"), 'data: {"error":{}}\n\n']),
    TogetherStreamError,
    "b/second",
  ],
  ["garbage", streaming([chunk("Oak"), "data: x\n\n"]), TogetherResponseError, "b/second"],
  ["stall", streaming([chunk("Oak")], "stall"), TogetherTimeoutError, "b/second"],
];

Deno.test("after a text that was shown nothing is tried again", async () => {
  for (const [name, answer, expected] of BROKEN) {
    const { error, attempts, texts, together } = await stream([answer, completion()], {
      models: TWO,
    });
    assert.ok(error instanceof expected, `${name}: ${error}`);
    assert.equal(together.requests.length, 1, name);
    assert.equal(attempts[0]?.mayBeBilled, true, name);
    assert.deepEqual(texts, ["Oak"], name);
  }
});

Deno.test("as long as no text was shown everything is tried that is tried without streaming", async () => {
  for (const [name, answer, , next] of BROKEN) {
    const { result, attempts, texts } = await stream([answer, streaming([chunk("Ash")])], {
      models: TWO,
      isShown: (text) => text === "Ash",
    });
    assert.deepEqual(attempts.map(({ model }) => model), ["a/first", next], name);
    assert.equal(attempts[0]?.mayBeBilled, true, name);
    assert.equal(result?.completion.text, "Ash", name);
    assert.deepEqual(texts, ["Oak", "Ash"], name);
  }
});

Deno.test("a text that was shown ends the trying, whichever attempt it is of", async () => {
  const broken = streaming([chunk("Oak "), chunk("grain")], "cut");
  const { error, together } = await stream([streaming([chunk("Oak ")], "reset"), broken], {
    isShown: (text) => text === "grain",
  });
  assert.ok(error instanceof TogetherStreamError);
  assert.equal(together.requests.length, 2);
});

Deno.test("a stall before the next attempt's first text has the attempt's time, and not the silence's", async () => {
  const { attempts, elapsedMs } = await stream(
    [streaming([chunk("Oak")], "stall"), stallBeforeHeaders],
    { models: TWO, isShown: () => false, timeoutMs: 45_000 },
  );
  assert.deepEqual(reasonsOf(attempts), ["a/first timeout", "b/second timeout"]);
  assert.equal(elapsedMs, 15_000 + 30_000);
});

const FINISHED = chunk("", {}, { finish_reason: "stop" });

Deno.test("an answer that was told to be complete is taken, however its stream ends", async () => {
  const bound = (await stream([stallBeforeHeaders])).attempts[0]!.costNanoUsd;
  for (const end of ["cut", "reset", "stall"] as const) {
    const { result, attempts, elapsedMs } = await stream([
      streaming([chunk("Oak"), FINISHED], end),
    ]);
    assert.equal(result?.completion.text, "Oak", end);
    assert.equal(result?.completion.usage, null, end);
    const [attempt] = attempts;
    assert.equal(attempt!.reason, "ok", end);
    // Its tokens are unknown, so it counts as dear as it can have been.
    assert.equal(attempt!.mayBeBilled, true, end);
    assert.equal(attempt!.costNanoUsd, bound, end);
    assert.equal(elapsedMs, end === "stall" ? 2_000 : 0, end);
  }
});

Deno.test("the usage that comes in time after the finish reason counts", async () => {
  const usage = `data: ${
    JSON.stringify({ choices: null, usage: { prompt_tokens: 7, completion_tokens: 2 } })
  }\n\n`;
  const { result, attempts } = await stream([
    streaming([chunk("Oak"), FINISHED, usage], "stall"),
  ]);
  assert.deepEqual(result?.completion.usage, { promptTokens: 7, completionTokens: 2 });
  assert.equal(attempts[0]?.mayBeBilled, false);
});

Deno.test("the deadline is not passed for what may follow a complete answer", async () => {
  const late: Answer = async (signal, clock) => {
    await clock.sleep(4_500, signal);
    return streaming([chunk("Oak"), FINISHED], "stall")(signal, clock);
  };
  const { result, elapsedMs } = await stream([late], { timeoutMs: 5_000 });
  assert.equal(result?.completion.text, "Oak");
  assert.equal(elapsedMs, 5_000);
});

Deno.test("a silence of 15 s between two chunks is a timeout", async () => {
  const { elapsedMs } = await stream([streaming([chunk("Oak")], "stall")]);
  assert.equal(elapsedMs, 15_000);
});

Deno.test("a slow drip ends at the deadline, and not with the attempt's 30 s", async () => {
  const { error, texts, elapsedMs } = await stream([streaming([chunk("Oak")], "drip")], {
    timeoutMs: 45_000,
  });
  assert.ok(error instanceof TogetherTimeoutError);
  assert.equal(elapsedMs, 45_000);
  assert.equal(texts.length, 5);
});

Deno.test("a caller's abort ends a stream at once", async () => {
  const caller = new AbortController();
  const { client, clock, together } = createClient([streaming([chunk("Oak")], "stall")]);
  const pending = client.ask(REQUEST, {
    timeoutMs: 60_000,
    signal: caller.signal,
    isStreamed: true,
    createReader: () => ({
      push() {
        caller.abort("gone");
        return true;
      },
      end: () => ({ judgement: "answer", reading: null }),
    }),
  });
  const startedAt = clock.now();
  await assert.rejects(clock.run(pending), (error) => error === "gone");
  assert.equal(clock.now(), startedAt);
  await clock.run(Promise.resolve());
  assert.equal(together.openBodies(), 0);
});
