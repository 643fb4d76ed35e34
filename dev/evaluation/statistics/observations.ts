import {
  type AnsweredLine,
  LABELLED_PROPERTIES,
  type LabelledProperty,
} from "../answers/answer-line.ts";
import { toLabelText } from "../answers/rate-answer.ts";

/** What a property of answers came to, in columns: one place an answer with this label. */
export interface Observations {
  property: LabelledProperty;
  count: number;
  /** Number of the cluster that the answer's source is; clusters are numbered from 0. */
  cluster: Int32Array;
  clusters: number;
  /** 1 where the answer is right. */
  right: Uint8Array;
  /** 1 where the answer is `unknown`, or there is none. */
  unknown: Uint8Array;
  /** Numbers of labels and answers in `values`. */
  label: Int32Array;
  answer: Int32Array;
  /** What labels and answers are, labels first, each in the order of the alphabet. */
  values: string[];
  /** So many of them are labels of some picture. */
  labelled: number;
}

/** The properties that some line has a label of. */
export function findLabelled(lines: readonly AnsweredLine[]): LabelledProperty[] {
  return LABELLED_PROPERTIES.filter((property) =>
    lines.some(({ labels }) => labels[property] !== undefined)
  );
}

/** The answers with a label of this property. */
export function observe(
  lines: readonly AnsweredLine[],
  property: LabelledProperty,
): Observations {
  const rows = lines.flatMap(({ labels, answered, right, source }) => {
    const label = labels[property];
    if (label === undefined) return [];
    const answer = answered?.[property] ?? "unknown";
    const isRight = right[property] === true;
    // A right type or list may be in other words than its label's.
    const text = isRight ? toLabelText(label) : toLabelText(answer) || "unknown";
    return [{ source, isRight, label: toLabelText(label), answer: text }];
  });
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const others = [...new Set(rows.map(({ answer }) => answer))]
    .filter((answer) => !labels.includes(answer)).sort();
  const values = [...labels, ...others];
  const { cluster, clusters } = toClusters(rows.map(({ source }) => source));
  return {
    property,
    count: rows.length,
    cluster,
    clusters,
    right: Uint8Array.from(rows, ({ isRight }) => Number(isRight)),
    unknown: Uint8Array.from(rows, ({ answer }) => Number(answer === "unknown")),
    label: Int32Array.from(rows, ({ label }) => values.indexOf(label)),
    answer: Int32Array.from(rows, ({ answer }) => values.indexOf(answer)),
    values,
    labelled: labels.length,
  };
}

/** A cluster for each source, numbered from 0 in the order in which they come; equal sources share one. */
export function toClusters(
  sources: readonly string[],
): { cluster: Int32Array; clusters: number } {
  const numbers = new Map<string, number>();
  const cluster = Int32Array.from(sources, (source) => {
    const number = numbers.get(source) ?? numbers.size;
    numbers.set(source, number);
    return number;
  });
  return { cluster, clusters: numbers.size };
}
