/** A 2xx response, whole or as server-sent events: which of the two, its first bytes decide. */

import { createParser } from "eventsource-parser";
import {
  type ChatCompletion,
  type CompletionPiece,
  parseChunk,
  parseCompletion,
  toCompletion,
  toEnd,
  toReportedError,
} from "./completion.ts";
import type { TokenLogprob } from "./logprobs.ts";
import type { ReportedFailure } from "./reported-failure.ts";
import { TogetherError, TogetherResponseError, TogetherStreamError } from "../errors.ts";
import type { IncomingBody } from "../exchange.ts";
import type { Usage } from "../models.ts";

/** Which model was asked, and what is told while its completion comes. */
export interface ReadOptions {
  requestedModel: string;
  /** Told each piece of text as it comes, never an empty one. */
  onText: (text: string) => void;
  /** Told once that the text is complete; all that can follow is its usage. */
  onFinish: () => void;
  /** Text was shown, so that a completion which fails in the end is taken as a broken one. */
  hasShown: () => boolean;
}

/** As many characters as tell `data:` and its kin from anything else. */
const SNIFFED_LENGTH = 6;

/** The first line of server-sent events, which may be a comment. */
const EVENTS_BEGIN = /^(?:(?:data|event|id|retry)[:\r\n]|:)/;

/**
 * Reads a completion from the body of a 2xx response.
 *
 * @throws {TogetherResponseError} when it is none, or has no text in it.
 * @throws {TogetherStreamError} when it was cut, or the provider reports an error in it.
 * @throws {TogetherApiError} when the error it reports has a status or is about the model.
 * @throws what `body.read` throws.
 */
export async function readCompletion(
  body: Pick<IncomingBody, "read">,
  options: ReadOptions,
): Promise<ChatCompletion> {
  let head = "";
  while (head.trimStart().length < SNIFFED_LENGTH) {
    const text = await body.read();
    if (text === null) break;
    head += text;
  }
  if (EVENTS_BEGIN.test(head.trimStart())) return await readEvents(head, body, options);
  if (head.trim() === "") throw new TogetherStreamError(CUT_OFF);
  let text = head;
  for (let part = await body.read(); part !== null; part = await body.read()) text += part;
  const completion = parseCompletion(text, options.requestedModel);
  options.onText(completion.text);
  return completion;
}

/**
 * Reads events until `[DONE]` or the end. A stream that ends with neither that nor a finish reason was
 * cut off; after a finish reason nothing can spoil the completion any more. An unterminated last event
 * counts, against the WHATWG specification: servers leave the last blank line out, and both official
 * SDKs read it. Events that are no chunk (heartbeats, named pings) are passed over.
 */
async function readEvents(
  head: string,
  body: Pick<IncomingBody, "read">,
  options: ReadOptions,
): Promise<ChatCompletion> {
  const { requestedModel, onText, onFinish, hasShown } = options;
  const logprobs: TokenLogprob[] = [];
  let hasAllLogprobs = true;
  let isDone = false;
  let isAtEnd = false;
  const said = {
    text: "",
    model: requestedModel,
    finishReason: null as string | null,
    usage: null as Usage | null,
  };

  const onFailure = (failure: ReportedFailure) => {
    throw said.text === ""
      ? toReportedError(failure)
      : new TogetherStreamError("The provider reported an error in the middle of its stream");
  };

  const onChunk = (chunk: CompletionPiece) => {
    said.model = chunk.model ?? said.model;
    said.usage = mergeUsage(said.usage, chunk.usage);
    if (chunk.failure) onFailure(chunk.failure);
    const isRepetition = chunk.isWhole && said.text !== "";
    if (chunk.text !== "" && !isRepetition) {
      said.text += chunk.text;
      if (chunk.logprobs) logprobs.push(...chunk.logprobs);
      else hasAllLogprobs = false;
      onText(chunk.text);
    }
    if (chunk.finishReason === null) return;
    if (said.finishReason === null) onFinish();
    said.finishReason = chunk.finishReason;
  };

  function takeData(event: string | undefined, data: string): void {
    if (isDone || data.trim() === "") return;
    isDone = data.trimStart().startsWith("[DONE]");
    if (isDone) return;
    if (isSideEvent(event, data)) return;
    const chunk = parseChunk(data);
    if (event === "error") onFailure(chunk?.failure ?? {});
    if (chunk !== null) return onChunk(chunk);
    if (isAtEnd) throw new TogetherStreamError(CUT_OFF);
    throw new TogetherResponseError("The provider sent no chunk");
  }

  /** Data of one event, or of several without the blank line between them. */
  const listData = (data: string) =>
    data.includes("\n") && parseChunk(data) === null ? data.split("\n") : [data];

  const parser = createParser({
    onEvent({ event, data }) {
      for (const each of listData(data)) takeData(event, each);
    },
  });
  try {
    parser.feed(head.trimStart());
    while (!isDone) {
      const text = await body.read();
      if (text === null) break;
      parser.feed(text);
    }
    isAtEnd = true;
    parser.feed("\n\n");
  } catch (error) {
    // What was lost after the last piece of text is no more than the usage.
    if (said.finishReason === null || !(error instanceof TogetherError)) throw error;
  }
  if (!isDone && said.finishReason === null) throw new TogetherStreamError(CUT_OFF);
  const completion = {
    ...said,
    logprobs: hasAllLogprobs && logprobs.length > 0 ? logprobs : null,
  };
  if (toEnd(said.finishReason) === null && hasShown()) {
    const { finishReason: _, ...rest } = completion;
    return { ...rest, end: "broken" };
  }
  return toCompletion(completion);
}

/** Words that say no more than that something is still to come. */
const HEARTBEAT =
  /^\W*(?:\w+ processing|processing|ping|pong|keep.?alive|heart.?beat|waiting|queued)\W*$/i;

/** A heartbeat, or an event of a name of its own that brings neither text nor an error. */
function isSideEvent(event: string | undefined, data: string): boolean {
  if (event === "error") return false;
  if (event !== undefined && event !== "message") return !/"(?:choices|error)"/.test(data);
  return HEARTBEAT.test(data);
}

const CUT_OFF = "The provider's stream was cut off";

/** Counts grow while a stream goes on; a smaller one, or a 0, after a number is none. */
function mergeUsage(earlier: Usage | null, later: Usage | null): Usage | null {
  if (earlier === null || later === null) return later ?? earlier;
  return {
    promptTokens: Math.max(earlier.promptTokens, later.promptTokens),
    completionTokens: Math.max(earlier.completionTokens, later.completionTokens),
  };
}
