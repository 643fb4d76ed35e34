import type { Labels } from "../answers/answer-line.ts";

/** A picture on disk and what is true of it. */
export interface LabelledPicture {
  /** As its folder or CSV names it, for people. */
  file: string;
  path: string;
  /** What it was taken of. */
  source: string;
  labels: Labels;
}

/** A line or a file that can't be used, and why. */
export interface LabelProblem {
  /** `line 12` of a CSV, or a file's path within the folder. */
  place: string;
  /** The end of a sentence that begins with the place. */
  problem: string;
}

/** All that was found, the bad with the good. */
export interface ReadLabels {
  pictures: LabelledPicture[];
  problems: LabelProblem[];
}
