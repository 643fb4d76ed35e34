/**
 * The wire of `POST /v1/chat/completions`, both ways.
 * https://docs.together.ai/reference/chat-completions
 */

import * as z from "zod/mini";
import { TogetherResponseError } from "./errors.ts";
import { findModel, type Usage } from "./models.ts";

/** A picture, either as bytes or as an address that Together fetches. */
export type VisionImage =
  | {
    kind: "bytes";
    /** e.g. `image/jpeg` */
    mediaType: string;
    /** Strict RFC 4648 base64. Not checked again: it is put into the body as it stands. */
    base64: string;
  }
  | { kind: "url"; url: string };

/** One question about one picture. */
export interface VisionRequest {
  systemPrompt: string;
  userPrompt: string;
  image: VisionImage;
  /** 0 to 2. */
  temperature: number;
  /** Upper bound of the answer's length in tokens. */
  maxTokens: number;
}

/** What the model said. */
export interface VisionCompletion {
  text: string;
  /** The model that answered, by its own account. */
  model: string;
  /** The answer was cut at `maxTokens`. */
  isTruncated: boolean;
  /** null when Together sent none. */
  usage: Usage | null;
}

/** Stands for the base64 while the rest of the body is serialised; occurs in no JSON text of ours. */
const IMAGE_PLACEHOLDER = "\u0000image\u0000";
const IMAGE_PLACEHOLDER_JSON = JSON.stringify(IMAGE_PLACEHOLDER).slice(1, -1);

/**
 * Serialises a request for one model. The base64 is inserted as it is: it is megabytes long and
 * needs no escaping, so it is not run through `JSON.stringify`.
 */
export function toRequestBody(request: VisionRequest, model: string): string {
  const { image } = request;
  const url = image.kind === "url"
    ? image.url
    : `data:${image.mediaType};base64,${IMAGE_PLACEHOLDER}`;
  const body = JSON.stringify({
    model,
    messages: [
      { role: "system", content: request.systemPrompt },
      // The text goes first: Together caches prompts by their common prefix.
      {
        role: "user",
        content: [
          { type: "text", text: request.userPrompt },
          { type: "image_url", image_url: { url } },
        ],
      },
    ],
    temperature: request.temperature,
    max_tokens: request.maxTokens,
    ...(findModel(model).isReasoning && { reasoning: { enabled: false } }),
  });
  if (image.kind === "url") return body;
  // The image is the last text of the body, so a prompt that contains the placeholder can't win.
  const at = body.lastIndexOf(IMAGE_PLACEHOLDER_JSON);
  return body.slice(0, at) + image.base64 + body.slice(at + IMAGE_PLACEHOLDER_JSON.length);
}

const tokenCount = z.int().check(z.gte(0));

const responseSchema = z.object({
  model: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(200)))),
  choices: z.array(z.object({
    finish_reason: z.optional(z.nullable(z.string())),
    message: z.object({ content: z.string() }),
  })).check(z.minLength(1)),
  usage: z.optional(z.nullable(z.object({
    prompt_tokens: tokenCount,
    completion_tokens: tokenCount,
  }))),
});

/**
 * Parses the body of a 2xx answer.
 *
 * @param requestedModel Reported when the answer names none.
 * @throws {TogetherResponseError} when it isn't a chat completion with text in it.
 */
export function parseCompletion(text: string, requestedModel: string): VisionCompletion {
  const response = responseSchema.safeParse(parseJson(text));
  if (!response.success) {
    const paths = response.error.issues.map((issue) => issue.path.join(".") || "body").join(", ");
    throw new TogetherResponseError(`Together AI sent no chat completion: wrong at "${paths}"`);
  }
  const { model, choices, usage } = response.data;
  const choice = choices[0]!;
  const answer = choice.message.content.trim();
  if (answer === "") throw new TogetherResponseError("Together AI sent an empty answer");
  return {
    text: answer,
    model: model ?? requestedModel,
    isTruncated: choice.finish_reason === "length",
    usage: usage
      ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens }
      : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The SyntaxError is not kept as the cause: V8 quotes the body in its message.
    throw new TogetherResponseError("Together AI sent a body that is not JSON");
  }
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
