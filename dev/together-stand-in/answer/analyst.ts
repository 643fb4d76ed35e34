import type { ChatRequest } from "../wire/chat-request.ts";
import type { Answer } from "../wire/completion.ts";
import { describePicture } from "../picture/describe.ts";
import { TogetherError } from "../wire/errors.ts";
import { fillSchema, type Known } from "./fill-schema.ts";
import { drawAnswer, type DrawnAnswer, type KnownTruth } from "./known-truth.ts";
import type { JsonSchema } from "./json-schema.ts";
import { toMaterialProperties } from "./material-properties.ts";
import { decodePicture, type Picture } from "../picture/picture.ts";
import { readProperties } from "./read-properties.ts";
import { countPictureTokens, estimateTextTokens } from "./tokens.ts";

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
 * Answers a request: describes its first picture, whatever was asked, in prose or as JSON.
 *
 * As JSON it also puts in order what a conversation without a picture says of a material.
 *
 * @param knownTruth what the family is drawn from, for pictures that it knows, in place of measurements
 * @throws {TogetherError} 400 if a picture can't be decoded or has more than `maxPixels` pixels
 */
export async function answerRequest(
  request: ChatRequest,
  images: readonly Uint8Array[],
  maxPixels: number,
  knownTruth: KnownTruth | null = null,
): Promise<Reply> {
  const pictures: Picture[] = [];
  for (const image of images) pictures.push(await decode(image, maxPixels));
  const imageTokens = pictures.reduce(
    (sum, { width, height }) => sum + countPictureTokens(width, height),
    0,
  );
  const drawn = knownTruth && images[0] ? drawAnswer(knownTruth, images[0], request.model) : null;
  return {
    answer: toAnswer(pictures, request, drawn),
    promptTokens: estimateTextTokens(request.text) + imageTokens,
  };
}

function toAnswer(
  pictures: readonly Picture[],
  { schema, turns }: ChatRequest,
  drawn: DrawnAnswer | null,
): Answer {
  const [picture] = pictures;
  if (picture === undefined) {
    if (schema === null) return { text: NO_PICTURE };
    return toJsonAnswer(schema, new Map([["description", NO_PICTURE], ...readProperties(turns)]));
  }
  const found = describePicture(picture);
  const note = pictures.length === 1 ? "" : ` This is the first of ${pictures.length} pictures.`;
  const measured = found.text + note;
  const family: string = drawn?.family ?? found.family;
  const text = drawn ? measured.replace(/^[^.]*\./, `Looks most like ${family}.`) : measured;
  const probabilities = drawn?.probabilities ?? new Map(
    found.families.map((guess): [string, number] => [guess.family, guess.probability]),
  );
  if (schema !== null) {
    const properties = toMaterialProperties({ ...found, text }, picture);
    return toJsonAnswer(
      schema,
      drawn ? new Map([...properties, ...toProperties(drawn)]) : properties,
      probabilities,
    );
  }
  return { text, guess: { word: family, start: text.indexOf(family), probabilities } };
}

/** What is drawn in place of what was measured. */
function toProperties({ family, said, probabilities }: DrawnAnswer): [string, unknown][] {
  const others = [...probabilities.keys()].filter((other) => other !== family);
  return [["family", family], ["confidence", said], ["lookalikes", others.slice(0, 3)]];
}

/** The family is a guess where it is the value of a property of that name. */
function toJsonAnswer(
  schema: JsonSchema,
  known: Known,
  probabilities: ReadonlyMap<string, number> = new Map(),
): Answer {
  const text = JSON.stringify(fillSchema(schema, known));
  const word = String(known.get("family"));
  // Cannot stand in the middle of a string, where quotes are escaped.
  const name = `"family":"`;
  const place = probabilities.has(word) ? text.indexOf(`${name}${word}"`) : -1;
  return place === -1
    ? { text }
    : { text, guess: { word, start: place + name.length, probabilities } };
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
