/** What `deno task calibrate` prints. */
import { countOf } from "../../supabase/functions/_shared/client/count-of.ts";
import type { CalibrationMap } from "../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { toPercent, toTable } from "../evaluation/report/text.ts";
import { describeContradiction, type GroupReport } from "./calibrate.ts";
import { LEAST_LABELS, LEAST_SOURCES } from "./maps/choose-fit.ts";
import type { WaitingFeedback } from "./project.ts";

/** Each group with its table, in lines. */
export function describeCalibration(reports: readonly GroupReport[], isDry: boolean): string[] {
  if (reports.length === 0) {
    return [
      "There are no labels: no evaluation has an answer with a figure and a labelled family. " +
      "See deno task evaluate",
    ];
  }
  return reports.flatMap((report) => [
    `${report.model}, ${report.method} (prompt ${report.prompt_version}, form ${report.schema_version})`,
    ...describeGroup(report, isDry).map((line) => `  ${line}`),
    "",
  ]);
}

function describeGroup(report: GroupReport, isDry: boolean): string[] {
  const { drift, map } = report;
  return [
    `${countOf(report.evaluations, "label")} of evaluations, of ${
      countOf(report.sources, "source")
    }${describeFeedback(report)}`,
    ...(drift?.isContradicted ? [`${describeContradiction(drift)}`] : []),
    describeAction(report, isDry),
    ...(map ? describeMap(map) : []),
  ];
}

function describeFeedback({ feedback: { used, beyond_share, left_out } }: GroupReport): string {
  const reasons = {
    no_evaluations: "; feedback left out, without evaluations there is nothing to compare it with",
    other_share_of_wrong: "; feedback left out, it is wrong more or less often than evaluations",
  };
  return [
    used > 0 ? ` and ${used} of accepted feedback` : "",
    left_out ? reasons[left_out] : "",
    beyond_share > 0 ? `; ${beyond_share} left out, one user has a twentieth at most` : "",
  ].join("");
}

function describeAction({ action, fit, map, drift }: GroupReport, isDry: boolean): string {
  const would = (done: string, wouldBe: string) => isDry ? `Not stored: ${wouldBe}` : done;
  const test = fit === null
    ? `under ${LEAST_LABELS} labels or ${LEAST_SOURCES} sources nothing is fitted`
    : fit.gain <= 0
    ? "no better on labels that it was not fitted to"
    : `held-out Brier score better by ${fit.gain.toFixed(4)}; if the raw figure were true: p ${
      fit.pValue < 0.001 ? "< 0.001" : `= ${fit.pValue.toFixed(3)}`
    }`;
  switch (action) {
    case "stored":
      return map!.fit === null
        ? would("Promises stored, no map", "promises, no map") +
          `: the labels do not say that the raw figure is wrong (${test})`
        : would("Map stored", "a map") + ` (${map!.fit.kind}): ${test}`;
    case "kept":
      return `The map of ${map!.fitted_at.slice(0, 10)} stays` +
        (drift && drift.n > 0 ? `; ${countOf(drift.n, "newer label")} do not contradict it` : "");
    case "withdrawn":
      return `${
        isDry ? "It would be withdrawn" : "It is withdrawn"
      }; of the newer labels alone: ${test}`;
    case "none":
      return `No map: ${test}`;
  }
}

function describeMap({ n, ece, thresholds, conformal }: CalibrationMap): string[] {
  const rows = Object.entries(thresholds?.raw ?? {}).map(([precision, threshold]) => [
    toPercent(Number(precision), 0),
    threshold === null ? "can't be promised" : `from a raw figure of ${threshold}`,
  ]);
  return [
    `ECE ${ece.before.toFixed(3)} before, ${ece.after.toFixed(3)} after, debiased, on held-out ` +
    `labels (n = ${n})`,
    ...(rows.length === 0 ? ["No promises: fewer than 100 sources"] : toTable(
      ["so many are right", `with 95 % confidence over ${thresholds!.n} labels`],
      rows,
    )),
    conformal === null
      ? "No sets of families: too few labels with alternatives, or too large ones"
      : `Sets of families hold the right one in ${toPercent(1 - conformal.alpha, 0)} ` +
        `(n = ${conformal.n})`,
  ];
}

/** What a caller said of an answer. */
export function describeCorrection({ verdict, correction }: WaitingFeedback): string {
  return [verdict, ...Object.entries(correction).map(([name, value]) => `${name} ${value}`)]
    .join(", ");
}

/** Feedback that waits, as a table. */
export function describeWaiting(waiting: readonly WaitingFeedback[]): string[] {
  if (waiting.length === 0) return ["No feedback waits for a review"];
  return toTable(
    ["request", "given", "model", "raw", "answer", "says", "family", "by the same"],
    waiting.map((each) => [
      each.request_id,
      each.given_at.slice(0, 16),
      each.model,
      each.raw_confidence.toFixed(2),
      each.family,
      describeCorrection(each),
      each.is_family_right === null ? "?" : each.is_family_right ? "right" : "wrong",
      String(each.of_this_subject),
    ]),
  );
}
