import type { AnswerKey, KeptAnswer, KeptAnswers } from "../answers/kept-answers.ts";
import { showKept } from "../answers/show-kept.ts";
import type { InspectedPicture } from "../labels/inspect-pictures.ts";
import type { CalibrationMapKey, ModelFacts } from "./project.ts";

/** A picture and a model to ask about it. */
export interface Question {
  picture: InspectedPicture;
  facts: ModelFacts;
  key: AnswerKey;
  /** The answer of an earlier evaluation; null: it is to be asked for. */
  kept: KeptAnswer | null;
}

/**
 * Every picture with every model. The pictures are in the order of their hashes, which has nothing to do with
 * their labels, and the models of one picture follow each other: an evaluation that is cut is a fair sample,
 * and paired.
 *
 * @param maps what kept confidences are calibrated by
 * @param isFresh what was kept is not looked at
 */
export async function planEvaluation(
  pictures: readonly InspectedPicture[],
  models: readonly ModelFacts[],
  { url, kept, maps, isFresh }: {
    url: string;
    kept: KeptAnswers;
    maps: readonly CalibrationMapKey[];
    isFresh: boolean;
  },
): Promise<Question[]> {
  const sorted = pictures.toSorted((left, right) => left.contentHash < right.contentHash ? -1 : 1);
  const questions: Question[] = [];
  for (const picture of sorted) {
    for (const facts of models) {
      const { modelAsked, model, promptVersion, schemaVersion } = facts;
      const { contentHash } = picture;
      const key = { url, modelAsked, model, promptVersion, schemaVersion, contentHash };
      const found = isFresh ? null : await kept.read(key);
      questions.push({ picture, facts, key, kept: found && showKept(found, facts, maps) });
    }
  }
  return questions;
}
