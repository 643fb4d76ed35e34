/** What a fit is made of: one label an answer. */
import { toClusters } from "../../evaluation/statistics/observations.ts";

/** An answer of which it is known whether its family is right. */
export interface Label {
  /** The uncapped figure in [0, 1]. */
  raw: number;
  isRight: boolean;
  /** The source of the picture: labels of one source are one cluster. */
  source: string;
}

/** The same as columns, for arithmetic. */
export interface LabelColumns {
  raw: Float64Array;
  /** 1 where the family is right, 0 where not. */
  right: Float64Array;
  /** Equal numbers are one source, counted from 0. */
  source: Int32Array;
}

/** Columns in the order of the labels. */
export function toColumns(labels: readonly Label[]): LabelColumns {
  return {
    raw: Float64Array.from(labels, ({ raw }) => raw),
    right: Float64Array.from(labels, ({ isRight }) => Number(isRight)),
    source: toClusters(labels.map(({ source }) => source)).cluster,
  };
}

/** The labels at these places. */
export function pickLabels(labels: LabelColumns, places: ArrayLike<number>): LabelColumns {
  const pick = <Column extends Float64Array | Int32Array>(column: Column, picked: Column) => {
    for (let index = 0; index < places.length; index++) picked[index] = column[places[index]!]!;
    return picked;
  };
  return {
    raw: pick(labels.raw, new Float64Array(places.length)),
    right: pick(labels.right, new Float64Array(places.length)),
    source: pick(labels.source, new Int32Array(places.length)),
  };
}

/** How many different sources there are. */
export function countSources(source: Int32Array): number {
  return new Set(source).size;
}
