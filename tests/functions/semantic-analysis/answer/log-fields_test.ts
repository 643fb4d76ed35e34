import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  type Attempt,
  createSpending,
} from "../../../../supabase/functions/_shared/together-ai/spending.ts";
import {
  findAlarm,
  toAttemptFields,
} from "../../../../supabase/functions/semantic-analysis/answer/log-fields.ts";
import { json, OAK, refusal, saying } from "../../../support/fake-together.ts";
import { createFunction, IMAGE } from "../../../support/function.ts";
import { toGifOfLength } from "../../../support/pictures.ts";

const attempt = (reason: string): Attempt => ({
  model: "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
  status: 503,
  durationMs: 29_999.123,
  reason,
  mayBeBilled: true,
  costNanoUsd: 1,
  usage: null,
});

Deno.test("findAlarm() tells of the attempts that only an operator can make succeed", () => {
  const alarmOf = (reason: string) =>
    findAlarm({
      kind: "failed",
      role: "leader",
      spending: { ceilingNanoUsd: 1, attempts: [attempt(reason)] },
      thrown: new Error(),
      hasShownText: false,
      isDeadlineShortened: false,
    });
  assert.equal(alarmOf("status_503"), null);
  assert.match(alarmOf("status_401")!, /key/);
  assert.match(alarmOf("status_402")!, /spending limit/);
});

Deno.test("toAttemptFields() stays short however many attempts there were", () => {
  const model = "vendor/".padEnd(200, "x");
  const many = Array(500).fill({ ...attempt("invalid_response"), model });
  assert.ok(
    JSON.stringify(toAttemptFields({ ...createSpending(), attempts: many })).length < 2_600,
  );
});

Deno.test("toAttemptFields() says what all attempts together were charged", () => {
  const attempts = [{ ...attempt("timeout"), costNanoUsd: 2_449_200 }, attempt("ok")];
  assert.equal(toAttemptFields({ ...createSpending(), attempts }).charged_usd, 0.002449201);
});

Deno.test("a failure's line names the model that was asked for and what it was charged", async () => {
  const { post, lines } = createFunction({ answers: [json(200, { choices: [] })] });
  const response = await post({ image_data: IMAGE });
  assert.equal(response.status, 502);
  const [, fields] = JSON.parse(lines[0]!);
  assert.equal(typeof fields["gen_ai.request.model"], "string");
  assert.ok(fields.charged_usd > 0, String(fields.charged_usd));
});

Deno.test("a request's line is below 4 kB and holds what an operator needs, and nothing else", async () => {
  const { post, lines } = createFunction({
    answers: [...Array(8).fill(refusal(502)), saying({ ...OAK, finish: "x".repeat(500) })],
  });
  const prompt = "SECRET PROMPT ".repeat(100);
  const response = await post(
    { image_data: IMAGE, prompt, SECRETFIELD: 1 },
    { "X-Request-Id": "a".repeat(128), Authorization: "Bearer SECRETTOKEN" },
    "/semantic-analysis?SECRETQUERY=1",
  );
  assert.equal(response.status, 200);
  assert.equal(lines.length, 1);
  assert.ok(lines[0]!.length < 4_000, String(lines[0]!.length));
  assert.doesNotMatch(lines[0]!, /SECRET|user:u|tgp_v1/);
  const [, fields] = JSON.parse(lines[0]!);
  for (
    const field of [
      "request_id",
      "client_request_id",
      "status",
      "caller",
      "subject_hash",
      "prompt_hash",
      "gen_ai.request.model",
      "gen_ai.response.model",
      "gen_ai.usage.input_tokens",
      "gen_ai.usage.output_tokens",
      "cost_usd",
      "attempts",
      "duration_ms",
      "cache",
    ]
  ) {
    assert.ok(field in fields, field);
  }
  assert.equal(fields.attempts.length, 9);
});

Deno.test("a line says what the models are left alone for, and only the first raises the alarm", async () => {
  const cases = [
    [refusal(402), "status_402", 1],
    [refusal(404), "model_unavailable", 1],
    [refusal(502), "status_502", 3],
  ] as const;
  for (const [answer, reason, requests] of cases) {
    for (const stream of [false, true]) {
      const { post, lines, clock } = createFunction({
        answers: [answer],
        variables: { TOGETHER_FALLBACK_MODELS: "none" },
      });
      for (let i = 0; i < requests + 1; i++) {
        const image_data = Buffer.from(toGifOfLength(20 + i)).toString("base64");
        await clock.run((await post({ image_data, options: { stream } })).text());
      }
      const fields = lines.map((line) => JSON.parse(line)[1]);
      const last = fields.at(-1);
      assert.equal(fields[0].circuit_open_for, undefined);
      assert.equal("alarm" in fields[0], reason !== "status_502");
      assert.equal(last.code, "UPSTREAM_UNAVAILABLE");
      assert.deepEqual(last.attempts, []);
      assert.equal(last.circuit_open_for, reason);
      assert.equal("alarm" in last, false);
    }
  }
});
