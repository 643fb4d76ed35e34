import { countOf } from "../../../_shared/client/count-of.ts";
import type { Check } from "./check.ts";
import type { CalibrationState } from "./read-project-state.ts";

/** Whether what labelled answers say of the figures waits for an operator. */
export function checkCalibration(state: CalibrationState | null): Check {
  const name = "calibration";
  if (state === null) {
    return { name, status: "skipped", message: "Not checked: the database comes first" };
  }
  const { in_force: inForce, withdrawn, unreviewed } = state;
  const maps = inForce === 0
    ? "No calibration map is in force, so confidence is as the models tell it"
    : `${inForce} calibration ${inForce === 1 ? "map is" : "maps are"} in force`;
  const first = withdrawn[0];
  const problems = [
    ...(first === undefined ? [] : [{
      message:
        `${withdrawn.length} ${
          withdrawn.length === 1 ? "is" : "are"
        } withdrawn, such as that of "${first.model}", ` +
        `${first.method}: ${first.because ?? "no reason told"}`,
      action: "evaluate anew and run deno task calibrate",
    }]),
    ...(unreviewed === 0 ? [] : [{
      message: `feedback of ${countOf(unreviewed, "answer")} waits for its review`,
      action: "run deno task calibrate --review",
    }]),
  ];
  if (problems.length === 0) return { name, status: "ok", message: maps };
  return {
    name,
    status: "warning",
    message: [maps, ...problems.map(({ message }) => message)].join("; "),
    action: `To do: ${problems.map(({ action }) => action).join("; ")}`,
  };
}
