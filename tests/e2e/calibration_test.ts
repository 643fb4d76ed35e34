/** Calibrated figures and feedback, as an application meets them. */
import assert from "node:assert/strict";
import {
  analysePicture,
  sendFeedback,
  streamAnalysis,
} from "../../supabase/functions/_shared/client/client.ts";
import { toEvaluationLine } from "../../dev/evaluation/answers/evaluation-file.ts";
import { createLogisticTruth } from "../../dev/calibration/synthetic/truth.ts";
import { startTestStack } from "../../dev/stack/testing/test-database.ts";
import { drawLines } from "../dev/calibration/evaluation-lines.ts";
import { CALIBRATION_MAP } from "../support/calibration.ts";
import { until } from "../support/until.ts";
import { checkOf, createTestClient, invoke, request, signUp, WOOD } from "./project.ts";

/** It tells the probabilities of its tokens. */
const MODEL = "Qwen/Qwen3.5-9B";

const ANALYSIS = { image_data: WOOD, options: { min_precision: 0.8 } };

Deno.test("calibration and feedback", async (t) => {
  await using stack = await startTestStack({
    functionEnvironment: { TOGETHER_MODEL: MODEL, TOGETHER_FALLBACK_MODELS: "none" },
  });
  const sql = stack.database.connect({ maxConnections: 1 });
  const [ada, ben] = await Promise.all([signUp(stack), signUp(stack)]);
  const service = createTestClient(stack, stack.secretKey);
  const readDoctor = async () => {
    const headers = { apikey: stack.secretKey };
    return (await request(stack, { path: "/semantic-analysis/health", headers })).body;
  };
  let raw = 0;

  await t.step(
    "without a map the figure is the model's, and why there is no promise is told",
    async () => {
      const { confidence, confidence_detail: detail } = await analysePicture(
        ada.supabase,
        ANALYSIS,
      );
      raw = detail.raw!;
      assert.equal(confidence, raw);
      assert.equal(detail.calibrated, false);
      assert.equal(detail.model, MODEL);
      assert.ok(detail.families!.wood! > 0);
      assert.deepEqual(detail.reason, {
        calibrated: "no_map",
        meets: "no_map",
        candidates: "no_map",
      });
    },
  );

  await t.step("with a map a stored answer is calibrated when it is given", async () => {
    const limits = await request(stack, {
      path: "/semantic-analysis/limits",
      headers: { apikey: stack.secretKey },
    });
    const { prompt_version, schema_version } = limits.body.analysis;
    const { error } = await service.rpc("semantic_analysis_store_map", {
      p_map: {
        ...CALIBRATION_MAP,
        model: MODEL,
        prompt_version,
        schema_version,
        thresholds: { n: 300, raw: { "0.8": raw, "0.9": null, "0.95": null, "0.99": null } },
        conformal: { alpha: 0.05, quantile: 0.9, n: 300 },
      },
    });
    assert.equal(error, null);
    const analysis = await analysePicture(ada.supabase, ANALYSIS);
    assert.equal(analysis.cached, true);
    const { reason, ...detail } = analysis.confidence_detail;
    assert.equal(reason, undefined);
    assert.deepEqual([detail.calibrated, detail.raw, detail.n, detail.ece, detail.meets], [
      true,
      raw,
      CALIBRATION_MAP.n,
      CALIBRATION_MAP.ece.after,
      true,
    ]);
    assert.notEqual(analysis.confidence, raw);
    assert.equal(analysis.candidates![0]!.family, analysis.material!.family);
  });

  await t.step(
    "a stream's result, a picture as the body and another user get the same figure",
    async () => {
      const { confidence } = await analysePicture(ada.supabase, ANALYSIS);
      let streamed;
      for await (const event of streamAnalysis(ben.supabase, ANALYSIS)) {
        if (event.type === "result") streamed = event.result;
      }
      assert.equal(streamed!.confidence, confidence);
      assert.equal(streamed!.confidence_detail.meets, true);
      const bytes = Uint8Array.from(atob(WOOD), (character) => character.charCodeAt(0));
      const bare = await request(stack, {
        path: "/semantic-analysis?min_precision=0.9",
        method: "POST",
        headers: { Authorization: `Bearer ${ada.token}`, "Content-Type": "image/jpeg" },
        body: bytes,
      });
      assert.deepEqual([bare.status, bare.body.cached, bare.body.confidence], [
        200,
        true,
        confidence,
      ]);
      assert.equal(bare.body.confidence_detail.reason.meets, "not_promised");
    },
  );

  await t.step("the stored answer and the ledger hold the raw figure", async () => {
    const answers =
      await sql`select body::jsonb -> 'figure' ->> 'raw' as raw from semantic_analysis.answers`;
    assert.deepEqual([...new Set(answers.map((each) => Number(each.raw)))], [raw]);
    const read = () =>
      sql`select raw_confidence, family from semantic_analysis.ledger where outcome = 'ok'`;
    await until(async () => (await read()).length >= 5);
    const rows = await read();
    assert.deepEqual([...new Set(rows.map((row) => Number(row.raw_confidence)))], [raw]);
    assert.equal(rows[0]!.family, "wood");
  });

  await t.step("feedback on one's own answer is kept until an operator accepts it", async () => {
    const { request_id } = await analysePicture(ada.supabase, ANALYSIS);
    const kept = await sendFeedback(ada.supabase, {
      request_id,
      verdict: "wrong",
      correction: { family: "stone", type: "travertine" },
    });
    assert.equal(kept.feedback.request_id, request_id);
    const check = checkOf(await readDoctor(), "calibration");
    assert.equal(check.status, "warning");
    assert.match(check.message, /1 calibration map is in force; feedback of 1 answer waits/);

    const waiting = await service.rpc("semantic_analysis_read_feedback");
    assert.deepEqual(
      waiting.data.map((each: { is_family_right: boolean }) => each.is_family_right),
      [false],
    );
    const reviewed = await service.rpc("semantic_analysis_review_feedback", {
      p_request_id: request_id,
      p_is_accepted: true,
    });
    assert.equal(reviewed.data, true);
    assert.equal(checkOf(await readDoctor(), "calibration").status, "ok");
  });

  await t.step("another's answer and an unknown one are not found alike", async () => {
    const { request_id } = await analysePicture(ada.supabase, ANALYSIS);
    const answers = await Promise.all(
      [request_id, crypto.randomUUID()].map((id) =>
        invoke(ben.supabase, {
          body: { request_id: id, verdict: "right" },
        }, "semantic-analysis/feedback")
      ),
    );
    const [others, unknown] = answers.map(({ status, body: { error } }) => [
      status,
      error.code,
      error.message,
    ]);
    assert.equal(others![0], 404);
    assert.deepEqual(others, unknown);
  });

  await t.step(
    "task calibrate fits an evaluation, and the next answer is calibrated by it",
    async () => {
      const { body: { analysis } } = await request(stack, {
        path: "/semantic-analysis/limits",
        headers: { apikey: stack.secretKey },
      });
      const { prompt_version, schema_version } = analysis;
      const key = { model: MODEL, method: "fused", prompt_version, schema_version } as const;
      const lines = drawLines(createLogisticTruth({ slope: 0.6, intercept: -0.3 }), 400, { key });
      const file = await Deno.makeTempFile({ suffix: ".jsonl" });
      await Deno.writeTextFile(file, lines.map(toEvaluationLine).join(""));
      const calibrate = async (...options: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-check", "dev/tasks/calibrate.ts", ...options],
          env: { SUPABASE_URL: stack.apiUrl, SUPABASE_SECRET_KEY: stack.secretKey },
        }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        return JSON.parse(new TextDecoder().decode(stdout));
      };
      const { groups: [group] } = await calibrate(file, "--refit", "--json");
      await Deno.remove(file);
      assert.equal(group.action, "stored");
      assert.equal(group.feedback.used, 1);
      const { confidence_detail: detail } = await analysePicture(ada.supabase, ANALYSIS);
      assert.deepEqual([detail.calibrated, detail.n, detail.fitted_at], [
        true,
        401,
        group.map.fitted_at,
      ]);
      assert.deepEqual(await calibrate("--review", "--json"), { waiting: [] });
    },
  );

  await t.step("no caller of the application reaches maps or labels", async () => {
    for (const name of ["read_maps", "read_feedback", "read_calibration"]) {
      const { error } = await ada.supabase.rpc(`semantic_analysis_${name}`);
      assert.equal(error?.code, "42501", name);
    }
  });
});
