/**
 * Every fault of the provider, through the whole function on virtual time: how often it was asked,
 * how long that took at the most (the longest back-off the jitter can draw), and what the caller got.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type Answer,
  completion,
  connectionRefused,
  connectionReset,
  cutBody,
  drip,
  endlessBody,
  json,
  OAK,
  refusal,
  saying,
  stallBeforeHeaders,
  stallForGood,
  stallInBody,
  text,
  withStatus,
} from "../../../support/fake-together.ts";
import { createFunction, IMAGE } from "../../../support/function.ts";
import { toGifOfLength } from "../../../support/pictures.ts";

/** The first two back-offs at their longest, in milliseconds. */
const FIRST = 499;
const SECOND = 999;

const reset = (seconds: number) => refusal(429, undefined, { "x-ratelimit-reset": `${seconds}` });
const redirect: Answer = () =>
  new Response(null, { status: 307, headers: { location: "https://evil.example/" } });

/** Name, answers (the last one again and again), attempts, milliseconds, status, code. */
type Row = [string, Answer[], number, number, number, string | null];

/** With one model. */
const ONE_MODEL: Row[] = [
  ["400", [refusal(400)], 1, 0, 502, "UPSTREAM_REJECTED"],
  ["401", [refusal(401)], 1, 0, 503, "NOT_CONFIGURED"],
  ["402", [refusal(402)], 1, 0, 503, "UPSTREAM_UNAVAILABLE"],
  ["403", [refusal(403)], 1, 0, 502, "UPSTREAM_REJECTED"],
  ["404", [refusal(404)], 1, 0, 503, "UPSTREAM_UNAVAILABLE"],
  ["408", [refusal(408)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["413", [refusal(413)], 1, 0, 413, "IMAGE_TOO_LARGE"],
  ["422", [refusal(422)], 1, 0, 502, "UPSTREAM_REJECTED"],
  ["429", [refusal(429)], 3, FIRST + SECOND, 503, "UPSTREAM_RATE_LIMITED"],
  ["429, reset in 3 s", [reset(3)], 3, 6_000 + FIRST + SECOND, 503, "UPSTREAM_RATE_LIMITED"],
  ["429, reset in 60 s", [reset(60)], 1, 0, 503, "UPSTREAM_RATE_LIMITED"],
  ["500", [refusal(500)], 2, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  ["502", [refusal(502)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["503", [refusal(503)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["504", [refusal(504)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["524", [refusal(524)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["529", [refusal(529)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["500, then an answer", [refusal(500), saying(OAK)], 2, FIRST, 200, null],
  ["502, then an answer", [refusal(502), saying(OAK)], 2, FIRST, 200, null],
  ["429, then an answer", [reset(2), saying(OAK)], 2, 2_000 + FIRST, 200, null],
  ["401, its body stalls", [withStatus(401, stallInBody)], 1, 1_000, 503, "NOT_CONFIGURED"],
  ["402, its body is cut off", [withStatus(402, cutBody)], 1, 0, 503, "UPSTREAM_UNAVAILABLE"],
  ["a reset", [connectionReset], 2, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  ["a refused connection", [connectionRefused], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["a stall before the headers", [stallBeforeHeaders], 2, 60_000, 504, "UPSTREAM_TIMEOUT"],
  ["a stall for good", [stallForGood], 2, 60_000, 504, "UPSTREAM_TIMEOUT"],
  ["a stall in the body", [stallInBody], 2, 60_000, 504, "UPSTREAM_TIMEOUT"],
  ["a drip", [drip], 2, 60_000, 504, "UPSTREAM_TIMEOUT"],
  ["a body cut off", [cutBody], 2, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  ["a body without end", [endlessBody], 2, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  [
    "garbage",
    [text(200, "\u0000\uffff{", "application/json")],
    2,
    FIRST,
    502,
    "UPSTREAM_INVALID_RESPONSE",
  ],
  ["HTML with 200", [text(200, "<html>", "text/html")], 2, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  [
    "truncated JSON",
    [text(200, '{"choi', "application/json")],
    2,
    FIRST,
    502,
    "UPSTREAM_INVALID_RESPONSE",
  ],
  ["empty choices", [json(200, { choices: [] })], 2, FIRST, 502, "UPSTREAM_INVALID_RESPONSE"],
  ["an empty answer", [saying("")], 2, FIRST, 502, "UPSTREAM_INVALID_RESPONSE"],
  ["null usage", [saying(OAK, { usage: null })], 1, 0, 200, null],
  ["a retired model", [refusal(400, "model_not_available")], 1, 0, 503, "UPSTREAM_UNAVAILABLE"],
  ["a redirect", [redirect], 1, 0, 503, "NOT_CONFIGURED"],
  ["a page with 403", [text(403, "<html>", "text/html")], 1, 0, 503, "UPSTREAM_UNAVAILABLE"],
  ["499", [refusal(499)], 3, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["405", [refusal(405)], 1, 0, 503, "NOT_CONFIGURED"],
];

/** With a second model behind the first. */
const TWO_MODELS: Row[] = [
  ["a retired model", [refusal(400, "model_not_available"), saying(OAK)], 2, 0, 200, null],
  ["404", [refusal(404), saying(OAK)], 2, 0, 200, null],
  ["403", [refusal(403), saying(OAK)], 2, 0, 200, null],
  ["503", [refusal(503), saying(OAK)], 2, 0, 200, null],
  ["429, reset in 60 s", [reset(60), saying(OAK)], 2, 0, 200, null],
  ["500 twice", [refusal(500), refusal(500), saying(OAK)], 3, FIRST, 200, null],
  ["a stall", [stallInBody, saying(OAK)], 2, 30_000, 200, null],
  ["400", [refusal(400), saying(OAK)], 2, 0, 200, null],
  ["400 of both", [refusal(400)], 2, 0, 502, "UPSTREAM_REJECTED"],
  ["400, then 500", [refusal(400), refusal(500)], 3, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  ["400, then gone", [refusal(400), refusal(404)], 2, 0, 502, "UPSTREAM_REJECTED"],
  ["401", [refusal(401), saying(OAK)], 1, 0, 503, "NOT_CONFIGURED"],
  ["a reset", [connectionReset], 2, FIRST, 503, "UPSTREAM_UNAVAILABLE"],
  ["all models retired", [refusal(404)], 2, 0, 503, "UPSTREAM_UNAVAILABLE"],
  ["all models down", [refusal(503)], 4, FIRST + SECOND, 503, "UPSTREAM_UNAVAILABLE"],
  ["all models stalling", [stallInBody], 2, 60_000, 504, "UPSTREAM_TIMEOUT"],
];

const SECRETS = ["tgp_v1_secret", "tgp_", IMAGE, "api.together", "<html>"];

for (const [chain, rows] of [["none", ONE_MODEL], ["b/second", TWO_MODELS]] as const) {
  for (const [name, answers, attempts, elapsedMs, status, code] of rows) {
    const models = chain === "none" ? "one model" : "two models";
    Deno.test(`${name}, ${models}: ${attempts} attempts, ${elapsedMs} ms, ${status} ${code ?? ""}`, async () => {
      const { post, lines, together, clock } = createFunction({
        answers,
        variables: { TOGETHER_FALLBACK_MODELS: chain },
        random: () => 0.999_999,
      });
      const startedAt = clock.now();
      const response = await post({ image_data: IMAGE });
      const text = await response.text();
      assert.equal(response.status, status, text);
      assert.equal(JSON.parse(text).error?.code ?? null, code);
      assert.equal(together.requests.length, attempts);
      assert.equal(clock.now() - startedAt, elapsedMs);
      assert.equal(JSON.parse(lines[0]!)[1].attempts.length, attempts);
      assert.equal(response.headers.has("retry-after"), status === 503);
      for (const secret of SECRETS) {
        assert.ok(!text.includes(secret) && !lines.join().includes(secret), secret);
      }
      if (code) {
        // The digits that old clients look for in a message.
        assert.doesNotMatch(JSON.parse(text).error.message, /40[13]/);
      }
      assert.equal(clock.pendingTimers(), 0, "a timer was left behind");
      assert.equal(together.openBodies(), 0, "a body was left open");
    });
  }
}

Deno.test("arbitrary prose is still an analysis", async () => {
  const { post } = createFunction({ answers: [completion()] });
  const body = await (await post({ image_data: IMAGE })).json();
  assert.equal(body.analysis, "Oak with a matt finish.");
  assert.equal(body.material, null);
});

Deno.test("short deadlines and blank completions open no circuit", async () => {
  const slow: Answer = async (signal, clock) => {
    await clock.sleep(4_000, signal);
    return saying(OAK)(signal, clock);
  };
  const hurried = createFunction({
    answers: [slow],
    variables: { TOGETHER_FALLBACK_MODELS: "none" },
  });
  for (let i = 0; i < 5; i++) {
    const { status } = await hurried.post({ image_data: IMAGE }, { "X-Deadline-Ms": "2500" });
    assert.equal(status, 504);
  }
  assert.equal((await hurried.post({ image_data: IMAGE })).status, 200);

  const blank = createFunction({
    answers: [...Array(6).fill(saying(" ")), saying(OAK)],
    variables: { TOGETHER_FALLBACK_MODELS: "none" },
  });
  const question = { prompt: "Answer with a blank", options: { max_tokens: 1 } };
  for (let i = 0; i < 3; i++) {
    assert.equal((await blank.post({ image_data: IMAGE, ...question })).status, 502);
  }
  assert.equal((await blank.post({ image_data: IMAGE })).status, 200);
});

Deno.test("a model that stalls is left alone also where callers have no more than the gateway's 29 s", async () => {
  const { post, together } = createFunction({
    answers: [...Array(5).fill(stallInBody), saying(OAK)],
    variables: { TOGETHER_FALLBACK_MODELS: "b/second" },
  });
  for (let i = 0; i < 5; i++) {
    // Whether it is the model or the picture, only other pictures can tell.
    const image_data = Buffer.from(toGifOfLength(20 + i)).toString("base64");
    assert.equal((await post({ image_data }, { "X-Deadline-Ms": "29000" })).status, 504);
  }
  assert.equal((await post({ image_data: IMAGE })).status, 200);
  assert.equal(together.models().at(-1), "b/second");
});
