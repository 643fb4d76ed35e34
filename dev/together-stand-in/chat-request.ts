import { z } from "zod";
import { TogetherError } from "./errors.ts";

const textBlock = z.looseObject({ type: z.literal("text"), text: z.string() });
const imageBlock = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.looseObject({ url: z.string().min(1) }),
});
const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([
    z.string(),
    z.array(z.discriminatedUnion("type", [textBlock, imageBlock])),
    z.null(),
  ]).optional(),
});
const chatBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  max_tokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  logprobs: z.int().min(0).max(20).nullish(),
  stream: z.literal(false, { error: "Streaming is not offered by this server" }).nullish(),
});

/** Parameters that Together refuses with 422 when they are out of range; the rest is malformed, 400. */
const REFUSED_PARAMETERS = new Set(["max_tokens", "temperature", "logprobs", "stream"]);

/** What the stand-in uses of a chat completion request. */
export interface ChatRequest {
  model: string;
  /** All text of all messages, joined. */
  text: string;
  /** `data:` URIs or http(s) URLs of all pictures, in order. */
  imageUrls: string[];
  /** Longest answer in tokens; null where the caller leaves it open. */
  maxTokens: number | null;
  /** How many alternatives per token to report; null for no log probabilities at all. */
  logprobs: number | null;
}

/**
 * Checks the decoded body of a chat completion request as Together does; unknown parameters pass.
 *
 * @throws {TogetherError} 400 for a malformed body, 422 for a refused parameter
 */
export function parseChatRequest(body: unknown): ChatRequest {
  const parsed = chatBody.safeParse(body);
  if (!parsed.success) throw toTogetherError(parsed.error);
  const { model, messages, max_tokens, logprobs } = parsed.data;
  const texts: string[] = [];
  const imageUrls: string[] = [];
  for (const { content } of messages) {
    if (typeof content === "string") texts.push(content);
    if (!Array.isArray(content)) continue;
    for (const block of content) {
      if (block.type === "text") texts.push(block.text);
      else imageUrls.push(block.image_url.url);
    }
  }
  return {
    model,
    text: texts.join("\n"),
    imageUrls,
    maxTokens: max_tokens ?? null,
    logprobs: logprobs ?? null,
  };
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
