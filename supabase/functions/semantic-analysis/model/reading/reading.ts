/** What a completion comes to, and what reads it. */

import type { Judgement } from "../../../_shared/together-ai/attempt.ts";
import type { ChatCompletion } from "../../../_shared/together-ai/completion/completion.ts";
import type { Model } from "../../../_shared/together-ai/models.ts";
import type { LabelPlace } from "../figure/label-tokens.ts";
import type { MaterialAnswer } from "./material-answer.ts";

/** What kind of answer is wanted, of which model, and who is shown it while it comes. */
export interface ReaderOptions {
  isStructured: boolean;
  /** The prompt is the caller's: a no may be the answer to it. */
  isOwnPrompt: boolean;
  /** The prompt asks for JSON, so a prose answer may be that. */
  isJsonWanted: boolean;
  maxTokens: number;
  model: Pick<Model, "thinking">;
  /** Told what may be shown while it comes; without it nothing is. */
  show?: ((text: string) => void) | undefined;
}

/** What a completion comes to. */
export interface Reading {
  judgement: Judgement;
  /** Prose; empty for `nothing`. */
  analysis: string;
  /** The object in our form; null for prose. */
  answer: MaterialAnswer | null;
  /** Where the object's members are in `text`, for the probability of the label. */
  label: LabelPlace | null;
  /** It breaks off: the completion was cut, or the object. */
  isCut: boolean;
  /** It was put together of what could be read. */
  isSalvaged: boolean;
  /** The model declines. */
  isDeclined: boolean;
  /** What was shown is not, or not all of, what was read. */
  isAltered: boolean;
  /** There may be more in it than was read, which a repair could bring out. */
  needsRepair: boolean;
}

/** Reads one completion, without its thinking. */
export interface ReadingState {
  push(text: string): void;
  /** What was shown so far. */
  shown(): string;
  text(): string;
  read(completion: ChatCompletion): Reading;
}

/** A plain answer in prose. */
export const PLAIN = {
  answer: null,
  label: null,
  isCut: false,
  isSalvaged: false,
  isDeclined: false,
  isAltered: false,
  needsRepair: false,
} satisfies Partial<Reading>;

/** No token is longer on average, in any language. */
const CHARACTERS_PER_TOKEN = 16;

/** Characters of a prose answer at most. */
export const toMaxLength = ({ maxTokens }: ReaderOptions) => maxTokens * CHARACTERS_PER_TOKEN;
