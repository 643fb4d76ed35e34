import { ITEM_SEPARATOR } from "../labels/parse-label.ts";
import {
  type AnsweredLine,
  LABELLED_PROPERTIES,
  type LabelledProperty,
  type Labels,
} from "./answer-line.ts";

/**
 * Whether an answer is right, by labelled property.
 *
 * Of a closed list the two are equal. A `type` is right when the answer has all words of the label (`white
 * oak` for `oak`), and a list when each labelled item is that of an answered one.
 */
export function rateAnswer(labels: Labels, answered: AnsweredLine["answered"]) {
  const right: AnsweredLine["right"] = {};
  for (const property of LABELLED_PROPERTIES) {
    const label = labels[property];
    if (label === undefined) continue;
    const answer = answered?.[property];
    right[property] = answer !== undefined && isRight(property, label, answer);
  }
  return right;
}

/** A label or an answer in one text, for tables and confusion matrices. */
export function toLabelText(label: string | readonly string[]): string {
  return typeof label === "string" ? label : label.join(ITEM_SEPARATOR);
}

function isRight(
  property: LabelledProperty,
  label: string | string[],
  answer: string | string[],
): boolean {
  if (Array.isArray(label)) {
    return label.every((item) => [answer].flat().some((other) => hasWords(other, item)));
  }
  return typeof answer === "string" &&
    (property === "type" ? hasWords(answer, label) : answer === label);
}

function hasWords(text: string, wanted: string): boolean {
  const words = new Set(text.split(/[^\p{L}\p{N}]+/u));
  return wanted.split(/[^\p{L}\p{N}]+/u).every((word) => words.has(word));
}
