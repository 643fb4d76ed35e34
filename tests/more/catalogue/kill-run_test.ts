import assert from "node:assert/strict";
import { runKillRun } from "../../../dev/kill-run/kill-run.ts";
import { createRandom } from "../../../dev/random.ts";

Deno.test("a catalogue of 300 pictures whose workers are killed: none lost, none paid twice unless killed", async () => {
  const result = await runKillRun({
    counts: { good: 240, duplicates: 30, bad: 20, failingFirst: 10, deadly: 0 },
    delayMs: 800,
    killEverySeconds: [5, 8],
    mostKills: 9,
    postgresRestarts: 2,
    random: createRandom(7),
    timeoutMs: 600_000,
    samplesAlone: 20,
  });
  const told = JSON.stringify(result);
  assert.equal(result.analysed, 280, told);
  assert.deepEqual(result.failed, { UNSUPPORTED_IMAGE_TYPE: 20 }, told);
  assert.equal(result.stranded, 0, told);
  assert.equal(result.unreadableProgress, 0, told);
  // Each picture that was paid again is one whose worker was killed before it settled.
  assert.equal(result.completions - result.repeated, 250, told);
  assert.ok(result.repeated <= result.unsettled, told);
  assert.ok(result.kills >= 5, told);
  // What was taken from the limits and never given back is at most what the killed ones may have cost.
  const { killedCeilingsNano, takenNano } = result.holds;
  assert.ok(takenNano >= 0 && takenNano <= killedCeilingsNano, told);
});
