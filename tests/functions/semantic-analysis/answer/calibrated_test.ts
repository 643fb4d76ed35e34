/** In each part of the single-flight the figure that is shown is calibrated by the maps that came with the reservation. */
import assert from "node:assert/strict";
import type { AnalysisResponseBody } from "../../../../supabase/functions/_shared/client/contract.ts";
import type { Reservation } from "../../../../supabase/functions/_shared/platform/limits/decisions.ts";
import { versionsOfStructured } from "../../../../supabase/functions/semantic-analysis/model/versions.ts";
import { CALIBRATION_MAP } from "../../../support/calibration.ts";
import { LEAD, STATE } from "../../../support/fake-limiter.ts";
import { createFunction, DEFAULT_MODEL, IMAGE, type Setup } from "../../../support/function.ts";

const HOLDER = "8a8d1d9e-1f0c-4c1b-9a57-0b5a4c5f3a11";

const { promptVersion, schemaVersion } = versionsOfStructured();
const MAPS = JSON.stringify([{
  ...CALIBRATION_MAP,
  model: DEFAULT_MODEL,
  method: "verbalized",
  prompt_version: promptVersion,
  schema_version: schemaVersion,
}]);

/** Of the model's own 0.9, which uncalibrated is shown as 0.75. */
const CALIBRATED = 0.7954;

async function ask(setup: Setup, body: Record<string, unknown> = {}) {
  const { post, limiter } = createFunction(setup);
  const response = await post({ image_data: IMAGE, ...body });
  const text = await response.text();
  const answer = limiter.settled[0]?.answer?.body;
  return { text, limiter, stored: answer === undefined ? null : JSON.parse(answer) };
}

const read = (text: string): AnalysisResponseBody => JSON.parse(text);

/** What a first request stores. */
const storedAnswer = async () => JSON.stringify((await ask({})).stored);

Deno.test("calibrated: a leader's answer is, and what it stores is raw", async () => {
  const { text, limiter, stored } = await ask({ decisions: [{ ...LEAD, maps: MAPS }] });
  assert.equal(read(text).confidence, CALIBRATED);
  assert.equal(read(text).confidence_detail.calibrated, true);
  assert.equal(stored.figure.raw, 0.9);
  assert.ok(!JSON.stringify(stored).includes(String(CALIBRATED)));
  const { mapsOf } = limiter.reserved[0]!;
  assert.equal(mapsOf!.models[0], DEFAULT_MODEL);
  assert.deepEqual(mapsOf, { models: mapsOf!.models, promptVersion, schemaVersion });
});

Deno.test("calibrated: a hit and a follower's answer are, by the maps of their own reservation", async () => {
  const answer = await storedAnswer();
  const hit: Reservation = { outcome: "hit", answer, ageMs: 0, state: STATE };
  const follower: Reservation = { outcome: "follower", holder: HOLDER, state: STATE };
  const awaitedAnswers: Setup["awaitedAnswers"] = [{ state: "ready", answer }];
  for (const reservation of [hit, follower]) {
    const with_ = await ask({ decisions: [{ ...reservation, maps: MAPS }], awaitedAnswers });
    assert.equal(read(with_.text).confidence, CALIBRATED, reservation.outcome);
    const without = await ask({ decisions: [reservation], awaitedAnswers });
    assert.equal(read(without.text).confidence, 0.75, reservation.outcome);
  }
});

Deno.test("calibrated: so is the answer of a follower that takes over, and a stream's result", async () => {
  const takeover = await ask({
    decisions: [
      { outcome: "follower", holder: HOLDER, state: STATE, maps: MAPS },
      { ...LEAD, maps: MAPS },
    ],
    awaitedAnswers: [{ state: "free" }],
  });
  assert.equal(read(takeover.text).confidence, CALIBRATED);
  const streamed = await ask({ decisions: [{ ...LEAD, maps: MAPS }] }, {
    options: { stream: true, min_precision: 0.95 },
  });
  const result = read(/^event: result\ndata: (.*)$/m.exec(streamed.text)![1]!);
  assert.equal(result.confidence, CALIBRATED);
  assert.equal(result.confidence_detail.meets, true);
});

Deno.test("calibrated: prose asks for no maps and has none", async () => {
  const { text, limiter } = await ask({ decisions: [{ ...LEAD, maps: MAPS }] }, {
    analysis_type: "general_description",
  });
  assert.equal(limiter.reserved[0]!.mapsOf, null);
  assert.equal(read(text).confidence, null);
  assert.deepEqual(read(text).confidence_detail.reason, {
    calibrated: "no_figure",
    candidates: "no_figure",
  });
});
