import type { ChatRequest } from "./chat-request.ts";
import type { Answer } from "./completion.ts";
import { describePicture } from "./describe.ts";
import { TogetherError } from "./errors.ts";
import { decodePicture, type Picture } from "./picture.ts";
import { countImageTokens, estimateTextTokens } from "./tokens.ts";

const NO_PICTURE =
  "I only describe pictures by measuring their pixels, and there is none in this " +
  "conversation. Send one as an image_url block.";

/** What the analyst makes of a request. */
export interface Reply {
  answer: Answer;
  /** What reading the request cost: text and pictures together. */
  promptTokens: number;
}

/**
 * Answers a request: describes its first picture, whatever was asked.
 *
 * @throws {TogetherError} 400 if a picture can't be decoded or has more than `maxPixels` pixels
 */
export async function answerRequest(
  request: ChatRequest,
  images: readonly Uint8Array[],
  maxPixels: number,
): Promise<Reply> {
  const pictures: Picture[] = [];
  for (const image of images) pictures.push(await decode(image, maxPixels));
  const imageTokens = pictures.reduce(
    (sum, { width, height }) => sum + countImageTokens(width, height),
    0,
  );
  return {
    answer: toAnswer(pictures),
    promptTokens: estimateTextTokens(request.text) + imageTokens,
  };
}

function toAnswer(pictures: readonly Picture[]): Answer {
  const [picture] = pictures;
  if (picture === undefined) return { text: NO_PICTURE };
  const { text, family, families } = describePicture(picture);
  const note = pictures.length === 1 ? "" : ` This is the first of ${pictures.length} pictures.`;
  return {
    text: text + note,
    guess: {
      word: family,
      probabilities: new Map(families.map((guess) => [guess.family, guess.probability])),
    },
  };
}

async function decode(image: Uint8Array, maxPixels: number): Promise<Picture> {
  try {
    return await decodePicture(image, maxPixels);
  } catch {
    throw new TogetherError(
      400,
      `The image cannot be decoded or has more than "${maxPixels}" pixels`,
      { param: "messages" },
    );
  }
}
