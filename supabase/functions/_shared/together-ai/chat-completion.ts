/**
 * The wire of `POST /v1/chat/completions`, both ways, as a whole or in chunks.
 * https://docs.together.ai/reference/chat-completions
 */

import * as z from "zod/mini";
import { TogetherEmptyAnswerError, TogetherResponseError } from "./errors.ts";
import { parseLogprobs, type TokenLogprob } from "./logprobs.ts";
import { findModel, type Usage } from "./models.ts";

/** A picture, either as bytes or as an address that Together fetches. */
export type ChatPicture =
  | {
    kind: "bytes";
    /** e.g. `image/jpeg` */
    mediaType: string;
    /** Strict RFC 4648 base64. Not checked again: it is put into the body as it stands. */
    base64: string | InsertableText;
    /** Pixels. Without them it counts as the largest. */
    width?: number;
    height?: number;
  }
  | { kind: "url"; url: string };

/** A text that knows how to become a part of a body, with less copying than a string would need. */
export interface InsertableText {
  /** What is before, the text in ASCII, and what is behind; unchanged until the next call. */
  between(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** One question, usually about a picture. */
export interface ChatRequest {
  systemPrompt: string;
  userPrompt: string;
  picture: ChatPicture | null;
  /** 0 to 2. */
  temperature: number;
  /** Upper bound of the answer's length in tokens. */
  maxTokens: number;
  /**
   * The form of the answer. A model is held to it as far as it can be, so the prompts should ask for
   * it as well, and nothing is promised.
   */
  responseSchema?: { name: string; schema: Record<string, unknown> };
  /** Ask for the tokens' probabilities where the model has them. */
  wantsLogprobs?: boolean;
}

/** What the model said. */
export interface ChatCompletion {
  text: string;
  /** The model that answered, by its own account. */
  model: string;
  /** The answer was cut at `maxTokens`. */
  isTruncated: boolean;
  /** null when Together sent none that can be read. */
  usage: Usage | null;
  /** Of every token, in order; null when there are none. */
  logprobs: TokenLogprob[] | null;
}

/** Stands for the base64 while the rest of the body is serialised; occurs in no JSON text of ours. */
const PICTURE_PLACEHOLDER = "\u0000picture\u0000";
const PICTURE_PLACEHOLDER_JSON = JSON.stringify(PICTURE_PLACEHOLDER).slice(1, -1);

/**
 * Serialises a request for one model. The base64 is inserted as it is: it is megabytes long and
 * needs no escaping, so it is not run through `JSON.stringify`. The bytes are for one attempt: they may
 * be changed by the next call for the same picture.
 */
export function toRequestBody(
  request: ChatRequest,
  modelId: string,
  { isStreamed = false } = {},
): Uint8Array<ArrayBuffer> {
  const { picture } = request;
  const model = findModel(modelId);
  // Together caches prompts by their common prefix, so the text goes before the picture. Nothing
  // that a caller wrote comes after it, which is what makes the last placeholder the right one.
  const body = JSON.stringify({
    model: modelId,
    temperature: request.temperature,
    max_tokens: request.maxTokens,
    ...(model.isReasoning && { reasoning: { enabled: false } }),
    ...toResponseFormat(request, model.structuredOutput),
    ...(request.wantsLogprobs && model.hasLogprobs && { logprobs: 1 }),
    ...(isStreamed && { stream: true, stream_options: { include_usage: true } }),
    messages: [
      { role: "system", content: request.systemPrompt },
      {
        role: "user",
        content: picture === null ? request.userPrompt : [
          { type: "text", text: request.userPrompt },
          { type: "image_url", image_url: { url: toPictureUrl(picture) } },
        ],
      },
    ],
  });
  const encode = (text: string) => new TextEncoder().encode(text);
  if (picture?.kind !== "bytes") return encode(body);
  const at = body.lastIndexOf(PICTURE_PLACEHOLDER_JSON);
  const [before, after] = [body.slice(0, at), body.slice(at + PICTURE_PLACEHOLDER_JSON.length)];
  return typeof picture.base64 === "string"
    ? encode(before + picture.base64 + after)
    : picture.base64.between(encode(before), encode(after));
}

function toPictureUrl(picture: ChatPicture): string {
  return picture.kind === "url"
    ? picture.url
    : `data:${picture.mediaType};base64,${PICTURE_PLACEHOLDER}`;
}

function toResponseFormat(
  { responseSchema }: ChatRequest,
  structuredOutput: "json_schema" | "json_object" | "prompt",
): { response_format?: Record<string, unknown> } {
  if (responseSchema === undefined || structuredOutput === "prompt") return {};
  if (structuredOutput === "json_object") return { response_format: { type: "json_object" } };
  return {
    response_format: { type: "json_schema", json_schema: { ...responseSchema, strict: true } },
  };
}

const tokenCount = z.int().check(z.gte(0));

// What only stands beside an answer is absent where it is malformed: the answer is good, and billed.

const usageSchema = z.catch(
  z.nullish(z.object({ prompt_tokens: tokenCount, completion_tokens: tokenCount })),
  null,
);

const modelSchema = z.catch(z.nullish(z.string().check(z.regex(/^[\x21-\x7e]{1,200}$/))), null);

const finishReasonSchema = z.catch(z.nullish(z.string().check(z.minLength(1))), null);

const responseSchema = z.object({
  model: modelSchema,
  choices: z.array(z.object({
    finish_reason: finishReasonSchema,
    // A model that says nothing may send no content, or null.
    message: z.object({ content: z.optional(z.nullable(z.string())) }),
    logprobs: z.optional(z.unknown()),
  })).check(z.minLength(1)),
  usage: usageSchema,
});

/**
 * Parses the body of a 2xx answer.
 *
 * @param requestedModel Reported when the answer names none.
 * @throws {TogetherResponseError} when it isn't a chat completion with text in it, as a
 *   TogetherEmptyAnswerError when the text is all that is missing.
 */
export function parseCompletion(text: string, requestedModel: string): ChatCompletion {
  const response = responseSchema.safeParse(parseJson(text));
  if (!response.success) throw unexpected("chat completion", response.error);
  const { model, choices, usage } = response.data;
  const choice = choices[0]!;
  const content = choice.message.content ?? "";
  return toCompletion({
    text: content,
    model: model ?? requestedModel,
    isTruncated: choice.finish_reason === "length",
    usage: toUsage(usage),
    logprobs: parseLogprobs(choice.logprobs, content),
  });
}

/** One piece of a streamed answer. */
export interface ChatChunk {
  /** Empty in a chunk that brings something else. */
  text: string;
  model: string | null;
  /** null until the last piece of text has come. */
  finishReason: string | null;
  usage: Usage | null;
  logprobs: TokenLogprob[] | null;
  /** The provider reports a failure in the middle of the answer. */
  hasError: boolean;
}

const chunkSchema = z.object({
  error: z.optional(z.unknown()),
  model: modelSchema,
  choices: z.nullish(z.array(z.object({
    finish_reason: finishReasonSchema,
    delta: z.nullish(z.object({ content: z.nullish(z.string()) })),
    logprobs: z.optional(z.unknown()),
  }))),
  usage: usageSchema,
});

/**
 * Parses the data of one event of a streamed answer other than `[DONE]`.
 *
 * @throws {TogetherResponseError} when it isn't one.
 */
export function parseChunk(data: string): ChatChunk {
  const chunk = chunkSchema.safeParse(parseJson(data));
  if (!chunk.success) throw unexpected("chunk of a completion", chunk.error);
  const { error, model, choices, usage } = chunk.data;
  const choice = choices?.[0];
  const text = choice?.delta?.content ?? "";
  return {
    text,
    model: model ?? null,
    finishReason: choice?.finish_reason ?? null,
    usage: toUsage(usage),
    logprobs: parseLogprobs(choice?.logprobs, text),
    hasError: error !== undefined && error !== null,
  };
}

/** @throws {TogetherEmptyAnswerError} when there is no text in it. */
export function toCompletion(completion: ChatCompletion): ChatCompletion {
  if (completion.text.trim() === "") {
    throw new TogetherEmptyAnswerError();
  }
  return completion;
}

function toUsage(usage: z.infer<typeof usageSchema>): Usage | null {
  if (!usage) return null;
  return { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The SyntaxError is not kept as the cause: V8 quotes the body in its message.
    throw new TogetherResponseError("Together AI sent a body that is not JSON");
  }
}

function unexpected(wanted: string, error: z.core.$ZodError): TogetherResponseError {
  const paths = error.issues.map((issue) => issue.path.join(".") || "body").join(", ");
  return new TogetherResponseError(`Together AI sent no ${wanted}: wrong at "${paths}"`);
}

const errorCodeSchema = z.object({
  error: z.object({ code: z.string().check(z.regex(/^[a-z0-9_.-]{1,64}$/i)) }),
});

/** Together's `error.code` in the body of a non-2xx answer; undefined when there is none. */
export function parseErrorCode(text: string): string | undefined {
  try {
    return errorCodeSchema.safeParse(JSON.parse(text)).data?.error.code;
  } catch {
    return undefined;
  }
}
