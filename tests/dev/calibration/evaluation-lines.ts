/** Evaluations whose truth is known, and a project that keeps maps in memory. */
import type {
  CalibrationMap,
  MapKey,
} from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { toGroupName } from "../../../dev/calibration/labels/evaluation-labels.ts";
import type { FeedbackLabel } from "../../../dev/calibration/labels/select-feedback.ts";
import type { CalibratedProject, StoredMap } from "../../../dev/calibration/project.ts";
import { drawLabels, type Truth } from "../../../dev/calibration/synthetic/truth.ts";
import type { AnsweredLine } from "../../../dev/evaluation/answers/answer-line.ts";
import { createRandom } from "../../../dev/random.ts";
import { createAnsweredLine } from "../evaluation/lines.ts";

/** The map that the lines are for. */
export const KEY: MapKey = {
  model: "a/model",
  prompt_version: "0123456789abcdef",
  schema_version: "fedcba9876543210",
  method: "fused",
};

/** One answer a picture, each picture of a source of its own, one a minute from `start` on. */
export function drawLines(
  truth: Truth,
  count: number,
  { start = "2026-11-01T00:00:00Z", seed = 1, key = KEY }: {
    start?: string;
    seed?: number;
    key?: MapKey;
  } = {},
): AnsweredLine[] {
  const { raw, right } = drawLabels(truth, count, createRandom(seed));
  return Array.from(raw, (figure, place) => {
    const isRight = right[place] === 1;
    const name = `${seed}-${place}`;
    return createAnsweredLine({
      ...key,
      file: name,
      source: name,
      content_hash: `${seed}f${place}`.padEnd(64, "f"),
      answered_at: new Date(Date.parse(start) + place * 60_000).toISOString(),
      raw_confidence: figure,
      right: { family: isRight },
      alternatives: [
        { family: isRight ? "wood" : "metal", probability: 0.8 },
        { family: isRight ? "stone" : "wood", probability: 0.15 },
      ],
    });
  });
}

/** @param feedback that is accepted */
export function createMemoryProject(feedback: FeedbackLabel[] = []) {
  const maps = new Map<string, StoredMap>();
  const project: CalibratedProject = {
    readMaps: () => Promise.resolve([...maps.values()]),
    storeMap(map) {
      maps.set(toGroupName(map), {
        map,
        stored_at: map.fitted_at,
        withdrawn_at: null,
        withdrawn_because: null,
      });
      return Promise.resolve();
    },
    withdrawMap(key, because) {
      Object.assign(maps.get(toGroupName(key))!, {
        withdrawn_at: "now",
        withdrawn_because: because,
      });
      return Promise.resolve();
    },
    readFeedback: () => Promise.resolve(feedback),
    readWaiting: () => Promise.resolve([]),
    review: () => Promise.resolve(false),
  };
  const inForce = (): CalibrationMap[] =>
    [...maps.values()].filter((each) => each.withdrawn_at === null).map(({ map }) => map);
  return { project, inForce, stored: () => [...maps.values()] };
}
