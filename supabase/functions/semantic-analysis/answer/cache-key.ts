import { createHash } from "node:crypto";
import type { ModelCapabilities } from "../../_shared/together-ai/models.ts";
import type { Plan } from "../model/plan.ts";
import type { Picture } from "../request/picture.ts";
import type { AnalysisRequest } from "../request/request.ts";

/** Changed when what is stored under a key changes its form. */
const FORMAT = 2;

/** What an answer depends on beside the request and its plan. */
export interface CacheKeyOptions {
  /** Of the caller. */
  subject: string;
  /** `project`: every caller may be given the answer to the same bytes with this project's own prompts. */
  scope: "user" | "project";
  /** What they are asked for depends on what they can. */
  capabilities: ModelCapabilities;
  /** The provider's. */
  baseUrl: string;
}

/**
 * The key of an answer: SHA-256, as hex, over all that the answer depends on. That is the picture's
 * bytes whatever form they came in, the words and the form that the model is asked for, its options,
 * the chain of models, and the subject where the answer is its own alone.
 */
export function toCacheKey(
  request: AnalysisRequest,
  { models, chatRequest, isStructured, raisedMaxTokens }: Plan,
  { subject, scope, capabilities, baseUrl }: CacheKeyOptions,
): string {
  const { picture, prompt, analysisType } = request;
  // What a URL leads to may depend on the user it was signed for, and a caller's own prompt tells of its author.
  const isShared = scope === "project" && picture.kind === "bytes" && prompt === null;
  const { picture: _, ...asked } = chatRequest;
  return createHash("sha256").update(JSON.stringify([
    FORMAT,
    isShared ? null : subject,
    toPictureKey(picture),
    analysisType,
    asked,
    isStructured,
    raisedMaxTokens,
    baseUrl,
    models,
    capabilities,
  ])).digest("hex");
}

function toPictureKey(picture: Picture): unknown {
  switch (picture.kind) {
    case "bytes":
      return { sha256: picture.sha256 };
    case "url":
      return { url: picture.url };
    case "stored":
      return { stored: picture.identity };
  }
}
