/** A streamed answer: server-sent events with chunks in them, put together again. */

import { createParser } from "eventsource-parser";
import { type ChatCompletion, parseChunk, toCompletion } from "./chat-completion.ts";
import { TogetherError, TogetherStreamError } from "./errors.ts";
import type { IncomingBody } from "./exchange.ts";
import type { TokenLogprob } from "./logprobs.ts";

export interface ReadStreamOptions {
  requestedModel: string;
  /** Told each piece of text as it comes, never an empty one. */
  onText: (text: string) => void;
  /** Told once that the text is complete; all that can follow is its usage. */
  onFinish: () => void;
}

/**
 * Reads events until `[DONE]` or the end. A stream that ends with neither that nor a finish reason
 * was cut off; after a finish reason nothing can spoil the answer any more. An unterminated last event
 * is discarded, as the WHATWG specification wants it:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * @throws {TogetherStreamError} when it was cut, or the provider reports an error in it.
 * @throws {TogetherResponseError} when an event is no chunk, or there is no text in the whole.
 * @throws what `body.read` throws.
 */
export async function readStream(
  body: Pick<IncomingBody, "read">,
  { requestedModel, onText, onFinish }: ReadStreamOptions,
): Promise<ChatCompletion> {
  const logprobs: TokenLogprob[] = [];
  let hasAllLogprobs = true;
  let finishReason: string | null = null;
  let isDone = false;
  const completion: ChatCompletion = {
    text: "",
    model: requestedModel,
    isTruncated: false,
    usage: null,
    logprobs: null,
  };

  const onEvent = ({ data }: { data: string }) => {
    if (isDone) return;
    if (data.trim() === "[DONE]") {
      isDone = true;
      return;
    }
    const chunk = parseChunk(data);
    if (chunk.hasError) {
      throw new TogetherStreamError("Together AI reported an error in the stream");
    }
    completion.model = chunk.model ?? completion.model;
    completion.usage = chunk.usage ?? completion.usage;
    if (chunk.text !== "") {
      completion.text += chunk.text;
      if (chunk.logprobs) logprobs.push(...chunk.logprobs);
      else hasAllLogprobs = false;
      onText(chunk.text);
    }
    if (chunk.finishReason === null) return;
    if (finishReason === null) onFinish();
    finishReason = chunk.finishReason;
  };

  const parser = createParser({ onEvent });
  try {
    while (!isDone) {
      const text = await body.read();
      if (text === null) break;
      parser.feed(text);
    }
  } catch (error) {
    // What was lost after the last piece of text is no more than the usage.
    if (finishReason === null || !(error instanceof TogetherError)) throw error;
  }
  if (!isDone && finishReason === null) {
    throw new TogetherStreamError("Together AI's stream was cut off");
  }
  return toCompletion({
    ...completion,
    isTruncated: finishReason === "length",
    logprobs: hasAllLogprobs && logprobs.length > 0 ? logprobs : null,
  });
}
