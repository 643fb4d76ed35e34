import { z } from "zod";
import { TogetherError } from "./errors.ts";
import type { JsonSchema } from "../answer/json-schema.ts";
import type { LogprobsRequest } from "../answer/logprobs.ts";
import { responseFormat, toAnswerSchema } from "./response-format.ts";

const textBlock = z.looseObject({ type: z.literal("text"), text: z.string() });
const pictureBlock = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.looseObject({ url: z.string().min(1) }),
});
const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion("type", [textBlock, pictureBlock])),
    z.null(),
  ]).optional(),
});
const chatBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  max_tokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  logprobs: z.union([z.int().min(0).max(20), z.boolean()]).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: responseFormat.nullish(),
});

/** Parameters that Together refuses with 422 when they are out of range; the rest is malformed, 400. */
const REFUSED_PARAMETERS = new Set([
  "max_tokens",
  "temperature",
  "logprobs",
  "top_logprobs",
  "stream",
  "stream_options",
  "response_format",
]);

/** What the stand-in uses of a chat completion request. */
export interface ChatRequest {
  model: string;
  /** All text of all messages, joined. */
  text: string;
  /** The texts of what was said so far, oldest first, without instructions to the model. */
  turns: string[];
  /** `data:` URIs or http(s) URLs of all pictures, in order. */
  pictureUrls: string[];
  /** Longest answer in tokens; null where the caller leaves it open. */
  maxTokens: number | null;
  /** null: no log probabilities. */
  logprobs: LogprobsRequest | null;
  isStream: boolean;
  /** The usage of a stream is wanted in a chunk of its own. */
  isUsageApart: boolean;
  /** What the answer has to fit; null for prose. */
  schema: JsonSchema | null;
}

/**
 * Checks the decoded body of a chat completion request as Together does; unknown parameters pass.
 *
 * @throws {TogetherError} 400 for a malformed body, 422 for a refused parameter
 */
export function parseChatRequest(body: unknown): ChatRequest {
  const parsed = chatBody.safeParse(body);
  if (!parsed.success) throw toTogetherError(parsed.error);
  const { model, messages, max_tokens, stream, stream_options, response_format } = parsed.data;
  const texts: { role: string; text: string }[] = [];
  const pictureUrls: string[] = [];
  for (const { role, content } of messages) {
    if (typeof content === "string") texts.push({ role, text: content });
    if (!Array.isArray(content)) continue;
    for (const block of content) {
      if (block.type === "text") texts.push({ role, text: block.text });
      else pictureUrls.push(block.image_url.url);
    }
  }
  const text = texts.map((entry) => entry.text).join("\n");
  if (response_format?.type === "json_object" && !/json/i.test(text)) {
    throw new TogetherError(
      400,
      `The messages must contain the word "json" to use a response_format of type "json_object"`,
      { param: "messages" },
    );
  }
  return {
    model,
    text,
    turns: texts.filter(({ role }) => role === "user" || role === "assistant")
      .map((entry) => entry.text),
    pictureUrls,
    maxTokens: max_tokens ?? null,
    logprobs: toLogprobsRequest(parsed.data),
    isStream: stream ?? false,
    isUsageApart: stream_options?.include_usage ?? false,
    schema: toAnswerSchema(response_format ?? (asksForJson(text) ? { type: "json_object" } : null)),
  };
}

/** A model that isn't held to a form follows the words of its prompt, as far as they go. */
function asksForJson(text: string): boolean {
  return /\b(?:answer|reply|respond) with (?:one|a|a single) json object\b/i.test(text);
}

/** A number is Together's way to ask, `true` with `top_logprobs` beside it is OpenAI's. */
function toLogprobsRequest(
  { logprobs, top_logprobs, stream }: z.infer<typeof chatBody>,
): LogprobsRequest | null {
  if (typeof logprobs === "number") return { shape: stream ? "number" : "tokens", top: logprobs };
  return logprobs ? { shape: "content", top: top_logprobs ?? 0 } : null;
}

function toTogetherError(error: z.ZodError): TogetherError {
  const issue = error.issues[0];
  const param = issue?.path.join(".") ?? "";
  const isRefused = REFUSED_PARAMETERS.has(String(issue?.path[0] ?? ""));
  const where = param === "" ? "the body" : `"${param}"`;
  return new TogetherError(
    isRefused ? 422 : 400,
    `Input validation error at ${where}: ${issue?.message ?? "not valid"}`,
    { param: param === "" ? null : param },
  );
}
