import { answerRequest } from "../answer/analyst.ts";
import { parseChatRequest } from "./chat-request.ts";
import { toCompletionChunks } from "./completion-chunks.ts";
import { createCompletion, toChatCompletion } from "./completion.ts";
import { deliver, deliverStream } from "../faults/deliver.ts";
import { TogetherError } from "./errors.ts";
import type { FaultQueue } from "../faults/faults.ts";
import { fetchPicture, type FetchPictureOptions } from "./fetch-picture.ts";
import { contextLengthOf } from "./models.ts";
import { changeCompletion, replaceAnswer, type SpoilOptions } from "../faults/spoil.ts";

/** What {@linkcode completeChat} needs beside the request. */
export interface CompleteChatOptions extends SpoilOptions, FetchPictureOptions {
  /** The model name in the answer. */
  answerModel: string;
  /** Of one picture. */
  maxPixels: number;
  /** Unix time in milliseconds. */
  now: () => number;
}

/**
 * Answers a chat completion request, or misbehaves as the next fitting fault has it.
 *
 * A request that Together would refuse is refused, and uses up no fault.
 *
 * @throws {TogetherError} as Together would answer
 */
export async function completeChat(
  body: unknown,
  faults: FaultQueue,
  options: CompleteChatOptions,
): Promise<Response> {
  const chat = parseChatRequest(body);
  const fault = faults.take({
    route: "chat",
    model: chat.model,
    isStream: chat.isStream,
  });
  const replaced = fault === null ? null : await replaceAnswer(fault, options);
  if (replaced !== null) return replaced;

  const pictures: Uint8Array[] = [];
  for (const url of chat.pictureUrls) pictures.push(await fetchPicture(url, options));
  const knownTruth = fault?.kind === "known_truth" ? fault : null;
  const reply = await answerRequest(chat, pictures, options.maxPixels, knownTruth);
  const contextLength = contextLengthOf(chat.model);
  if (reply.promptTokens + (chat.maxTokens ?? 0) > contextLength) {
    throw new TogetherError(
      403,
      `Input of "${reply.promptTokens}" tokens and max_tokens "${chat.maxTokens ?? 0}" exceed ` +
        `the context of "${contextLength}" tokens`,
      { param: "max_tokens" },
    );
  }
  const proper = createCompletion(
    fault?.kind === "content" ? { text: fault.content } : reply.answer,
    {
      id: options.id,
      model: knownTruth ? chat.model : options.answerModel,
      createdAtMs: options.now(),
      promptTokens: reply.promptTokens,
      maxTokens: chat.maxTokens,
      // Nothing is known of a text that was told.
      logprobs: fault?.kind === "content" ? null : chat.logprobs,
    },
  );
  const completion = fault === null ? proper : changeCompletion(fault, proper);
  return chat.isStream
    ? deliverStream(toCompletionChunks(completion, chat), fault, options)
    : deliver(toChatCompletion(completion), fault, options);
}
