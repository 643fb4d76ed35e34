/** What answers may be compared with each other: those of one prompt, one form and one rule for their figure. */

import { createHash } from "node:crypto";
import type { ChatRequest } from "../../_shared/together-ai/chat-request.ts";
import { lazily } from "../../_shared/platform/lazily.ts";
import { MATERIAL_SCHEMA } from "./material-schema.ts";
import { MATERIAL_PROMPT, toSystemPrompt } from "./prompts.ts";

/** Changed with the rule that makes a raw figure of what a model said (figure/figure.ts). */
const FIGURE_RULE = 1;

/** Of the question and of the form of its answer; sixteen hex digits each. */
export interface Versions {
  promptVersion: string;
  schemaVersion: string;
}

/** Of all structured answers of this version of the code. */
export const versionsOfStructured: () => Versions = lazily(() => ({
  promptVersion: toPromptVersion({
    systemPrompt: toSystemPrompt({ isOwnPrompt: false }),
    userPrompt: MATERIAL_PROMPT,
    responseSchema: MATERIAL_SCHEMA,
  }),
  schemaVersion: toVersion([MATERIAL_SCHEMA, FIGURE_RULE]),
}));

/** A hash of what the model is told: sixteen hex digits. */
export function toPromptVersion(
  { systemPrompt, userPrompt, responseSchema }: Pick<
    ChatRequest,
    "systemPrompt" | "userPrompt" | "responseSchema"
  >,
): string {
  return toVersion([systemPrompt, userPrompt, responseSchema]);
}

function toVersion(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
