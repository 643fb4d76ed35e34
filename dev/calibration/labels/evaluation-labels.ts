import type { MapKey } from "../../../supabase/functions/semantic-analysis/calibration/calibration-map.ts";
import { FAMILIES } from "../../../supabase/functions/semantic-analysis/calibration/candidates.ts";
import type { AnswerLine } from "../../evaluation/answers/answer-line.ts";
import type { ToldPicture } from "../promise/conformal-set.ts";
import type { Label } from "./label.ts";

/** A label that a group has, with its time. */
export interface DatedLabel extends Label {
  key: MapKey;
  /** Unix time in milliseconds. */
  answeredAtMs: number;
}

/** An answer of an evaluation whose family is labelled. */
export interface EvaluationLabel extends DatedLabel {
  /** Given from the function's cache: an older answer once more, and no news of the model. */
  isCached: boolean;
  /** null where the model told no alternatives. */
  picture: ToldPicture | null;
}

/** Which answers a map is for, as one text: equal keys have equal names. */
export function toGroupName(key: MapKey): string {
  return [key.model, key.method, key.prompt_version, key.schema_version].join(" ");
}

/**
 * The labels that evaluations hold, the oldest first: of each picture and group the last answer, so that
 * one that is in several evaluations counts once. An answer without a figure is none.
 */
export function toEvaluationLabels(lines: readonly AnswerLine[]): EvaluationLabel[] {
  const labels = new Map<string, EvaluationLabel>();
  for (const line of lines) {
    const label = toLabel(line);
    if (label === null) continue;
    const name = `${toGroupName(label.key)} ${line.content_hash}`;
    const other = labels.get(name);
    if (!other || other.answeredAtMs <= label.answeredAtMs) labels.set(name, label);
  }
  return [...labels.values()].sort((a, b) => a.answeredAtMs - b.answeredAtMs);
}

function toLabel(line: AnswerLine): EvaluationLabel | null {
  const family = line.labels.family;
  if (line.outcome !== "answered" || line.method === "none" || line.raw_confidence === null) {
    return null;
  }
  if (family === undefined || !FAMILIES.includes(family)) return null;
  return {
    key: {
      model: line.model,
      prompt_version: line.prompt_version,
      schema_version: line.schema_version,
      method: line.method,
    },
    raw: line.raw_confidence,
    isRight: line.right.family === true,
    source: line.source,
    answeredAtMs: Date.parse(line.answered_at),
    isCached: line.is_cached,
    picture: line.alternatives && {
      told: Object.fromEntries(
        line.alternatives.map((each) => [each.family, each.probability]),
      ),
      family,
    },
  };
}
