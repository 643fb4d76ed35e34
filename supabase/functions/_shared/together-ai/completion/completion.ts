/**
 * What comes back from `POST /v1/chat/completions`, as a whole or in chunks: read as widely as servers
 * write it, and believed as little as it can be checked.
 * https://docs.together.ai/reference/chat-completions
 */

import type { ErrorDetails } from "../error-kinds.ts";
import {
  TogetherApiError,
  TogetherEmptyAnswerError,
  type TogetherError,
  TogetherResponseError,
  TogetherStreamError,
} from "../errors.ts";
import type { Usage } from "../models.ts";
import { readLogprobs, type TokenLogprob } from "./logprobs.ts";
import {
  asObject,
  isTold,
  type JsonObject,
  readFailure,
  type ReportedFailure,
} from "./reported-failure.ts";

/**
 * How a completion ended: by itself, cut at `max_tokens`, or `broken` by a failure that came after its
 * text was shown.
 */
export type CompletionEnd = "complete" | "truncated" | "broken";

/** What a model said. */
export interface ChatCompletion {
  text: string;
  /** The model that answered, by its own account. */
  model: string;
  end: CompletionEnd;
  /** As the provider told it; null when it told none that can be read. */
  usage: Usage | null;
  /** Of every token, in order; null when there are none. */
  logprobs: TokenLogprob[] | null;
}

/** A whole response, or one chunk of it. */
export interface CompletionPiece {
  /** Empty in a piece that brings something else. */
  text: string;
  model: string | null;
  /** null until the end is told. */
  finishReason: string | null;
  usage: Usage | null;
  logprobs: TokenLogprob[] | null;
  /** What the provider reports in place of, or in the middle of, a completion. */
  failure: ReportedFailure | null;
  hasChoice: boolean;
  /** The text is a whole message, not the next piece of one. */
  isWhole: boolean;
}

/**
 * The only reasons that end a completion: OpenAI's, Together's `eos`, and what other servers, or gateways to
 * them, have for the same. Any other is a failure.
 */
const END_OF_REASON: ReadonlyMap<string, CompletionEnd> = new Map([
  ["stop", "complete"],
  ["eos", "complete"],
  ["eos_token", "complete"],
  ["stop_sequence", "complete"],
  ["end_turn", "complete"],
  ["length", "truncated"],
  ["max_tokens", "truncated"],
  ["model_length", "truncated"],
]);

/** How a completion ended; null where its finish reason says that it failed. None told is an end. */
export function toEnd(finishReason: string | null): CompletionEnd | null {
  return finishReason === null ? "complete" : END_OF_REASON.get(finishReason) ?? null;
}

/**
 * Parses the body of a 2xx response.
 *
 * @param requestedModel Reported when the response names none.
 * @throws {TogetherResponseError} when it isn't a chat completion that came to an end with text in it,
 *   as a TogetherEmptyAnswerError when the text is all that is missing. Its usage is kept.
 * @throws {TogetherApiError} when the body is an error with a status or about the model.
 */
export function parseCompletion(text: string, requestedModel: string): ChatCompletion {
  const piece = readPiece(withoutList(parseBody(text)));
  if (piece?.failure) throw toReportedError(piece.failure, piece);
  if (!piece?.hasChoice) {
    throw new TogetherResponseError("The provider sent no chat completion", piece ?? {});
  }
  return toCompletion({
    text: piece.text,
    model: piece.model ?? requestedModel,
    finishReason: piece.finishReason,
    usage: piece.usage,
    logprobs: piece.logprobs,
  });
}

/** What blocked a completion: the model is well, and may say no to this picture or prompt alone. */
const NAMES_FILTER = /filter|safety|blocklist|prohibited|recitation|sensitive|refusal/;

/**
 * @throws {TogetherStreamError} when the finish reason is no end.
 * @throws {TogetherEmptyAnswerError} when there is no text in it, or a filter blocked it.
 */
export function toCompletion(
  { finishReason, ...completion }: Omit<ChatCompletion, "end"> & { finishReason: string | null },
): ChatCompletion {
  const end = toEnd(finishReason);
  if (finishReason !== null && NAMES_FILTER.test(finishReason)) {
    throw new TogetherEmptyAnswerError(completion);
  }
  if (end === null) {
    throw new TogetherStreamError("The provider gave up within the completion", completion);
  }
  if (completion.text.trim() === "") {
    throw new TogetherEmptyAnswerError({ ...completion, isTruncated: end === "truncated" });
  }
  return { ...completion, end };
}

/** Parses the data of one event of a streamed response; null when it is no JSON. */
export function parseChunk(data: string): CompletionPiece | null {
  try {
    return readPiece(asObject(parseJson(data)) ?? {});
  } catch {
    return null;
  }
}

/** The error that a failure reported within a 2xx stands for. */
export function toReportedError(
  { status, ...details }: ReportedFailure,
  completion: { usage?: Usage | null; model?: string | null } = {},
): TogetherError {
  const hasStatus = status !== undefined && status >= 400 && status <= 599;
  const error = new TogetherApiError(hasStatus ? status : 400, {
    ...details,
    isWithinAnswer: true,
  });
  return hasStatus || error.isModelUnavailable
    ? error
    : new TogetherStreamError("The provider reported an error within its response", completion);
}

/** null when it is no object. */
function readPiece(value: unknown): CompletionPiece | null {
  const body = asObject(value);
  if (body === null) return null;
  const choices = Array.isArray(body.choices) ? body.choices.map(asObject) : [];
  const first = choices.find((each) => each !== null && Number(each.index ?? 0) === 0);
  // The only one of a whole is the one that was asked for, whatever its number.
  const only = choices.length === 1 && asObject(choices[0]?.message) ? choices[0] : null;
  const choice = first ?? only ?? null;
  const text = choice === null ? "" : readText(choice);
  return {
    text,
    model: readModel(body.model),
    finishReason: choice === null ? null : readFinishReason(choice.finish_reason),
    // Groq tells that of a stream in a member of its own.
    usage: readUsage(body.usage ?? asObject(body.x_groq)?.usage),
    logprobs: readLogprobs(choice?.logprobs, text, choice?.top_logprobs),
    failure: readFailure(body) ?? (isTold(choice?.error) ? readFailure(choice!) : null),
    hasChoice: choice !== null,
    isWhole: asObject(choice?.delta) === null && asObject(choice?.message) !== null,
  };
}

/** `message` of a whole response, `delta` of a chunk, or, from servers that mix them up, either. */
function readText(choice: JsonObject): string {
  const message = asObject(choice.delta) ?? asObject(choice.message);
  const content = message === null ? choice.message ?? choice.text : message.content;
  // A gateway has parsed the answer that was asked for as JSON.
  const answer = asObject(content);
  const isParsed = answer !== null && !("text" in answer || "value" in answer) &&
    "description" in answer;
  return isParsed ? JSON.stringify(answer) : joinParts(content);
}

/** Parts are in a list at most, and their text may be in an object of its own. */
const MAX_DEPTH = 4;

/** Content is a text, or a list of parts of which those of the thinking are not the answer. */
function joinParts(content: unknown, depth = 0): string {
  if (typeof content === "string") return content;
  if (depth === MAX_DEPTH) return "";
  if (Array.isArray(content)) return content.map((part) => joinParts(part, depth + 1)).join("");
  const part = asObject(content);
  if (part === null) return "";
  const isText = part.type === undefined || part.type === "text" || part.type === "output_text";
  return isText ? joinParts(part.text ?? part.value, depth + 1) : "";
}

/** A name from outside is kept where it can be stored and logged. */
function readModel(model: unknown): string | null {
  return typeof model === "string" && /^[\x21-\x7e]{1,200}$/.test(model) ? model : null;
}

/** null where none is told; a value of another type is one that isn't known. */
function readFinishReason(reason: unknown): string | null {
  if (reason === null || reason === undefined) return null;
  return typeof reason === "string" ? reason.trim().toLowerCase() || null : "unknown";
}

function readUsage(value: unknown): Usage | null {
  const usage = asObject(value);
  const promptTokens = toTokenCount(usage?.prompt_tokens);
  const completionTokens = toTokenCount(usage?.completion_tokens);
  return promptTokens === null || completionTokens === null
    ? null
    : { promptTokens, completionTokens };
}

function toTokenCount(value: unknown): number | null {
  const isCount = Number.isInteger(value) && (value as number) >= 0;
  return isCount ? value as number : null;
}

/** What the body of a response that isn't 2xx says of the failure; nothing where it isn't JSON. */
export function parseErrorDetails(text: string, status: number): ErrorDetails {
  const body = parseErrorBody(text);
  // Together's 403 is about the length of a request. A proxy, a gateway or a framework that refuses the
  // key tells it in a text, or in an object without an `error`.
  if (body === null) return { isPage: status === 403 || text.trimStart().startsWith("<") };
  const { status: _, ...details } = readFailure({ object: "error", ...body })!;
  const isForeign = status === 403 && !isTold(body.error) && details.code === undefined;
  return isForeign ? { ...details, isPage: true } : details;
}

function parseErrorBody(text: string): JsonObject | null {
  try {
    return asObject(withoutList(parseJson(text)));
  } catch {
    return null;
  }
}

/** Some servers put a response, or an error, into a list of one. */
function withoutList(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** A text, or one of the numbers that JSON has no words for; Python writes them all the same. */
const TEXT_OR_NO_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|$)|-?(?:NaN|Infinity)/g;

/** JSON as servers write it: with numbers that are none, and with something behind it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const body = text.slice(0, text.lastIndexOf("}") + 1);
    return JSON.parse(body.replace(TEXT_OR_NO_NUMBER, (each) => each[0] === '"' ? each : "null"));
  }
}

function parseBody(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // The SyntaxError is not kept as the cause: V8 quotes the body in its message.
    const isPage = text.trimStart().startsWith("<");
    throw new TogetherResponseError("The provider sent a body that is not JSON", { isPage });
  }
}
