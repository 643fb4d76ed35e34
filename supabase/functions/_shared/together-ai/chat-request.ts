/**
 * What is sent to `POST /v1/chat/completions`, and which of its parameters a model has refused lately.
 * https://docs.together.ai/reference/chat-completions
 */

import type { TogetherApiError } from "./errors.ts";
import type { Model } from "./models.ts";

/** A picture, either as bytes or as an address that the provider fetches. */
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

/** What a model is asked, usually about a picture. */
export interface ChatRequest {
  systemPrompt: string;
  userPrompt: string;
  picture: ChatPicture | null;
  /** 0 to 2. */
  temperature: number;
  /** Upper bound of the completion's length in tokens. */
  maxTokens: number;
  /**
   * The form of the completion. A model is held to it as far as it can be, so the prompts should ask
   * for it as well, and nothing is promised.
   */
  responseSchema?: { name: string; schema: Record<string, unknown> };
  /** Ask for the tokens' probabilities where the model has them. */
  wantsLogprobs?: boolean;
}

/** Parameters that a model can do without: each may be left out where a server refuses it. */
const OPTIONAL_PARAMETERS = [
  "response_format",
  "reasoning",
  "logprobs",
  "stream_options",
] as const;

/** A parameter that a model may refuse, and that is left out for it then. */
export type OptionalParameter = (typeof OPTIONAL_PARAMETERS)[number];

/** Stands for the base64 while the rest of the body is serialised; occurs in no JSON text of ours. */
const PICTURE_PLACEHOLDER = "\u0000picture\u0000";
const PICTURE_PLACEHOLDER_JSON = JSON.stringify(PICTURE_PLACEHOLDER).slice(1, -1);

/** What differs between attempts at the same request. */
export interface RequestBodyOptions {
  isStreamed?: boolean;
  /** Parameters that this model is known to refuse. */
  without?: ReadonlySet<OptionalParameter>;
}

/**
 * Serialises a request for one model. The base64 is inserted as it is: it is megabytes long and
 * needs no escaping, so it is not run through `JSON.stringify`. The bytes are for one attempt: they may
 * be changed by the next call for the same picture.
 *
 * @example
 * ```ts
 * const id = "Qwen/Qwen3.5-9B";
 * const body = toRequestBody(request, id, findModel(id), { isStreamed: true });
 * ```
 */
export function toRequestBody(
  request: ChatRequest,
  modelId: string,
  model: Model,
  options: RequestBodyOptions = {},
): Uint8Array<ArrayBuffer> {
  const { picture } = request;
  // Together caches prompts by their common prefix, so the text goes before the picture. Nothing
  // that a caller wrote comes after it, which is what makes the last placeholder the right one.
  const body = JSON.stringify({
    model: modelId,
    temperature: request.temperature,
    max_tokens: request.maxTokens,
    ...(options.isStreamed && { stream: true }),
    ...toOptionalParameters(request, model, options),
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

/** The names of the optional parameters that a request for this model has. */
export function listOptionalParameters(
  request: ChatRequest,
  model: Model,
  options: RequestBodyOptions = {},
): OptionalParameter[] {
  const isSent: Record<OptionalParameter, boolean> = {
    response_format: request.responseSchema !== undefined && model.structuredOutput !== "prompt",
    reasoning: model.reasoningSwitch !== "never",
    logprobs: (request.wantsLogprobs ?? false) && model.hasLogprobs,
    stream_options: options.isStreamed ?? false,
  };
  return OPTIONAL_PARAMETERS.filter((name) => isSent[name] && !options.without?.has(name));
}

function toOptionalParameters(
  request: ChatRequest,
  model: Model,
  options: RequestBodyOptions,
): Record<string, unknown> {
  const parameters: Record<OptionalParameter, () => Record<string, unknown>> = {
    response_format: () => ({ response_format: toResponseFormat(request, model) }),
    reasoning: () => REASONING_OFF[model.reasoningSwitch],
    logprobs: () => ({ logprobs: ALTERNATIVES }),
    stream_options: () => ({ stream_options: { include_usage: true } }),
  };
  const sent = listOptionalParameters(request, model, options).map((name) => parameters[name]());
  return Object.assign({}, ...sent);
}

/** Tokens told for each place: the five likeliest hold what a label could have been in nearly all cases. */
const ALTERNATIVES = 5;

/** The same wish, as each kind of server wants to hear it. */
const REASONING_OFF: Record<Model["reasoningSwitch"], Record<string, unknown>> = {
  enabled: { reasoning: { enabled: false } },
  effort: { reasoning_effort: "none" },
  template: { chat_template_kwargs: { enable_thinking: false } },
  never: {},
};

function toResponseFormat({ responseSchema }: ChatRequest, { structuredOutput }: Model) {
  if (structuredOutput === "json_object") return { type: "json_object" };
  return { type: "json_schema", json_schema: { ...responseSchema, strict: true } };
}

function toPictureUrl(picture: ChatPicture): string {
  return picture.kind === "url"
    ? picture.url
    : `data:${picture.mediaType};base64,${PICTURE_PLACEHOLDER}`;
}

/** What a server calls a parameter in its `error.param` or `error.code`. */
const PARAMETER_NAMES: Record<OptionalParameter, RegExp> = {
  response_format: /response_format|json_schema|json_object|structured|guided/,
  reasoning: /reasoning|thinking|chat_template/,
  logprobs: /logprob/,
  stream_options: /stream_options|include_usage/,
};

/** The optional parameters that a refusal names, by its `param` or its `code`, never by its message. */
export function namedParameters({ param = "", code = "" }: TogetherApiError): OptionalParameter[] {
  const text = `${param} ${code}`.toLowerCase();
  return OPTIONAL_PARAMETERS.filter((name) => PARAMETER_NAMES[name].test(text));
}

/** After this long a parameter is tried again: servers are upgraded. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** One caller's picture may be what a model refuses; two callers' are not. */
const CALLERS_TO_BELIEVE = 2;

/** Remembers which optional parameters a model refuses. Bounded by the chain and its parameters. */
export interface ParameterMemory {
  /** What to leave out for a model. */
  refusedBy(model: string): ReadonlySet<OptionalParameter>;
  /** The model has refused these by name. */
  refuse(model: string, parameters: readonly OptionalParameter[]): void;
  /** A request without these was answered that was refused with them: believed of two callers. */
  suspect(model: string, parameters: readonly OptionalParameter[], callerKey: string): void;
}

/** @param now Epoch milliseconds. */
export function createParameterMemory(now: () => number): ParameterMemory {
  const refused = new Map<string, Map<OptionalParameter, number>>();
  const suspicions = new Map<string, { callers: Set<string>; untilMs: number }>();

  function refuse(model: string, parameters: readonly OptionalParameter[]): void {
    const ofModel = refused.get(model) ?? new Map<OptionalParameter, number>();
    for (const name of parameters) ofModel.set(name, now() + FORGOTTEN_AFTER_MS);
    refused.set(model, ofModel);
  }

  return {
    refuse,

    refusedBy(model) {
      const valid = [...refused.get(model) ?? []].filter(([, untilMs]) => untilMs > now());
      return new Set(valid.map(([name]) => name));
    },

    suspect(model, parameters, callerKey) {
      const key = JSON.stringify([model, parameters]);
      const known = suspicions.get(key);
      const suspicion = known && known.untilMs > now()
        ? known
        : { callers: new Set<string>(), untilMs: now() + FORGOTTEN_AFTER_MS };
      suspicion.callers.add(callerKey);
      suspicions.set(key, suspicion);
      if (suspicion.callers.size < CALLERS_TO_BELIEVE) return;
      suspicions.delete(key);
      refuse(model, parameters);
    },
  };
}
