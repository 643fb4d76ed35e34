/** Replies as a provider writes them, whole or streamed, from what a model says. */
import { OAK } from "../support/fake-together.ts";
import type { Reply } from "./fake-provider.ts";

/** The tokens of a reply that tells no others. */
export const USAGE = { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 };

/** What differs from an ordinary reply. */
export interface ReplyOptions {
  finishReason?: unknown;
  usage?: unknown;
  /** Beside `message` or `delta`. */
  choice?: Record<string, unknown>;
  /** Characters of each chunk of a stream. */
  size?: number;
  isDone?: boolean;
}

/** A structured answer about oak. */
export const JSON_TEXT = JSON.stringify(OAK);

/** A reply in one piece. */
export function whole(content: unknown, options: ReplyOptions = {}): Reply {
  const { finishReason = "stop", usage = USAGE, choice = {} } = options;
  const choices = [{
    index: 0,
    finish_reason: finishReason,
    message: { role: "assistant", content },
    ...choice,
  }];
  return { body: JSON.stringify({ id: "c", model: "Qwen/Qwen3.5-9B", choices, usage }) };
}

/** An event of a stream. */
export const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;

/** An event with a piece of the completion. */
export const chunk = (content: unknown, finish_reason: unknown = null, rest: object = {}) =>
  event({
    id: "c",
    object: "chat.completion.chunk",
    model: "Qwen/Qwen3.5-9B",
    choices: [{ index: 0, delta: { content }, finish_reason }],
    ...rest,
  });

/** The last event of a stream. */
export const DONE = "data: [DONE]\n\n";

/** Events as they stand. */
export const events = (body: string): Reply => ({
  headers: { "content-type": "text/event-stream" },
  body,
});

/** A reply in pieces of `size` characters, the last chunk with the usage. */
export function streamed(content: string, options: ReplyOptions = {}): Reply {
  const { finishReason = "stop", usage = USAGE, size = 7, isDone = true } = options;
  const pieces = content.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
  const end = chunk("", finishReason, { usage });
  return events(pieces.map((piece) => chunk(piece)).join("") + end + (isDone ? DONE : ""));
}
