/** Whose fault each refusal is: the model's, the request's, the operator's, or not yet known. */
import { TogetherApiError } from "../../../../supabase/functions/_shared/together-ai/errors.ts";
import { BACKOFF, type Fault, testFaults, THREE, TWO } from "../../../support/client-faults.ts";
import { type Answer, completion, refusal, text } from "../../../support/fake-together.ts";

const REFUSALS: Fault[] = [
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
  ...["insufficient_quota", "billing_hard_limit_reached"].map((code): Fault => ({
    name: `429 with code ${code} is about what was spent: no wait, and the next model`,
    answers: [refusal(429, code), completion()],
    models: TWO,
    attempts: ["a/first spending", "b/second ok"],
    elapsedMs: 0,
  })),
  {
    name: "an odd 4xx goes to the next model",
    answers: [refusal(418), completion()],
    models: TWO,
    attempts: ["a/first status_418", "b/second ok"],
    elapsedMs: 0,
  },
];

testFaults(REFUSALS);
