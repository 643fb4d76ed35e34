import assert from "node:assert/strict";
import { checkCalibration } from "../../../../../supabase/functions/semantic-analysis/routes/doctor/calibration-check.ts";

const NONE = { in_force: 0, withdrawn: [], unreviewed: 0 };

Deno.test("checkCalibration() is content with maps in force, and with none", () => {
  assert.equal(checkCalibration(null).status, "skipped");
  assert.equal(checkCalibration(NONE).status, "ok");
  const check = checkCalibration({ ...NONE, in_force: 2 });
  assert.deepEqual([check.status, check.message], ["ok", "2 calibration maps are in force"]);
});

Deno.test("checkCalibration() warns about unreviewed feedback and withdrawn maps, with what to do", () => {
  const check = checkCalibration({
    in_force: 1,
    withdrawn: [{ model: "a/model", method: "fused", because: "newer labels contradict it" }],
    unreviewed: 12,
  });
  assert.equal(check.status, "warning");
  assert.equal(
    check.message,
    '1 calibration map is in force; 1 is withdrawn, such as that of "a/model", fused: newer ' +
      "labels contradict it; feedback of 12 answers waits for its review",
  );
  assert.match(check.action!, /calibrate; run deno task calibrate --review$/);
});
