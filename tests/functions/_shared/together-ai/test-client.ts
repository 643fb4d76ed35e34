/** A client on a fake clock, with a provider that gives these answers one after another. */
import {
  createTogetherClient,
  type TogetherClientOptions,
} from "../../../../supabase/functions/_shared/together-ai/client.ts";
import type { ChatRequest } from "../../../../supabase/functions/_shared/together-ai/chat-request.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { type Answer, createFakeTogether } from "../../../support/fake-together.ts";

/** A question about a picture. */
export const REQUEST: ChatRequest = {
  systemPrompt: "You describe materials.",
  userPrompt: "What is this?",
  picture: { kind: "bytes", mediaType: "image/png", base64: "AAAA" },
  temperature: 0.1,
  maxTokens: 200,
};

/** A client of a chain of one model, unless others are named. */
export function createClient(
  answers: Answer[],
  models: [string, ...string[]] = ["a/first"],
  times: Pick<TogetherClientOptions, "attemptTimeoutMs" | "slowAttemptMs"> = {},
) {
  const clock = createFakeClock();
  const together = createFakeTogether(clock, ...answers);
  const options: TogetherClientOptions = {
    apiKey: "k",
    baseUrl: "https://api.together.example/v1",
    models,
    effects: { ...clock, fetch: together.fetch, random: () => 0 },
    ...times,
  };
  return { client: createTogetherClient(options), clock, together };
}
