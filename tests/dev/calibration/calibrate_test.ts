/** Whole calibrations of a project without a network. */
import assert from "node:assert/strict";
import { calibrate, type CalibrateOptions } from "../../../dev/calibration/calibrate.ts";
import { describeCalibration } from "../../../dev/calibration/describe.ts";
import type { FeedbackLabel } from "../../../dev/calibration/labels/select-feedback.ts";
import { createLogisticTruth, createTruth } from "../../../dev/calibration/synthetic/truth.ts";
import { createMemoryProject, drawLines, KEY } from "./evaluation-lines.ts";

const OVERSTATED = createLogisticTruth({ slope: 0.7, intercept: -0.8 });
const TRUE = createLogisticTruth({ mean: 3, slope: 1, intercept: 0 });
const WORSE = createTruth((raw) => 0.35 * raw);

/** With the coarse test of a fit. */
async function run(
  project: CalibrateOptions["project"],
  lines: CalibrateOptions["lines"],
  options: Partial<CalibrateOptions> = {},
) {
  const now = new Date("2026-11-20T00:00:00Z");
  return await calibrate({ project, lines, now, testDraws: 99, ...options });
}

Deno.test("calibrate: of labelled answers of a model that overstates itself a map with promises and sets is stored", async () => {
  const { project, inForce } = createMemoryProject();
  const [report] = await run(project, drawLines(OVERSTATED, 400));
  assert.equal(report!.action, "stored");
  const [map] = inForce();
  assert.deepEqual(map, report!.map);
  assert.equal(map!.fit!.kind, "platt");
  assert.equal(map!.n, 400);
  assert.ok(map!.ece.before > 0.08 && map!.ece.after < 0.05, JSON.stringify(map!.ece));
  assert.equal(map!.thresholds!.n, 400);
  assert.ok(map!.thresholds!.raw["0.8"]! > 0.5);
  assert.deepEqual(map!.conformal, { alpha: 0.05, quantile: 0.85, n: 400 });
  const text = describeCalibration([report!], false).join("\n");
  assert.match(
    text,
    /Map stored \(platt\): held-out Brier score better by 0\.\d{4}; if the raw figure were true: p = 0\.010/,
  );
  assert.match(text, /80 % +from a raw figure of 0\.\d+/);
});

Deno.test("calibrate: a dry run tells the same and stores nothing", async () => {
  const { project, inForce } = createMemoryProject();
  const lines = drawLines(OVERSTATED, 400);
  const [dry] = await run(project, lines, { isDry: true });
  assert.deepEqual(inForce(), []);
  assert.deepEqual(dry, (await run(project, lines))[0]);
});

Deno.test("calibrate: under 100 labels nothing is fitted, and an answer in two evaluations is one label", async () => {
  const { project, inForce } = createMemoryProject();
  const lines = drawLines(OVERSTATED, 99);
  const [report] = await run(project, [...lines, ...lines]);
  assert.equal(report!.evaluations, 99);
  assert.deepEqual([report!.action, report!.fit, inForce()], ["none", null, []]);
});

Deno.test("calibrate: where the raw figure is true it stays, and what can be promised of it is stored", async () => {
  const { project, inForce } = createMemoryProject();
  const [report] = await run(project, drawLines(TRUE, 600));
  assert.equal(report!.action, "stored");
  const [map] = inForce();
  assert.equal(map!.fit, null);
  assert.ok(map!.thresholds!.raw["0.9"] !== null);
  assert.equal(map!.ece.before, map!.ece.after);
});

Deno.test("calibrate: models, versions and methods have maps of their own", async () => {
  const { project } = createMemoryProject();
  const other = { ...KEY, method: "verbalized" } as const;
  const reports = await run(project, [
    ...drawLines(OVERSTATED, 300),
    ...drawLines(TRUE, 300, { seed: 2, key: other }),
  ]);
  assert.deepEqual(reports.map(({ method, fit }) => [method, fit!.pValue <= 0.05]), [
    ["fused", true],
    ["verbalized", false],
  ]);
});

Deno.test("calibrate: a map stays until half as many labels are new", async () => {
  const { project } = createMemoryProject();
  const lines = drawLines(OVERSTATED, 400);
  await run(project, lines);
  const few = drawLines(OVERSTATED, 100, { seed: 2, start: "2026-11-21T00:00:00Z" });
  const [kept] = await run(project, [...lines, ...few]);
  assert.deepEqual([kept!.action, kept!.drift!.n, kept!.map!.n], ["kept", 100, 400]);
  const [forced] = await run(project, [...lines, ...few], { isRefit: true });
  assert.deepEqual([forced!.action, forced!.map!.n], ["stored", 500]);
});

Deno.test("calibrate: a map that newer labels contradict is withdrawn, and older labels never come back", async () => {
  const { project, inForce, stored } = createMemoryProject();
  const lines = drawLines(OVERSTATED, 400);
  await run(project, lines);
  const worse = drawLines(WORSE, 90, { seed: 2, start: "2026-11-21T00:00:00Z" });
  const [withdrawn] = await run(project, [...lines, ...worse]);
  assert.equal(withdrawn!.action, "withdrawn");
  assert.deepEqual(inForce(), []);
  assert.match(
    stored()[0]!.withdrawn_because!,
    /^90 newer labels contradict it: \d\d\.\d % of their answers are right, it gives them \d\d\.\d %/,
  );

  const more = drawLines(WORSE, 160, { seed: 3, start: "2026-11-22T00:00:00Z" });
  const all = [...lines, ...worse, ...more];
  const [anew] = await run(project, all, { now: new Date("2026-11-25T00:00:00Z") });
  assert.deepEqual([anew!.action, anew!.map!.n], ["stored", 250]);
  const [later] = await run(project, all, {
    isRefit: true,
    now: new Date("2026-11-26T00:00:00Z"),
  });
  assert.equal(later!.map!.n, 250);
});

Deno.test("calibrate: answers of the cache say nothing against a map", async () => {
  const { project } = createMemoryProject();
  const lines = drawLines(OVERSTATED, 400);
  await run(project, lines);
  const cached = drawLines(WORSE, 90, { seed: 2, start: "2026-11-21T00:00:00Z" })
    .map((line) => ({ ...line, is_cached: true }));
  const [report] = await run(project, [...lines, ...cached]);
  assert.deepEqual([report!.action, report!.drift!.n], ["kept", 0]);
});

Deno.test("calibrate: twenty signed-in liars, accepted by mistake, move nothing", async () => {
  const lines = drawLines(OVERSTATED, 400);
  const honest = createMemoryProject();
  const [alone] = await run(honest.project, lines);
  const lies = Array.from({ length: 200 }, (_, place): FeedbackLabel => ({
    key: KEY,
    raw: 0.95,
    isRight: false,
    source: `giver ${place % 20}`,
    answeredAtMs: Date.parse("2026-11-02T00:00:00Z") + place,
  }));
  const lied = createMemoryProject(lies);
  const [report] = await run(lied.project, lines);
  assert.deepEqual(report!.feedback, {
    used: 0,
    beyond_share: 0,
    left_out: "other_share_of_wrong",
  });
  assert.deepEqual(report!.map, alone!.map);
});

Deno.test("calibrate: feedback that is like the evaluations widens the fit, and promises rest on evaluations", async () => {
  const feedback = drawLines(OVERSTATED, 100, { seed: 5 }).map((line, place): FeedbackLabel => ({
    key: KEY,
    raw: line.raw_confidence!,
    isRight: line.right.family!,
    source: `giver ${place % 10}`,
    answeredAtMs: Date.parse(line.answered_at),
  }));
  const { project } = createMemoryProject(feedback);
  const [report] = await run(project, drawLines(OVERSTATED, 300));
  assert.equal(report!.feedback.used, 100);
  assert.deepEqual([report!.map!.n, report!.map!.thresholds!.n], [400, 300]);
});
