/** What the client does about each fault: which attempts it makes, and what it gives up with. */
import assert from "node:assert/strict";
import {
  TogetherApiError,
  TogetherConnectionError,
  TogetherError,
  TogetherResponseError,
  TogetherTimeoutError,
} from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { assertHoldsNoSecret, call } from "../../../support/client-call.ts";
import {
  type Answer,
  completion,
  connectionRefused,
  connectionReset,
  cutBody,
  drip,
  endlessBody,
  json,
  refusal,
  stallBeforeHeaders,
  stallForGood,
  stallInBody,
  text,
  withStatus,
} from "../../../support/fake-together.ts";

interface Fault {
  name: string;
  answers: Answer[];
  models?: [string, ...string[]];
  timeoutMs?: number;
  /** Model and reason of each attempt. */
  attempts: string[];
  /** Milliseconds of virtual time with the longest possible back-off. */
  elapsedMs: number;
  /** The error given up with; none where it succeeds in the end. */
  error?: abstract new (...args: never[]) => TogetherError;
  status?: number;
}

const TWO: [string, string] = ["a/first", "b/second"];
const THREE: [string, string, string] = [...TWO, "c/third"];
const BACKOFF = { first: 499, second: 999 };

const FAULTS: Fault[] = [
  ...[400, 403, 422].flatMap((status): Fault[] => [
    {
      name: `${status} with one model is the request's at once`,
      answers: [refusal(status)],
      attempts: [`a/first status_${status}`],
      elapsedMs: 0,
      error: TogetherApiError,
      status,
    },
    {
      name: `${status} is tried on one further model, and believed of two`,
      answers: [refusal(status)],
      models: THREE,
      attempts: [`a/first status_${status}`, `b/second status_${status}`],
      elapsedMs: 0,
      error: TogetherApiError,
      status,
    },
    {
      name: `${status} is believed of two models that answer at all`,
      answers: [refusal(status), refusal(404), refusal(status)],
      models: THREE,
      attempts: [
        `a/first status_${status}`,
        "b/second model_unavailable",
        `c/third status_${status}`,
      ],
      elapsedMs: 0,
      error: TogetherApiError,
      status,
    },
    {
      name: `${status} of the only model that is there is the request's`,
      answers: [refusal(status), refusal(410)],
      models: TWO,
      attempts: [`a/first status_${status}`, "b/second model_unavailable"],
      elapsedMs: 0,
      error: TogetherApiError,
      status,
    },
    {
      name: `${status} of one model and another one that fails is not the request's`,
      answers: [refusal(status), refusal(500)],
      models: TWO,
      attempts: [`a/first status_${status}`, "b/second status_500", "b/second status_500"],
      elapsedMs: BACKOFF.first,
      error: TogetherApiError,
      status: 500,
    },
    {
      name: `${status} of one model and an answer of the next`,
      answers: [refusal(status), completion()],
      models: TWO,
      attempts: [`a/first status_${status}`, "b/second ok"],
      elapsedMs: 0,
    },
  ]),
  ...[
    "dedicated_endpoint_not_running",
    "model_not_available",
    "model_not_found",
    "ModelNotFoundError",
    "deployment_not_found",
    "model_unloaded",
  ].map((code): Fault => ({
    name: `400 with code ${code} goes on to the end of the chain`,
    answers: [refusal(400, code), refusal(400, code), completion()],
    models: THREE,
    attempts: ["a/first model_unavailable", "b/second model_unavailable", "c/third ok"],
    elapsedMs: 0,
  })),
  ...["context_length_exceeded", "model_context_window_exceeded", "invalid_image"].map((
    code,
  ): Fault => ({
    name: `400 with code ${code} says nothing of whether the model is there`,
    answers: [refusal(400, code)],
    models: THREE,
    attempts: ["a/first status_400", "b/second status_400"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 400,
  })),
  ...[301, 302, 307, 308, 401, 402, 405, 407].map((status): Fault => ({
    name: `${status} is the operator's, and no other model tried`,
    answers: [refusal(status)],
    models: TWO,
    attempts: [`a/first status_${status}`],
    elapsedMs: 0,
    error: TogetherApiError,
    status,
  })),
  ...[["HTML", text(403, "<!doctype html>", "text/html")], [
    "a proxy's text",
    text(403, "error code: 1010", "text/plain"),
  ]].map(([name, answer]): Fault => ({
    name: `403 with ${name} is no refusal`,
    answers: [answer as Answer],
    models: TWO,
    attempts: ["a/first page_403"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 403,
  })),
  ...[499, 409, 425].map((status): Fault => ({
    name: `${status} is retried twice`,
    answers: [refusal(status)],
    attempts: [1, 2, 3].map(() => `a/first status_${status}`),
    elapsedMs: BACKOFF.first + BACKOFF.second,
    error: TogetherApiError,
    status,
  })),
  {
    name: "an odd 4xx goes to the next model",
    answers: [refusal(418), completion()],
    models: TWO,
    attempts: ["a/first status_418", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "404 goes to the next model",
    answers: [refusal(404), completion()],
    models: TWO,
    attempts: ["a/first model_unavailable", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "a chain of retired models ends with that",
    answers: [refusal(400, "model_not_available")],
    models: TWO,
    attempts: ["a/first model_unavailable", "b/second model_unavailable"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 400,
  },
  {
    name: "the failure of a model that exists says more than that another is gone",
    answers: [refusal(503), refusal(404)],
    models: TWO,
    attempts: ["a/first status_503", "b/second model_unavailable"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 503,
  },
  {
    name: "413 is final",
    answers: [refusal(413)],
    attempts: ["a/first status_413"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 413,
  },
  ...[408, 502, 504, 524, 529].map((status): Fault => ({
    name: `${status} is retried twice`,
    answers: [refusal(status)],
    attempts: [1, 2, 3].map(() => `a/first status_${status}`),
    elapsedMs: BACKOFF.first + BACKOFF.second,
    error: TogetherApiError,
    status,
  })),
  {
    name: "500 is retried once",
    answers: [refusal(500)],
    attempts: ["a/first status_500", "a/first status_500"],
    elapsedMs: BACKOFF.first,
    error: TogetherApiError,
    status: 500,
  },
  {
    name: "503 goes to the next model at once",
    answers: [refusal(503), completion()],
    models: TWO,
    attempts: ["a/first status_503", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "503 of the last model is retried",
    answers: [refusal(503), refusal(503), completion()],
    attempts: ["a/first status_503", "a/first status_503", "a/first ok"],
    elapsedMs: BACKOFF.first + BACKOFF.second,
  },
  {
    name: "429 waits as long as x-ratelimit-reset says, whatever Retry-After says",
    answers: [
      refusal(429, undefined, { "x-ratelimit-reset": "3", "retry-after": "60" }),
      completion(),
    ],
    attempts: ["a/first status_429", "a/first ok"],
    elapsedMs: 3_000 + BACKOFF.first,
  },
  {
    name: "429 waits as long as Retry-After says where that is all there is",
    answers: [refusal(429, undefined, { "retry-after": "2" }), completion()],
    attempts: ["a/first status_429", "a/first ok"],
    elapsedMs: 2_000 + BACKOFF.first,
  },
  {
    name: "429 with a reset of 0 waits as if nothing was said",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "0" }), completion()],
    attempts: ["a/first status_429", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "429 with a long reset goes to the next model",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "30" }), completion()],
    models: TWO,
    attempts: ["a/first status_429", "b/second ok"],
    elapsedMs: 0,
  },
  {
    name: "429 with a long reset and no other model is final",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "30" })],
    attempts: ["a/first status_429"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 429,
  },
  {
    name: "a wait that would pass the deadline is not begun",
    answers: [refusal(429, undefined, { "x-ratelimit-reset": "5" })],
    timeoutMs: 5_500,
    attempts: ["a/first status_429"],
    elapsedMs: 0,
    error: TogetherApiError,
    status: 429,
  },
  ...[401, 402, 403, 413].flatMap((status) =>
    ([["stalls", stallInBody, 1_000], ["is cut off", cutBody, 0], [
      "has no end",
      endlessBody,
      0,
    ]] as [
      string,
      Answer,
      number,
    ][]).map(([fate, body, elapsedMs]): Fault => ({
      name: `${status} whose body ${fate} is ${status}, ${elapsedMs} ms later`,
      answers: [withStatus(status, body)],
      attempts: [`a/first status_${status}`],
      elapsedMs,
      error: TogetherApiError,
      status,
    }))
  ),
  {
    name: "404 whose body stalls goes to the next model, a second later",
    answers: [withStatus(404, stallInBody), completion()],
    models: TWO,
    attempts: ["a/first model_unavailable", "b/second ok"],
    elapsedMs: 1_000,
  },
  {
    name: "a refused connection is retried, and no other model tried",
    answers: [connectionRefused],
    models: TWO,
    attempts: [1, 2, 3].map(() => "a/first unreachable"),
    elapsedMs: BACKOFF.first + BACKOFF.second,
    error: TogetherConnectionError,
  },
  {
    name: "a reset connection is retried",
    answers: [connectionReset, completion()],
    attempts: ["a/first connection", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "a body that is cut off is retried",
    answers: [cutBody, completion()],
    attempts: ["a/first connection", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "a body without end is given up",
    answers: [endlessBody, completion()],
    attempts: ["a/first connection", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  ...[["before the headers", stallBeforeHeaders], ["for good", stallForGood], [
    "after the headers",
    stallInBody,
  ], ["in a drip", drip]].map(([where, answer]): Fault => ({
    name: `a stall ${where} uses up an attempt, then the deadline`,
    answers: [answer as Answer],
    timeoutMs: 50_000,
    attempts: ["a/first timeout", "a/first timeout"],
    elapsedMs: 50_000,
    error: TogetherTimeoutError,
  })),
  {
    name: "after a stall the next model has the rest of the time",
    answers: [stallInBody, completion()],
    models: TWO,
    attempts: ["a/first timeout", "b/second ok"],
    elapsedMs: 30_000,
  },
  {
    name: "with no useful time at all nothing is sent",
    answers: [completion()],
    timeoutMs: 999,
    attempts: [],
    elapsedMs: 0,
    error: TogetherTimeoutError,
  },
  {
    name: "HTML with status 200 is retried once",
    answers: [text(200, "<html>", "text/html")],
    attempts: ["a/first page_200", "a/first page_200"],
    elapsedMs: BACKOFF.first,
    error: TogetherResponseError,
  },
  {
    name: "truncated JSON is retried once",
    answers: [text(200, '{"choices":[{"mess', "application/json"), completion()],
    attempts: ["a/first invalid_response", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "empty choices go to the next model, of which they are retried once",
    answers: [json(200, { choices: [] }), json(200, { choices: [] }), completion()],
    models: TWO,
    attempts: ["a/first invalid_response", "b/second invalid_response", "b/second ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "an answer of white space is no answer",
    answers: [completion({ choices: [{ message: { content: " \n " } }] }), completion()],
    attempts: ["a/first empty", "a/first ok"],
    elapsedMs: BACKOFF.first,
  },
  {
    name: "an empty answer goes to the next model, with no wait",
    answers: [completion({ choices: [{ message: { content: "" } }] }), completion()],
    models: TWO,
    attempts: ["a/first empty", "b/second ok"],
    elapsedMs: 0,
  },
  ...["error", "content_filter", "abort"].map((finish_reason): Fault => ({
    name: `finish reason ${finish_reason} goes to the next model`,
    answers: [
      completion({ choices: [{ finish_reason, message: { content: "The wall is" } }] }),
      completion(),
    ],
    models: TWO,
    attempts: ["a/first stream", "b/second ok"],
    elapsedMs: 0,
  })),
  {
    name: "an error within a 2xx goes by the status that it tells",
    answers: [json(200, { error: { message: "x", code: 503 } }), completion()],
    models: TWO,
    attempts: ["a/first status_503", "b/second ok"],
    elapsedMs: 0,
  },
];

for (const fault of FAULTS) {
  Deno.test(`ask(): ${fault.name}`, async () => {
    const { error, attempts, clock, together, elapsedMs } = await call(fault.answers, {
      ...(fault.models && { models: fault.models }),
      ...(fault.timeoutMs && { timeoutMs: fault.timeoutMs }),
    });
    assert.deepEqual(
      attempts.map(({ model, reason }) => `${model} ${reason}`),
      fault.attempts,
    );
    assert.equal(elapsedMs, fault.elapsedMs);
    if (fault.error) {
      assert.ok(error instanceof fault.error, String(error));
      assert.equal((error as TogetherApiError).status, fault.status);
      assertHoldsNoSecret(error);
    } else {
      assert.equal(error, undefined);
    }
    assert.equal(clock.pendingTimers(), 0, "a timer was left behind");
    assert.equal(together.openBodies(), 0, "a body was left open");
  });
}
